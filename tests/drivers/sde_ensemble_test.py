# SPDX-License-Identifier: BSD-3-Clause
"""sde_ensemble as its user meets it: what it prints, what it leaves behind, how it fails."""
import os
import resource
import subprocess

import h5py
import pytest

from drivers import BIN, SOURCE, assert_same_bits, results, run

DECKS = sorted((SOURCE / "inputs" / "sde_ensemble").glob("*.toml"))
GOOD = '[model]\nname = "ornstein_uhlenbeck"\n[time]\nend = 1.0\nsteps = 10\n'
# Steps of 1/16 are too long for this well: some paths escape to infinity.
ESCAPING = """
[model]
name = "double_well"
sigma = 3.0
initial = { x = 5.6 }
[time]
end = 1.0
steps = 16
[ensemble]
paths = 5_000
"""


@pytest.mark.parametrize("deck", DECKS, ids=lambda path: path.stem)
def test_every_shipped_deck_is_right(deck, tmp_path):
    ended = run("sde_ensemble", "--check", deck, folder=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_the_reference_of_deck_keys_is_current():
    ended = run("sde_ensemble", "--reference")
    assert ended.returncode == 0
    assert (SOURCE / "inputs" / "REFERENCE.md").read_text(encoding="utf-8") == ended.stdout, (
        "write it again: build/release/bin/sde_ensemble --reference > inputs/REFERENCE.md"
    )


@pytest.mark.parametrize("option", ["--help", "--help-deck", "--list", "--version", "--reference"])
def test_questions_are_answered_without_starting_libraries(option):
    bare = {"PATH": "/usr/bin:/bin", "OMPI_MCA_btl": "none-such"}
    ended = subprocess.run(
        [BIN / "sde_ensemble", option], env=bare, text=True, capture_output=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.strip()
    if option in ("--help", "--help-deck"):
        assert max(map(len, ended.stdout.splitlines())) <= 100


def test_the_effective_deck_gives_the_same_results(tmp_path):
    deck = (SOURCE / "inputs" / "sde_ensemble" / "smoke.toml").read_text(encoding="utf-8")
    (tmp_path / "deck.toml").write_text(deck)
    effective = run("sde_ensemble", "--effective", "deck.toml", folder=tmp_path).stdout
    assert_same_bits(
        results("sde_ensemble", deck, tmp_path), results("sde_ensemble", effective, tmp_path)
    )


def test_the_smoke_deck_runs_and_leaves_only_its_results(tmp_path):
    deck = SOURCE / "inputs" / "sde_ensemble" / "smoke.toml"
    ended = run("sde_ensemble", deck, ranks=2, folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["smoke.h5"]


def test_too_many_escaped_paths_fail_the_run_and_keep_what_was_computed(tmp_path):
    (tmp_path / "deck.toml").write_text(ESCAPING)
    ended = run("sde_ensemble", "deck.toml", folder=tmp_path)
    assert ended.returncode == 1
    assert "of 5000 paths are not finite (the first is path " in ended.stderr
    assert "at step " in ended.stderr and ", t = " in ended.stderr
    assert not (tmp_path / "deck.h5").exists()
    with h5py.File(tmp_path / "deck.h5.failed") as file:
        assert 0 < file["run/finite_paths"][-1] < 5000


def test_tolerated_escaped_paths_are_left_out_and_counted(tmp_path):
    found = results("sde_ensemble", ESCAPING, tmp_path, "--set", "run.allow_nonfinite=0.9")
    assert 500 < found["run/finite_paths"][-1] < 5000
    assert abs(found["moments/mean"][-1, 0]) < 10


def test_an_existing_output_is_replaced_or_refused_as_asked(tmp_path):
    (tmp_path / "deck.toml").write_text(GOOD)
    (tmp_path / "deck.h5").write_text("old")
    refused = run("sde_ensemble", "deck.toml", "--set", "run.overwrite=false", folder=tmp_path)
    assert refused.returncode == 2
    assert (tmp_path / "deck.h5").read_text() == "old"
    assert run("sde_ensemble", "deck.toml", folder=tmp_path).returncode == 0
    with h5py.File(tmp_path / "deck.h5") as file:
        assert file.attrs["format_version"] == 1


@pytest.mark.parametrize("ranks", [None, 2])
def test_a_file_that_may_not_grow_leaves_nothing_and_keeps_the_old_one(ranks, tmp_path):
    (tmp_path / "deck.toml").write_text(GOOD)
    (tmp_path / "deck.h5").write_text("old")
    # The launcher's own files are below the limit, the results (17.6 MB) above it.
    command = [str(BIN / "sde_ensemble"), "deck.toml"]
    for override in ("ensemble.paths=200_000", "observe.save_paths=200_000", "observe.every=0.1"):
        command += ["--set", override]
    if ranks:
        command = [os.environ["DRIFTWOOD_MPIEXEC"], "-n", str(ranks), *command]
    limit = 12 * 2**20
    ended = subprocess.run(
        command,
        cwd=tmp_path,
        text=True,
        capture_output=True,
        timeout=60,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert ended.returncode == 1
    assert ended.stderr.count("error: ") == 1
    assert "File too large" in ended.stderr
    assert (tmp_path / "deck.h5").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deck.h5", "deck.toml"]


def peak_memory(paths, folder):
    """Peak resident memory of a run [KiB]."""
    (folder / "deck.toml").write_text(GOOD + f"[ensemble]\npaths = {paths}\n")
    process = subprocess.Popen([BIN / "sde_ensemble", "deck.toml", "--quiet"], cwd=folder)
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0
    return usage.ru_maxrss


def test_more_paths_need_no_more_memory(tmp_path):
    assert peak_memory(2**22, tmp_path) < peak_memory(2**17, tmp_path) + 10 * 1024

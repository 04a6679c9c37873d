# SPDX-License-Identifier: BSD-3-Clause
"""sde_ensemble as its user meets it: what it prints, what it leaves behind, how it fails."""
import json
import os
import re
import resource
import subprocess
import time

import h5py
import numpy as np
import pytest

from drivers import BIN, SOURCE, assert_reference_is_current, assert_same_bits, files_in, results, run

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
SCHEMES_FOR_STEEP_DRIFTS = [
    "theta_euler_maruyama",
    "split_step_backward_euler",
    "implicit_milstein",
    "tamed_euler_maruyama",
]
STEEP = (
    f"an implicit scheme where the drift is stiff ({', '.join(SCHEMES_FOR_STEEP_DRIFTS[:3])}), "
    f"a tamed one where it grows fast ({SCHEMES_FOR_STEEP_DRIFTS[3]})"
)


def test_finite_paths_of_no_use_are_warned_of(tmp_path):
    # Each step multiplies by 1 - 1e4 / 100: after 100 of them paths are near 1e199.
    deck = '[model]\nname = "stiff_linear"\n[time]\nend = 1.0\nsteps = 100\n'
    (tmp_path / "deck.toml").write_text(deck)
    ended = run("sde_ensemble", "deck.toml", "--output", "out.h5", folder=tmp_path)
    assert ended.returncode == 0
    said = ended.stdout + ended.stderr
    assert "the variance is beyond the range of numbers from t = 1 on" in said
    assert "split_step_backward_euler" in said


@pytest.mark.parametrize("deck", DECKS, ids=lambda path: path.stem)
def test_every_shipped_deck_is_right(deck, tmp_path):
    ended = run("sde_ensemble", "--check", deck, folder=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_the_reference_of_deck_keys_is_current():
    assert_reference_is_current("sde_ensemble", "inputs/REFERENCE.md")


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


@pytest.mark.parametrize("option", ["--check", "--effective"])
def test_decks_are_looked_at_without_starting_libraries(option, tmp_path):
    (tmp_path / "deck.toml").write_text(GOOD)
    bare = {"OMPI_MCA_btl": "none-such", "KOKKOS_NUM_THREADS": "none-such"}
    ended = subprocess.run(
        [BIN / "sde_ensemble", option, "deck.toml"],
        cwd=tmp_path, env=bare, text=True, capture_output=True, check=False
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith(
        "deck.toml: ok (writes deck.h5)\n" if option == "--check" else "format = 1\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["deck.toml"]


def test_the_effective_deck_gives_the_same_results(tmp_path):
    deck = (SOURCE / "inputs" / "sde_ensemble" / "smoke.toml").read_text(encoding="utf-8")
    (tmp_path / "deck.toml").write_text(deck)
    effective = run("sde_ensemble", "--effective", "deck.toml", folder=tmp_path).stdout
    (tmp_path / "effective.toml").write_text(effective)
    again = run("sde_ensemble", "--effective", "effective.toml", folder=tmp_path).stdout
    assert again == effective
    assert_same_bits(
        results("sde_ensemble", deck, tmp_path), results("sde_ensemble", effective, tmp_path)
    )


def test_the_smoke_deck_runs_and_leaves_only_its_results(tmp_path):
    deck = SOURCE / "inputs" / "sde_ensemble" / "smoke.toml"
    start = time.monotonic()
    ended = run("sde_ensemble", deck, ranks=2, folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert time.monotonic() - start < 10
    assert files_in(tmp_path) == ["smoke.h5"]


@pytest.mark.parametrize("ranks", [None, 3])
def test_too_many_escaped_paths_fail_the_run_and_keep_what_was_computed(ranks, tmp_path):
    (tmp_path / "deck.toml").write_text(
        ESCAPING + "[observe]\nevery = 0.0625\nsave_paths = 5_000\n"
    )
    ended = run("sde_ensemble", "deck.toml", ranks=ranks, folder=tmp_path)
    assert ended.returncode == 1
    assert files_in(tmp_path) == ["deck.h5.failed", "deck.toml"]
    with h5py.File(tmp_path / "deck.h5.failed") as file:
        escaped = ~np.isfinite(file["paths/value"][:, :, 0])
        times = file["time"][()]
        assert (file["run/finite_paths"][()] == 5000 - escaped.sum(axis=0)).all()
    path = escaped.any(axis=1).argmax()
    step = escaped[path].argmax()
    errors = [line for line in ended.stderr.splitlines() if "error: " in line]
    assert errors == [
        f"sde_ensemble: error: {escaped[:, -1].sum()} of 5000 paths are not finite (the first is "
        f"path {path}, at step {step}, t = {times[step]:.12g}); use smaller steps, {STEEP}, or "
        "accept some with 'run.allow_nonfinite'; what was computed is in deck.h5.failed"
    ]


STIFF = """
[model]
name = "stiff_linear"
rate = 1e4
[time]
end = 1.0
steps = 200
scheme = "{scheme}"
[ensemble]
paths = 5_000
"""


@pytest.mark.parametrize("scheme", ["euler_maruyama", "heun", "sra1", "ri1"])
def test_explicit_steps_of_a_stiff_drift_fail_and_name_the_schemes_that_do_not(scheme, tmp_path):
    (tmp_path / "deck.toml").write_text(STIFF.format(scheme=scheme))
    ended = run("sde_ensemble", "deck.toml", folder=tmp_path)
    assert ended.returncode == 1
    error = re.fullmatch(
        r"sde_ensemble: error: 5000 of 5000 paths are not finite \(the first is path 0, at step "
        r"(\d+), t = ([\d.]+)\); use smaller steps, (.*), or accept some with "
        r"'run.allow_nonfinite'; what was computed is in deck.h5.failed",
        next(line for line in ended.stderr.splitlines() if "error: " in line),
    )
    assert float(error[2]) == int(error[1]) / 200
    assert error[3] == STEEP


@pytest.mark.parametrize("scheme", SCHEMES_FOR_STEEP_DRIFTS)
def test_the_schemes_that_the_error_names_stay_finite(scheme, tmp_path):
    found = results("sde_ensemble", STIFF.format(scheme=scheme), tmp_path)
    assert found["run/finite_paths"][-1] == 5000


def test_no_scheme_is_named_where_the_solution_itself_overflows(tmp_path):
    deck = STIFF.format(scheme="exact").replace("stiff_linear", "geometric_brownian_motion")
    (tmp_path / "deck.toml").write_text(deck.replace("rate = 1e4", "drift = [1e4]"))
    ended = run("sde_ensemble", "deck.toml", folder=tmp_path)
    assert ended.returncode == 1
    assert "); use smaller steps, or accept some" in ended.stderr


def test_tolerated_escaped_paths_are_left_out_and_counted(tmp_path):
    deck = ESCAPING + "[run]\nallow_nonfinite = 0.9\n"
    found = results("sde_ensemble", deck, tmp_path)
    finite = int(found["run/finite_paths"][-1])
    assert 500 < finite < 5000
    assert abs(found["moments/mean"][-1, 0]) < 10
    ended = run("sde_ensemble", "deck.toml", folder=tmp_path)
    assert f"{5000 - finite} of 5000 paths are not finite" in ended.stderr
    assert "; statistics leave them out" in ended.stderr


def test_the_tolerated_fraction_is_a_limit_and_not_one_path_less(tmp_path):
    (tmp_path / "deck.toml").write_text(ESCAPING)
    ended = run("sde_ensemble", "deck.toml", folder=tmp_path)
    escaped = int(re.search(r"(\d+) of 5000 paths", ended.stderr)[1])
    for count, code in ((escaped, 0), (escaped - 1, 1)):
        allowed = ("--set", f"run.allow_nonfinite={count / 5000}")
        ended = run("sde_ensemble", "deck.toml", *allowed, folder=tmp_path)
        assert ended.returncode == code, ended.stderr


def test_a_payoff_that_overflows_flags_its_path(tmp_path):
    (tmp_path / "deck.toml").write_text(
        GOOD.replace("ornstein_uhlenbeck", "heston")
        + "[observe.payoffs.c]\nkind = 'call'\nstrike = 1.0\nweights = [1e307, 0.0]\n"
    )
    ended = run("sde_ensemble", "deck.toml", folder=tmp_path)
    assert ended.returncode == 1
    assert "(the first is path 0, at a result that overflows)" in ended.stderr


def make_folder(path):
    path.mkdir()


def make_pipe(path):
    os.mkfifo(path)


@pytest.mark.parametrize("ranks", [None, 2])
@pytest.mark.parametrize(
    ("make", "output", "why"),
    [
        (None, "no/x.h5", "there is no folder 'no'); create it first"),
        (None, "deck.toml/x.h5", "'deck.toml' is not a folder)"),
        (None, "deck.toml", "it is the deck); name another file"),
        (make_folder, "x.h5", "it is a folder); name a file in it"),
        (make_pipe, "x.h5", "it is a device, pipe or socket); name a file"),
    ],
)
def test_what_cannot_be_written_is_refused_before_any_work(make, output, why, ranks, tmp_path):
    (tmp_path / "deck.toml").write_text(GOOD)
    if make:
        make(tmp_path / "x.h5")
    before = sorted(tmp_path.iterdir())
    ended = run("sde_ensemble", "deck.toml", "--output", output, ranks=ranks, folder=tmp_path)
    assert ended.returncode == 2
    errors = [line for line in ended.stderr.splitlines() if "error: " in line]
    assert errors == [f"--output {output}: error: cannot write '{output}' ({why}"]
    assert sorted(tmp_path.iterdir()) == before


def test_a_folder_without_permission_is_refused(tmp_path):
    if os.geteuid() == 0:
        pytest.skip("the superuser may write everywhere")
    (tmp_path / "deck.toml").write_text(GOOD)
    (tmp_path / "closed").mkdir(mode=0o500)
    ended = run("sde_ensemble", "deck.toml", "--output", "closed/x.h5", folder=tmp_path)
    assert ended.returncode == 2
    assert "no permission to write in 'closed'" in ended.stderr


def test_a_folder_that_takes_no_files_is_refused(tmp_path):
    if not os.path.isdir("/proc/self"):
        pytest.skip("there is no /proc")
    (tmp_path / "deck.toml").write_text(GOOD)
    ended = run("sde_ensemble", "deck.toml", "--output", "/proc/x.h5", folder=tmp_path)
    assert ended.returncode == 2
    assert "cannot create '/proc/x.h5.lock'" in ended.stderr
    assert "; choose an output in a folder that takes new files\n" in ended.stderr


def test_memory_that_runs_out_ends_the_run_in_one_line(tmp_path):
    limit = 4 * 2**30

    def little_memory():
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    if run("sde_ensemble", "--version", before=little_memory).returncode != 0:
        pytest.skip("this build reserves more address space than it uses")
    (tmp_path / "deck.toml").write_text(GOOD)
    waves = ("--set", "ensemble.wave_blocks=1_000_000")
    ended = run("sde_ensemble", "deck.toml", *waves, folder=tmp_path, before=little_memory)
    assert ended.returncode == 1
    assert ended.stderr == (
        "sde_ensemble: error: out of memory (this run needs more than the machine or its limits "
        "have); ask for fewer results, or use more nodes\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["deck.toml"]


def test_ranks_beyond_the_cores_are_not_counted_as_cores(tmp_path):
    (tmp_path / "deck.toml").write_text(GOOD)
    ended = run("sde_ensemble", "deck.toml", ranks=4, folder=tmp_path)
    cores = int(re.search(r" on (\d+) cores?", ended.stdout)[1])
    assert min(4, os.cpu_count()) <= cores <= os.cpu_count()


def test_an_existing_output_is_replaced_or_refused_as_asked(tmp_path):
    (tmp_path / "deck.toml").write_text(GOOD)
    (tmp_path / "deck.h5").write_text("old")
    refused = run("sde_ensemble", "deck.toml", "--set", "run.overwrite=false", folder=tmp_path)
    assert refused.returncode == 2
    assert (tmp_path / "deck.h5").read_text() == "old"
    assert run("sde_ensemble", "deck.toml", folder=tmp_path).returncode == 0
    with h5py.File(tmp_path / "deck.h5") as file:
        assert file.attrs["format_version"] == 1


LARGE = (  # 17.6 MB of results; the launcher's own files are below the limits
    GOOD + "[ensemble]\npaths = 200_000\n[observe]\nevery = 0.1\nsave_paths = 200_000\n"
)


def assert_ended_without_a_trace(ended, folder, reason):
    assert ended.returncode == 1
    errors = [line for line in ended.stderr.splitlines() if "error: " in line]
    assert errors == [f"sde_ensemble: error: cannot write 'deck.h5' ({reason})"]
    assert (folder / "deck.h5").read_text() == "old"
    assert files_in(folder) == ["deck.h5", "deck.toml"]


@pytest.mark.parametrize("ranks", [None, 1, 2, 4])
def test_a_file_that_may_not_grow_leaves_nothing_and_keeps_the_old_one(ranks, tmp_path):
    (tmp_path / "deck.toml").write_text(LARGE)
    (tmp_path / "deck.h5").write_text("old")
    limit = 12 * 2**20
    ended = run(
        "sde_ensemble",
        "deck.toml",
        ranks=ranks,
        folder=tmp_path,
        limit=20,
        before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert_ended_without_a_trace(ended, tmp_path, "File too large")


@pytest.fixture(name="small_disk")
def fixture_small_disk(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", disk]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.strip()}")
    yield disk
    subprocess.run(["umount", disk], check=True)


@pytest.mark.parametrize("ranks", [None, 2, 3])
def test_a_full_disk_leaves_nothing_and_keeps_the_old_file(ranks, small_disk):
    (small_disk / "deck.toml").write_text(LARGE)
    (small_disk / "deck.h5").write_text("old")
    ended = run("sde_ensemble", "deck.toml", ranks=ranks, folder=small_disk, limit=20)
    assert_ended_without_a_trace(ended, small_disk, "No space left on device")


def test_the_status_file_of_a_long_run(tmp_path):
    (tmp_path / "deck.toml").write_text(GOOD)
    longer = ("--set", "time.steps=300_000", "--set", "ensemble.wave_blocks=1")
    process = subprocess.Popen(
        [BIN / "sde_ensemble", "deck.toml", *longer],
        cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )  # fmt: skip
    path = tmp_path / "deck.h5.status.json"
    try:
        deadline = time.monotonic() + 60
        while not path.exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        status = json.loads(path.read_text())
    finally:
        process.kill()
        process.wait()
    assert (status["program"], status["state"], status["unit"]) == (
        "sde_ensemble", "running", "paths"
    )  # fmt: skip
    assert (status["total"], status["ranks"], status["pid"]) == (100_000, 1, process.pid)
    assert status["output"] == "deck.h5"
    assert 0 < status["progress"] < 1
    assert not (tmp_path / "deck.h5").exists()
    # What the killed run left does not block the next one.
    assert run("sde_ensemble", "deck.toml", folder=tmp_path).returncode == 0


def peak_memory(paths, folder):
    """Peak resident memory of a run [KiB]."""
    (folder / "deck.toml").write_text(GOOD + f"[ensemble]\npaths = {paths}\n")
    process = subprocess.Popen([BIN / "sde_ensemble", "deck.toml", "--quiet"], cwd=folder)
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0
    return usage.ru_maxrss


def test_more_paths_need_no_more_memory(tmp_path):
    assert peak_memory(2**22, tmp_path) < peak_memory(2**17, tmp_path) + 10 * 1024

# SPDX-License-Identifier: BSD-3-Clause
"""How a run ends: launches of a driver that fails on command, on some ranks or on all.

Every ending must come in time, say why exactly once, leave the right exit code, and leave no file
that looks whole.
"""
import json
import os
import pathlib
import subprocess
import time

import pytest

DRIVER = os.environ["FAULT_DRIVER"]
MPIEXEC = os.environ["DRIFTWOOD_MPIEXEC"]
DEADLINE = 20  # seconds


@pytest.fixture(name="launch")
def fixture_launch(tmp_path):
    """Runs the driver on some ranks, with keys of its table [fault]."""

    def launch(size, /, *options, deck="[fault]\n", **fault):
        path = tmp_path / "deck.toml"
        if deck is not None:
            path.write_text(deck)
        command = [MPIEXEC, "-n", str(size), DRIVER, "deck.toml", *options]
        for key, value in fault.items():
            command += ["--set", f"fault.{key}={json.dumps(value)}"]
        start = time.monotonic()
        ended = subprocess.run(command, cwd=tmp_path, text=True, capture_output=True,
                               timeout=3 * DEADLINE, check=False)
        ended.seconds = time.monotonic() - start
        ended.folder = pathlib.Path(tmp_path)
        ended.messages = [line for line in ended.stderr.splitlines() if "error: " in line]
        return ended

    return launch


def assert_ended(ended, code, message):
    assert ended.returncode == code, ended.stderr
    assert len(ended.messages) == 1, ended.stderr
    assert message in ended.messages[0]
    assert ended.seconds < DEADLINE
    assert "results" not in ended.stdout
    assert not (ended.folder / "deck.h5").exists()


@pytest.mark.parametrize("ranks", [1, 2, 3, 4])
def test_a_run_that_works(launch, ranks):
    ended = launch(ranks)
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr == ""
    assert ended.stdout.startswith("results  deck.h5\ncost     10 items, 1.00 k item-steps in ")
    assert sorted(file.name for file in ended.folder.iterdir()) == ["deck.h5", "deck.toml"]


def test_a_quiet_run_that_works(launch):
    ended = launch(2, "--quiet")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


@pytest.mark.parametrize("ranks", [1, 2])
def test_a_run_that_stops_cleanly(launch, ranks):
    ended = launch(ranks, kind="stop")
    assert ended.returncode == 75
    assert ended.stdout.startswith("stopped  before the end; the same command with --resume")


@pytest.mark.parametrize("ranks", [1, 2, 3, 4])
@pytest.mark.parametrize("place", ["before", "file"])
def test_an_error_that_all_ranks_agree_on(launch, ranks, place):
    last = ranks - 1
    ended = launch(ranks, kind="usage", place=place, agreed=True, ranks=[last])
    assert_ended(ended, 2, f"fault_driver: error: rank {last} found no data")


def test_agreed_errors_of_other_kinds(launch):
    ended = launch(3, kind="bad_alloc", agreed=True, ranks=[1, 2])
    assert_ended(ended, 1, "fault_driver: error: out of memory")


@pytest.mark.parametrize("ranks", [1, 3])
def test_an_error_that_all_ranks_meet_by_themselves(launch, ranks):
    ended = launch(ranks, kind="usage", place="between")
    assert_ended(ended, 2, "fault_driver: error: rank 0 found no data")


@pytest.mark.parametrize(
    "ranks, failing, kind, place, message",
    [
        (2, [0], "error", "before", "rank 0: rank 0 broke"),
        (2, [1], "bad_alloc", "between", "rank 1: out of memory"),
        (3, [2], "number", "between", "rank 2: an exception of unknown type"),
        (3, [1], "usage", "file", "rank 1: rank 1 found no data"),
        (4, [3], "error", "between", "rank 3: rank 3 broke"),
        (4, [1, 2], "error", "between", "rank 1: rank 1 broke"),
    ],
)
def test_an_error_while_others_wait(launch, ranks, failing, kind, place, message):
    ended = launch(ranks, kind=kind, place=place, ranks=failing)
    assert_ended(ended, 1, f"fault_driver: error: {message}")


def test_an_error_after_the_last_collective_call(launch):
    ended = launch(3, kind="error", place="after", ranks=[1])
    assert ended.returncode == 1
    assert len(ended.messages) == 1
    assert "rank 1 broke" in ended.messages[0]
    assert ended.seconds < 5  # nobody is waited for


@pytest.mark.parametrize("ranks", [1, 3])
def test_errors_of_the_deck(launch, ranks):
    ended = launch(ranks, deck='[fault]\nknid = "none"\n')
    assert_ended(ended, 2, "deck.toml:2:1: error: ")
    ended = launch(ranks, deck='[fault]\nkind = "deck"\n')
    assert_ended(ended, 2, "deck.toml:2:8: error: a rule across keys is broken")
    (ended.folder / "deck.toml").unlink()
    ended = launch(ranks, deck=None)
    assert_ended(ended, 2, "deck.toml: error: ")


@pytest.mark.parametrize("ranks", [1, 3])
def test_errors_of_the_command_line(launch, ranks):
    assert_ended(launch(ranks, "--fats"), 2, "fault_driver: error: unknown option '--fats'")
    assert_ended(launch(ranks, "--output", "no/x.h5"), 2, "--output no/x.h5: error: ")
    assert_ended(launch(ranks, "--", "--kokkos-fats"), 2, "Kokkos does not know '--kokkos-fats'")


def test_an_existing_output_is_refused_before_any_work(launch, tmp_path):
    (tmp_path / "deck.h5").write_text("precious")
    ended = launch(2, deck="[run]\noverwrite = false\n", kind="error")
    assert ended.returncode == 2
    assert len(ended.messages) == 1
    assert (tmp_path / "deck.h5").read_text() == "precious"


def test_the_status_of_a_run_that_works(launch):
    ended = launch(2, seconds=2.5)
    assert ended.returncode == 0
    status = json.loads((ended.folder / "deck.h5.status.json").read_text())
    assert (status["state"], status["progress"], status["ranks"]) == ("done", 1, 2)
    assert status["message"] == ""


@pytest.mark.parametrize("failing", [[0], [1], [0, 1]])
def test_the_status_of_a_run_that_fails(launch, failing):
    ended = launch(2, seconds=2.5, kind="error", place="between", ranks=failing)
    assert_ended(ended, 1, f"rank {failing[0]} broke")
    status = json.loads((ended.folder / "deck.h5.status.json").read_text())
    assert status["state"] == "failed"
    assert f"rank {failing[0]} broke" in status["message"]

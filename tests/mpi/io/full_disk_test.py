# SPDX-License-Identifier: BSD-3-Clause
"""Claim: a full disk ends a run with one clear message, nothing half-written, and no hang."""

import os
import subprocess

import pytest

MEBI = 1 << 20


def write(path, ranks, *arguments):
    command = [os.environ["DRIFTWOOD_MPIEXEC"], "-n", str(ranks), os.environ["SAMPLE_WRITER"], path]
    return subprocess.run(
        [*command, *map(str, arguments)], timeout=60, capture_output=True, text=True
    )


def assert_failed_cleanly(done, path, reason):
    assert done.returncode == 1, done.stderr
    # mpirun adds lines of its own when ranks return an error.
    lines = [line for line in done.stderr.splitlines() if "rror" in line]
    assert lines == [f"error: cannot write '{path}' ({reason})"]
    assert "infinite loop" not in done.stderr
    assert "HDF5-DIAG" not in done.stderr


@pytest.mark.parametrize("ranks, limit", [(1, 500_000), (2, 0), (2, 500_000), (2, 10 * MEBI)])
def test_file_size_limit(tmp_path, ranks, limit):
    path = tmp_path / "result.h5"
    path.write_text("older")
    done = write(path, ranks, "--file-limit", limit, "--values", 2 * MEBI)
    assert_failed_cleanly(done, path, "File too large")
    assert path.read_text() == "older"
    assert [entry.name for entry in tmp_path.iterdir()] == ["result.h5"]


@pytest.fixture
def small_disk(tmp_path):
    mount = tmp_path / "disk"
    mount.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", mount], capture_output=True, text=True
    )
    if done.returncode != 0:
        pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip()}")
    yield mount
    subprocess.run(["umount", mount], check=True)


@pytest.mark.parametrize("ranks, values", [(1, 2 * MEBI), (2, 400_000), (2, 2 * MEBI)])
def test_full_disk(small_disk, ranks, values):
    path = small_disk / "result.h5"
    path.write_text("older")
    done = write(path, ranks, "--values", values)
    assert_failed_cleanly(done, path, "No space left on device")
    assert path.read_text() == "older"
    assert [entry.name for entry in small_disk.iterdir()] == ["result.h5"]


def test_enough_room_is_enough(small_disk):
    path = small_disk / "result.h5"
    done = write(path, 2, "--values", 1000)
    assert (done.returncode, done.stderr) == (0, "")
    assert path.stat().st_size < MEBI

# SPDX-License-Identifier: BSD-3-Clause
"""Runs the real drivers for the Python tests.

The environment is set by CMake (driftwood_pytest): DRIFTWOOD_BIN, DRIFTWOOD_SOURCE and
DRIFTWOOD_MPIEXEC.
"""
import os
import pathlib
import subprocess
import time

import h5py
import numpy as np

BIN = pathlib.Path(os.environ["DRIFTWOOD_BIN"])
SOURCE = pathlib.Path(os.environ["DRIFTWOOD_SOURCE"])
MPIEXEC = os.environ.get("DRIFTWOOD_MPIEXEC", "mpiexec")
TIME_LIMIT = 300  # seconds
STOPPED = 75  # the exit code of a run that can be continued

# What tells one run from another with the same results.
VOLATILE = {
    "ranks", "threads", "started", "finished", "wall_seconds", "energy", "command_line", "deck",
    "effective_deck", "path_steps_per_second", "statistics_seconds", "write_seconds", "backend",
    "kokkos", "host", "jobs", "checkpoints", "checkpoint_seconds", "restore_seconds", "memory",
    "gradients_per_second", "solve_seconds",
}  # fmt: skip


def run(
    driver, *arguments, ranks=None, folder=None, binaries=BIN, limit=TIME_LIMIT, before=None
):
    """Launches a driver, by the MPI launcher if `ranks` is given, for at most `limit` seconds.

    `before` is called in the new process first.
    """
    command = [] if ranks is None else [MPIEXEC, "-n", str(ranks)]
    command += [str(pathlib.Path(binaries) / driver), *map(str, arguments)]
    return subprocess.run(
        command,
        cwd=folder,
        text=True,
        capture_output=True,
        timeout=limit,
        check=False,
        preexec_fn=before,
    )


def results(driver, deck, folder, *options, ranks=None, output="out.h5", binaries=BIN):
    """Runs a deck (TOML text) that must succeed; its results as {dataset name: array}."""
    path = pathlib.Path(folder) / "deck.toml"
    path.write_text(deck, encoding="utf-8")
    arguments = [path, "--output", output, "--quiet", *options]
    ended = run(driver, *arguments, ranks=ranks, folder=folder, binaries=binaries)
    assert ended.returncode == 0, ended.stderr
    return read(pathlib.Path(folder) / output)


def assert_reference_is_current(driver, page):
    """The page of deck keys, named from the root of the sources, is what the driver prints."""
    ended = run(driver, "--reference")
    assert ended.returncode == 0
    assert (SOURCE / page).read_text(encoding="utf-8") == ended.stdout, (
        f"write it again: build/release/bin/{driver} --reference > {page}"
    )


def assert_listed(deck):
    """The deck, of inputs/DRIVER/, is in the list of decks."""
    listed = (SOURCE / "inputs" / "README.md").read_text(encoding="utf-8")
    assert f"({deck.parent.name}/{deck.name})" in listed


def in_jobs(driver, folder, ranks, most=100, limit=0.01):
    """Jobs of the run of deck.toml, each of which stops soon (limit [s]), on these numbers of ranks in
    turn.

    How many it took, and the results.
    """
    for jobs in range(1, most + 1):
        ended = run(driver, "deck.toml", "--output", "out.h5", "--resume", "--set",
                    f"run.time_limit={limit}", "--set", "run.checkpoint.margin=0",
                    ranks=ranks[(jobs - 1) % len(ranks)], folder=folder)  # fmt: skip
        if ended.returncode == 0:
            break
        assert ended.returncode == STOPPED, ended.stderr
        assert not (pathlib.Path(folder) / "out.h5").exists()
    return jobs, read(pathlib.Path(folder) / "out.h5")


def kill_at_first_checkpoint(driver, folder, *options):
    """Begins the run of deck.toml and kills it by surprise as soon as it has saved itself."""
    folder = pathlib.Path(folder)
    job = subprocess.Popen(
        [BIN / driver, "deck.toml", "--output", "out.h5", *options],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not (folder / "out.h5.ckpt.a").exists():
        assert job.poll() is None and time.monotonic() < deadline, "no checkpoint came in time"
        time.sleep(0.005)
    job.kill()
    job.wait()
    assert not (folder / "out.h5").exists()


def files_in(folder):
    """Names of what runs left there; without their status, which only those that take a second write."""
    names = sorted(path.name for path in pathlib.Path(folder).iterdir())
    return [name for name in names if not name.endswith(".status.json")]


def without_its_results(driver, folder, ranks):
    """The run of deck.toml ends when it cannot write its results, and is continued on ranks[1] ranks;
    what it then leaves, though there is no time for a single step: all were taken by ranks[0]."""
    folder = pathlib.Path(folder)
    (folder / "out.h5.partial").mkdir()
    command = (driver, "deck.toml", "--output", "out.h5", "--quiet")
    lost = run(*command, "--set", "run.checkpoint.every=0.01", ranks=ranks[0], folder=folder)
    assert lost.returncode == 1, lost.stderr
    (folder / "out.h5.partial").rmdir()
    ended = run(*command, "--resume", "--set", "run.time_limit=0.01", "--set",
                "run.checkpoint.margin=0", ranks=ranks[1], folder=folder)  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    return read(folder / "out.h5")


def simulate(
    folder, model, keys="", *, scheme, end=1.0, steps=1, paths=100_000, ensemble="", observe="",
    ranks=None,
):  # fmt: skip
    """Results of sde_ensemble, with further lines for the tables `model` (keys) and so on."""
    deck = f'''
[model]
name = "{model}"
{keys}
[time]
scheme = "{scheme}"
end = {end}
steps = {steps}
[ensemble]
paths = {paths}
{ensemble}
[observe]
{observe}
'''
    return results("sde_ensemble", deck, folder, ranks=ranks)


def read(path):
    """All datasets of a file as {name: array}."""
    found = {}
    with h5py.File(path, "r") as file:
        file.visititems(
            lambda name, item: found.update({name: item[()]})
            if isinstance(item, h5py.Dataset)
            else None
        )
    return found


def assert_same_bits(left, right):
    """Every dataset that is a result has the same name, shape and bits on both sides."""
    keep = [n for n in left if not (n.startswith("run/") and n.split("/")[1] in VOLATILE)]
    others = [n for n in right if not (n.startswith("run/") and n.split("/")[1] in VOLATILE)]
    assert sorted(keep) == sorted(others)
    assert len(keep) > 5
    for name in keep:
        a, b = np.asarray(left[name]), np.asarray(right[name])
        assert a.shape == b.shape and a.dtype == b.dtype, name
        assert a.tobytes() == b.tobytes(), f"{name} differs"

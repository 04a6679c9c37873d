#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""How sde_ensemble uses two cores, and what its statistics cost.

    benchmarks/scaling.py [--bin build/release/bin] [--rounds 5]

Two ranks on one ensemble are timed against two runs of one rank on half of it, started together: the
ratio of their rates is what communication and imbalance cost. All medians over rounds in which both
take turns. The driver's own timers tell the share of statistics and of writing.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

import h5py

DECK = """
[model]
name = "geometric_brownian_motion"
[time]
end = 1.0
steps = 500
[ensemble]
paths = {paths}
[observe]
every = 0.1
quantiles = [0.05, 0.25, 0.5, 0.75, 0.95]
histogram = {{ bins = 100 }}
payoffs.call = {{ kind = "call", strike = 100.0 }}
save_paths = 10
"""

ENVIRONMENT = {
    **os.environ,
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_hwloc_base_binding_policy": "none",
    "OMP_NUM_THREADS": "1",
}


def start(command, folder):
    return subprocess.Popen(command, cwd=folder, env=ENVIRONMENT)


def wall_seconds(path):
    """The run's own time, without the start of the processes."""
    with h5py.File(path) as file:
        return float(file["run/wall_seconds"][()])


def seconds_of_pair(driver, folder, name):
    """Of two runs of NAME.toml at once, on one rank each."""
    pair = [
        start([driver, f"{name}.toml", "--quiet", "--output", f"{name}{i}.h5"], folder) for i in (0, 1)
    ]
    if any(process.wait() for process in pair):
        raise SystemExit("a one-rank run failed")
    return [wall_seconds(folder / f"{name}{i}.h5") for i in (0, 1)]


def seconds_together(driver, folder, name):
    """Of NAME.toml on two ranks."""
    if start(["mpirun", "-n", "2", driver, f"{name}.toml", "--quiet"], folder).wait():
        raise SystemExit("the two-rank run failed")
    return wall_seconds(folder / f"{name}.h5")


def one_round(driver, folder, paths):
    (folder / "half.toml").write_text(DECK.format(paths=paths // 2))
    (folder / "whole.toml").write_text(DECK.format(paths=paths))
    apart = sum(paths / 2 / seconds for seconds in seconds_of_pair(driver, folder, "half"))
    return paths / seconds_together(driver, folder, "whole") / apart


def share_of_statistics(path):
    with h5py.File(path) as file:
        run = file["run"]
        wall = float(run["wall_seconds"][()])
        return (
            float(run["statistics_seconds"][()]) / wall,
            float(run["write_seconds"][()]) / wall,
            wall,
        )


def peak_memory(driver, folder, paths):
    """Peak resident memory of one process [MiB]; one step per path, moments only."""
    return peak_memory_of(
        driver,
        folder,
        f'[model]\nname = "geometric_brownian_motion"\n[time]\nend = 1.0\nsteps = 1\n'
        f"[ensemble]\npaths = {paths}\n",
    )


def peak_memory_of(driver, folder, deck):
    """Peak resident memory of one process that runs the deck [MiB]."""
    (folder / "memory.toml").write_text(deck)
    process = start([driver, "memory.toml", "--quiet"], folder)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit("the run for memory failed")
    return usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--bin", type=pathlib.Path, default="build/release/bin")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--paths", type=int, default=2**23)
    options = parser.parse_args()
    driver = str((options.bin / "sde_ensemble").resolve())
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        ratios = []
        for _ in range(options.rounds):
            began = time.monotonic()
            ratios.append(one_round(driver, folder, options.paths))
            print(f"round: ratio {ratios[-1]:.3f}  ({time.monotonic() - began:.0f} s)", flush=True)
        print(f"rate of 2 ranks / summed rate of two 1-rank runs: {statistics.median(ratios):.3f}")
        kept, written, wall = share_of_statistics(folder / "whole.h5")
        print(f"statistics {100 * kept:.2f} %, writing {100 * written:.3f} % of {wall:.1f} s")
        for power in (22, 26, 30):
            begun = time.monotonic()
            memory = peak_memory(driver, folder, 2**power)
            print(f"2^{power} paths: {memory:.0f} MiB peak, {time.monotonic() - begun:.1f} s")


if __name__ == "__main__":
    main()

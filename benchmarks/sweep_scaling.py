#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""How the task farm of natgrad_sweep uses two cores, on designs of very uneven cost.

    benchmarks/sweep_scaling.py [--bin build/release/bin] [--rounds 5]

Two ranks on all designs are timed against two runs of one rank on half of them, started together: the
ratio of their rates is what the farm and its end, where ranks wait for the last design, cost. Costs of
designs are as d^3, over a factor of a hundred. All medians over rounds in which both take turns.
"""
import argparse
import pathlib
import statistics
import tempfile

from scaling import start, wall_seconds

DECK = """
[problem]
spectrum = {{ kind = "geometric", ratio = 100 }}
gamma = [0.5, 1.2, 2, 4]
n = 200
noise = [0.5]
[estimator]
preconditioner = ["gd", "ngd", "pow:0.5", "fisher_estimate:1600"]
ridge = [0.0, 0.1]
time = ["inf", 3]
[ensemble]
replicas = {replicas}
"""


def one_round(driver, folder, replicas):
    """The rate of two ranks by the summed rate of two runs."""
    (folder / "half.toml").write_text(DECK.format(replicas=replicas // 2))
    (folder / "whole.toml").write_text(DECK.format(replicas=replicas))
    pair = [
        start([driver, "half.toml", "--quiet", "--output", f"half{i}.h5"], folder) for i in (0, 1)
    ]
    if any(process.wait() for process in pair):
        raise SystemExit("a one-rank run failed")
    if start(["mpirun", "-n", "2", driver, "whole.toml", "--quiet"], folder).wait():
        raise SystemExit("the two-rank run failed")
    apart = sum(replicas / 2 / wall_seconds(folder / f"half{i}.h5") for i in (0, 1))
    seconds = wall_seconds(folder / "whole.h5")
    return replicas / seconds / apart, seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--bin", type=pathlib.Path, default="build/release/bin")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--replicas", type=int, default=64)
    options = parser.parse_args()
    driver = str((options.bin / "natgrad_sweep").resolve())
    with tempfile.TemporaryDirectory() as name:
        ratios = []
        for _ in range(options.rounds):
            ratio, seconds = one_round(driver, pathlib.Path(name), options.replicas)
            ratios.append(ratio)
            print(f"round: ratio {ratio:.3f}, two ranks take {seconds:.1f} s", flush=True)
    print(
        "rate of 2 ranks / summed rate of two 1-rank runs:"
        f" {statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})"
    )


if __name__ == "__main__":
    main()

#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""How a search of pose_search uses two cores (A8).

    benchmarks/pose_scaling.py [--bin build/release/bin] [--rounds 7] [--outliers 0.93] [--points 500]

Two ranks on one search are timed against two runs of it on one rank each, started together: the ratio of
their rates, in boxes a second of the search alone, is what sharing it costs. The first pose is the best
one, found before the search by many samples, and the gap is 0: whoever branches, the tree is the same, which
is checked. All within rounds in which both take turns, medians over rounds; ranks keep their cores while
they wait (mpi_yield_when_idle 0). The load of the machine is printed with each round: what others take of
the two cores hits the two ranks, of which one waits for the other, more than two runs that do not.
"""
import argparse
import os
import pathlib
import statistics
import tempfile

import h5py

# Before the environment of all runs is taken.
os.environ["OMPI_MCA_mpi_yield_when_idle"] = "0"

# pylint: disable=wrong-import-position
from scaling import seconds_of_pair, seconds_together

DECK = """
[correspondences]
kind = "synthetic"
points = {points}
outliers = {outliers}
seed = {seed}
[search]
gap = {{ absolute = 0 }}
samples = 100000
"""


def effort(path):
    """Boxes, those that any search must branch, seconds without the first pose, imbalance and idle share."""
    with h5py.File(path) as file:
        search = {name: file["search"][name][0] for name in
                  ("nodes", "critical_nodes", "seconds", "seed_seconds", "imbalance", "idle")}  # fmt: skip
        if file["pose/upper_bound"][0] != file["pose/consensus"][0]:
            raise SystemExit("the search did not end")
    search["seconds"] -= search["seed_seconds"]
    return search


def one_round(driver, folder):
    """The rate of two ranks by the summed rate of two runs, and what the two ranks did."""
    seconds_of_pair(driver, folder, "search")
    apart = [effort(folder / f"search{i}.h5") for i in (0, 1)]
    seconds_together(driver, folder, "search")
    both = effort(folder / "search.h5")
    if len({(run["nodes"], run["critical_nodes"]) for run in (both, *apart)}) > 1:
        raise SystemExit("the trees differ: the first pose was not the best; choose another --seed")
    summed = sum(run["nodes"] / run["seconds"] for run in apart)
    return both["nodes"] / both["seconds"] / summed, both, summed


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--bin", type=pathlib.Path, default="build/release/bin")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--points", type=int, default=500)
    parser.add_argument("--outliers", type=float, default=0.93)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    driver = str((options.bin / "pose_search").resolve())
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "search.toml").write_text(
            DECK.format(points=options.points, outliers=options.outliers, seed=options.seed)
        )
        rounds = []
        for _ in range(options.rounds):
            ratio, both, summed = one_round(driver, folder)
            rounds.append((ratio, both))
            print(f"round: ratio {ratio:.3f} of {summed:.0f} boxes/s, imbalance {both['imbalance']:.3f},"
                  f" idle {both['idle']:.2%}, {both['nodes']} boxes in {both['seconds']:.1f} s,"
                  f" load {os.getloadavg()[0]:.1f}", flush=True)  # fmt: skip
    ratios = [ratio for ratio, _ in rounds]
    print(
        "rate of 2 ranks / summed rate of two 1-rank runs:"
        f" {statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})"
    )
    for what in ("imbalance", "idle"):
        values = [both[what] for _, both in rounds]
        print(f"{what}: {statistics.median(values):.4f} ({min(values):.4f} to {max(values):.4f})")


if __name__ == "__main__":
    main()

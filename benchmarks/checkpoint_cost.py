#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What checkpoints cost: time and size of one, and what that is of a run that writes them at the default
period; and the time that reading one takes.

    benchmarks/checkpoint_cost.py [--bin build/release/bin] [--ranks 2] [--repeat 5]

By the run's own timers, on a deck with statistics alone and on one whose exact quantiles take as much
memory as they may. Medians.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

import h5py

ROOT = pathlib.Path(__file__).resolve().parent.parent
PERIOD = 600  # the default, seconds
COMMON = """
[model]
name = "heston"
initial = { price = 100.0, variance = 0.0175 }
[time]
scheme = "euler_maruyama"
end = 1.0
steps = 400
[ensemble]
paths = %d
[observe]
every = 0.1
covariance = true
histogram = { bins = 120 }
payoffs = { call = { kind = "call", strike = 100.0 } }
"""
DECKS = {
    "statistics": COMMON % 2_000_000,
    "exact quantiles, 250 MiB": COMMON % 1_480_000 + "quantiles = [0.05, 0.5, 0.95]\n",
}
ENVIRONMENT = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "OMPI_MCA_hwloc_base_binding_policy": "none",
    "OMP_NUM_THREADS": "1",
}


def run(options, folder, *arguments):
    command = ["mpirun", "-n", str(options.ranks), str(options.bin.resolve() / "sde_ensemble"),
               "deck.toml", "--output", "out.h5", "--quiet", *arguments]  # fmt: skip
    return subprocess.run(command, cwd=folder, check=False, stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          env=os.environ | ENVIRONMENT).returncode  # fmt: skip


def record(folder, *names):
    with h5py.File(folder / "out.h5", "r") as file:
        return [file[f"run/{name}"][()] for name in names]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "build/release/bin")
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    for name, deck in DECKS.items():
        costs, sizes, restores = [], [], []
        with tempfile.TemporaryDirectory() as scratch:
            folder = pathlib.Path(scratch)
            (folder / "deck.toml").write_text(deck, encoding="utf-8")
            for _ in range(options.repeat):
                # Stopped late, when there is most to save, and continued.
                if run(options, folder) != 0:
                    sys.exit("the run failed")
                (wall,) = record(folder, "wall_seconds")
                (folder / "out.h5").unlink()
                limit = ["--set", f"run.time_limit={0.8 * wall}", "--set", "run.checkpoint.margin=0"]
                if run(options, folder, *limit) != 75:
                    continue
                sizes.append(next(folder.glob("out.h5.ckpt.?")).stat().st_size)
                if run(options, folder, "--resume", "--set", "run.checkpoint.every=0.2") != 0:
                    sys.exit("the run could not be continued")
                count, seconds, restore = record(folder, "checkpoints", "checkpoint_seconds",
                                                 "restore_seconds")  # fmt: skip
                if count > 0:
                    costs.append(seconds / count)
                restores.append(restore)
        cost = statistics.median(costs)
        print(f"{name}: {statistics.median(sizes) / 2**20:.1f} MiB, {cost:.3f} s each, "
              f"{100 * cost / PERIOD:.3f} % of a run at the default period; "
              f"read in {statistics.median(restores):.3f} s")  # fmt: skip


if __name__ == "__main__":
    main()

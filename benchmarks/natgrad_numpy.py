#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The traces of one design as a loop in numpy, on one core, beside natgrad_replicas.

    benchmarks/natgrad_numpy.py [--bin build/release/bin] [--rounds 5]
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import time

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np  # noqa: E402  threads are settled before


def design(rng, n, x):
    """Bias and variance of gradient descent on one design."""
    rows = rng.standard_normal((n, x.size)) * np.sqrt(x)
    a = np.linalg.solve(rows @ rows.T, rows).T
    left = np.eye(x.size) - a @ rows
    bias = np.einsum("ij,i,ij->", left, x, left) / x.size
    return bias, np.einsum("ij,i,ij->", a, x, a)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--bin", type=pathlib.Path, default="build/release/bin")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    ours = subprocess.run([options.bin / "natgrad_replicas", str(options.rounds)],
                          capture_output=True, text=True, check=True).stdout  # fmt: skip
    print(ours)
    own = {tuple(map(int, line.split()[:2])): float(line.split()[2])
           for line in ours.splitlines()[1:]}  # fmt: skip
    rng = np.random.default_rng(1)
    print("     n      d  numpy, ms per design   ratio")
    for n, d, designs in ((64, 128, 200), (256, 512, 10)):
        x = 100 ** (-(np.arange(d) + 0.5) / d)
        x /= x.mean()
        times = []
        for _ in range(options.rounds):
            begun = time.perf_counter()
            for _ in range(designs):
                design(rng, n, x)
            times.append((time.perf_counter() - begun) / designs * 1e3)
        taken = statistics.median(times)
        print(f"{n:6} {d:6} {taken:21.3f} {taken / own[n, d]:7.2f}")


if __name__ == "__main__":
    main()

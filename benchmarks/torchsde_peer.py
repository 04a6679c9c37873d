#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Euler-Maruyama on geometric Brownian motion: torchsde beside Driftwood, one core each, in turn.

    benchmarks/torchsde_peer.py [--bin build/release/bin] [--rounds 5]

Needs an environment with `torch` and `torchsde` (pip install torch torchsde); Driftwood needs neither.
"""
import argparse
import importlib.metadata
import pathlib
import re
import statistics
import subprocess
import time

import torch
import torchsde

PATHS, STEPS = 65536, 64


class GeometricBrownianMotion(torch.nn.Module):
    noise_type = "diagonal"
    sde_type = "ito"

    def f(self, _t, y):
        return 0.05 * y

    def g(self, _t, y):
        return 0.2 * y


def torchsde_ns(dtype):
    """Nanoseconds per path-step of one solve."""
    times = torch.tensor([0.0, 1.0], dtype=dtype)
    start = torch.ones(PATHS, 1, dtype=dtype)
    with torch.no_grad():
        began = time.perf_counter()
        torchsde.sdeint(GeometricBrownianMotion(), start, times, dt=1 / STEPS, method="euler")
        return (time.perf_counter() - began) * 1e9 / (PATHS * STEPS)


def driftwood_ns(binary):
    """The same of Driftwood's kernels, by precision."""
    text = subprocess.run([binary, "1"], check=True, text=True, capture_output=True).stdout
    found = re.findall(r"GBM, Euler-Maruyama, (double|single)\s+([0-9.]+)", text)
    return {precision: float(ns) for precision, ns in found}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--bin", type=pathlib.Path, default="build/release/bin")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(1)
    dtypes = {"double": torch.float64, "single": torch.float32}
    rounds = []
    for _ in range(options.rounds + 1):
        peer = {precision: torchsde_ns(dtype) for precision, dtype in dtypes.items()}
        rounds.append((peer, driftwood_ns(options.bin / "sde_speed")))
    rounds = rounds[1:]  # the first warms up
    print(f"torchsde {importlib.metadata.version('torchsde')}, torch {torch.__version__}")
    print(f"{'':10}{'torchsde [ns]':>15}{'Driftwood [ns]':>16}{'ratio':>8}")
    for p in dtypes:
        columns = ([a[p] for a, b in rounds], [b[p] for a, b in rounds])
        ratio = statistics.median(a / b for a, b in zip(*columns))
        theirs, ours = (statistics.median(column) for column in columns)
        print(f"{p:10}{theirs:15.2f}{ours:16.3f}{ratio:8.1f}")


if __name__ == "__main__":
    main()

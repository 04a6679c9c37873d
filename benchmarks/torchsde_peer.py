#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Euler-Maruyama on geometric Brownian motion: torchsde beside Driftwood, one core each, in turn.

    benchmarks/torchsde_peer.py [--bin build/release/bin] [--rounds 5]

Needs an environment with `torch` and `torchsde` (pip install torch torchsde); Driftwood needs neither.
"""
import argparse
import json
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


def torchsde_ns():
    """Nanoseconds per path-step of one solve."""
    times = torch.tensor([0.0, 1.0], dtype=torch.float64)
    start = torch.ones(PATHS, 1, dtype=torch.float64)
    with torch.no_grad():
        began = time.perf_counter()
        torchsde.sdeint(GeometricBrownianMotion(), start, times, dt=1 / STEPS, method="euler")
        return (time.perf_counter() - began) * 1e9 / (PATHS * STEPS)


def driftwood_ns(binary):
    text = subprocess.run([binary, "1"], check=True, text=True, capture_output=True).stdout
    return float(re.search(r"GBM, Euler-Maruyama, double\s+([0-9.]+)", text).group(1))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--bin", type=pathlib.Path, default="build/release/bin")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torchsde_ns()
    pairs = [
        (torchsde_ns(), driftwood_ns(options.bin / "sde_speed")) for _ in range(options.rounds)
    ]
    print(
        json.dumps(
            {
                "torchsde_ns_per_path_step": statistics.median(a for a, _ in pairs),
                "driftwood_ns_per_path_step": statistics.median(b for _, b in pairs),
                "ratio": statistics.median(a / b for a, b in pairs),
                "versions": {"torch": torch.__version__},
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()

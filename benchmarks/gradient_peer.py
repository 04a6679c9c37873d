#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Gradients by reversible Heun through equations of networks: torchsde beside Driftwood, one core
each, in turn.

    benchmarks/gradient_peer.py [--bin build/release/bin] [--rounds 5]

Needs an environment with `torch` and `torchsde` (pip install torch torchsde); Driftwood needs neither.
Times are those of the processor, as others may use the machine; ratios are taken within a round.
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

STEPS = 64
CASES = [(256, 8, 16), (1024, 8, 16), (1024, 16, 64), (4096, 32, 64)]
GOALS = [20, 20, 10, 7]


class Networks(torch.nn.Module):
    noise_type = "diagonal"
    sde_type = "stratonovich"

    def __init__(self, dim, width):
        super().__init__()
        self.drift, self.diffusion = (
            torch.nn.Sequential(
                torch.nn.Linear(dim, width), torch.nn.SiLU(),
                torch.nn.Linear(width, dim), torch.nn.Sigmoid())
            for _ in range(2))

    def f(self, _t, y):
        return self.drift(y)

    def g(self, _t, y):
        return self.diffusion(y)


def torchsde_ns(paths, dim, width):
    """Nanoseconds per path-step, forwards and back."""
    networks = Networks(dim, width)
    start = torch.full((paths, dim), 0.1, requires_grad=True)
    times = torch.tensor([0.0, 1.0])
    began = time.process_time()
    end = torchsde.sdeint_adjoint(networks, start, times, dt=1 / STEPS, method="reversible_heun",
                                  adjoint_method="adjoint_reversible_heun")[-1]
    end.sum().backward()
    return (time.process_time() - began) * 1e9 / (paths * STEPS)


def driftwood_ns(binary):
    """The same of Driftwood, for each case."""
    text = subprocess.run([binary, "1"], check=True, text=True, capture_output=True).stdout
    return [float(ns) for ns in re.findall(r"\)\s+([0-9.]+) ns per path-step", text)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--bin", type=pathlib.Path, default="build/release/bin")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(1)
    rounds = []
    for _ in range(options.rounds + 1):
        ours = driftwood_ns(options.bin / "gradient_speed")
        peer = [torchsde_ns(*case) for case in CASES]
        rounds.append(list(zip(peer, ours)))
    print(f"torchsde {importlib.metadata.version('torchsde')}, torch {torch.__version__}")
    for i, (case, goal) in enumerate(zip(CASES, GOALS)):
        pairs = [r[i] for r in rounds[1:]]  # the first is not counted
        ratios = [p / o for p, o in pairs]
        print(f"{case}: torchsde {statistics.median(p for p, _ in pairs):.0f}, "
              f"Driftwood {statistics.median(o for _, o in pairs):.0f} ns per path-step: "
              f"{statistics.median(ratios):.1f} times as fast "
              f"({min(ratios):.1f} to {max(ratios):.1f}; goal {goal})")


if __name__ == "__main__":
    main()

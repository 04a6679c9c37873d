#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What jumps cost: time per path-step with none, and with more and more per step.

Times are of sde_ensemble on one core, less that of a run of few paths, medians of rounds in which all
cases run in turn. A rate of 1e-9 stands for the kernels of steps of the paths' own, without a jump.

    benchmarks/jump_speed.py [--paths 262144] [--steps 256] [--rounds 5]
"""
import argparse
import pathlib
import subprocess
import tempfile

import h5py
import numpy as np

DECK = """
[model]
name = "geometric_brownian_motion"
{jumps}
[time]
scheme = "{scheme}"
end = 1.0
steps = {steps}
[ensemble]
paths = {paths}
"""
JUMPS = """
[jumps.crash]
rate = {rate}
marks = {{ z = {{ kind = "normal", mean = -0.01, sd = 0.02 }} }}
change = {{ price = "price*(exp(z) - 1)" }}
"""
RATES = [1e-9, 1.0, 10.0, 100.0]
SCHEMES = ["euler_maruyama", "milstein", "sriw1"]
FEW_PATHS = 64  # of a run that takes no longer than to start and to end


def timed(options, folder, scheme, rate, paths):
    jumps = "" if rate is None else JUMPS.format(rate=rate)
    text = DECK.format(jumps=jumps, scheme=scheme, steps=options.steps, paths=paths)
    (folder / "deck.toml").write_text(text, encoding="utf-8")
    command = [options.bin.resolve() / "sde_ensemble", "deck.toml", "--output", "out.h5", "--quiet"]
    subprocess.run(command, cwd=folder, check=True)
    with h5py.File(folder / "out.h5", "r") as file:
        return file["run/wall_seconds"][()]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", type=pathlib.Path, default="build/release/bin")
    parser.add_argument("--paths", type=int, default=262_144)
    parser.add_argument("--steps", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    cases = [(scheme, rate) for scheme in SCHEMES for rate in [None, *RATES]]
    seconds = {case: [] for case in cases}
    with tempfile.TemporaryDirectory() as name:
        for _ in range(options.rounds):
            for scheme, rate in cases:
                full, few = (
                    timed(options, pathlib.Path(name), scheme, rate, paths)
                    for paths in (options.paths, FEW_PATHS)
                )
                seconds[scheme, rate].append(full - few)
    print(f"{options.paths} paths of {options.steps} steps, medians of {options.rounds} rounds\n")
    print(f"{'scheme':16} {'jumps per path':>14} {'ns per path-step':>17} {'ratio':>6}")
    for scheme, rate in cases:
        ns = np.median(seconds[scheme, rate]) * 1e9 / options.paths / options.steps
        plain = np.median(seconds[scheme, None]) * 1e9 / options.paths / options.steps
        label = "none" if rate is None else f"{rate:g}"
        print(f"{scheme:16} {label:>14} {ns:17.1f} {ns / plain:6.1f}")


if __name__ == "__main__":
    main()

#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""How langevin_chains uses two cores, and what memory 10^6 chains take.

    benchmarks/chain_scaling.py [--bin build/release/bin] [--rounds 5]

Two ranks on all chains are timed against two runs of one rank on half of them, started together: the
ratio of their rates is what communication and imbalance cost, in a warm-up that adapts and after it.
It may be above 1: diagnostics keep a fixed number of draws, which two ranks judge together and each
run by itself. So both are also compared by the time of an ensemble of all chains on one rank, which
judges as many: two ranks should take half of that of two such runs at once. All medians over rounds in
which both take turns. Peak memory is of runs of one rank, with ten
coordinates for each chain; it must not grow with the steps, nor with chains by more than their states.
"""
import argparse
import pathlib
import statistics
import tempfile
import time

from scaling import peak_memory_of, seconds_of_pair, seconds_together

DECK = """
[target]
name = "gaussian"
dimension = 10
condition = 10
[sampler]
name = "{sampler}"
{step}
[chains]
count = {chains}
warmup = {warmup}
steps = {steps}
"""
STEP = {"ula": "step_size = 0.05", "mala": "", "hmc": ""}


def deck(sampler, chains, warmup, steps):
    return DECK.format(sampler=sampler, step=STEP[sampler], chains=chains, warmup=warmup, steps=steps)


def one_round(driver, folder, sampler, chains, warmup, steps):
    """The rate of two ranks by that of two runs, of half the chains each and of all."""
    (folder / "half.toml").write_text(deck(sampler, chains // 2, warmup, steps))
    (folder / "whole.toml").write_text(deck(sampler, chains, warmup, steps))
    apart = sum(chains / 2 / seconds for seconds in seconds_of_pair(driver, folder, "half"))
    at_once = sum(chains / seconds for seconds in seconds_of_pair(driver, folder, "whole"))
    together = chains / seconds_together(driver, folder, "whole")
    return together / apart, together / at_once


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--bin", type=pathlib.Path, default="build/release/bin")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--chains", type=int, default=2**16, help="of the runs that are timed")
    parser.add_argument("--steps", type=int, default=2000, help="of ula; of hmc a tenth")
    parser.add_argument("--samplers", nargs="+", choices=STEP, default=list(STEP))
    options = parser.parse_args()
    driver = str((options.bin / "langevin_chains").resolve())
    cases = {
        "ula": (0, options.steps),
        "mala": (options.steps // 2, options.steps // 2),
        "hmc": (options.steps // 20, options.steps // 20),
    }
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        print("rate of 2 ranks / summed rate of two 1-rank runs, of half the chains each, of all")
        cases = {sampler: cases[sampler] for sampler in options.samplers}
        ratios = {sampler: [] for sampler in cases}
        for _ in range(options.rounds):
            for sampler, (warmup, steps) in cases.items():
                found = one_round(driver, folder, sampler, options.chains, warmup, steps)
                ratios[sampler].append(found)
                print(f"  round, {sampler}: {found[0]:.3f}, {found[1]:.3f}", flush=True)
        for sampler, found in ratios.items():
            text = (f"{statistics.median(of):.3f} ({min(of):.3f} to {max(of):.3f})"
                    for of in zip(*found, strict=True))  # fmt: skip
            print(f"  {sampler:6}{', '.join(text)}")
        print("ula on one rank, 10 coordinates")
        for chains, steps in ((10_000, 100), (100_000, 100), (1_000_000, 100), (1_000_000, 1000)):
            begun = time.monotonic()
            memory = peak_memory_of(driver, folder, deck("ula", chains, 0, steps))
            print(f"  {chains:9} chains, {steps:5} steps: {memory:6.0f} MiB peak,"
                  f" {time.monotonic() - begun:.1f} s", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()

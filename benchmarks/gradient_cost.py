#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What derivatives by sde_gradient cost beside the mean alone, and how it uses two cores.

    benchmarks/gradient_cost.py [--bin build/release/bin] [--rounds 5]

All derivatives of Heston's call, by the model of the library and by the same equation written in the
deck, are timed against its price alone by sde_ensemble: the same paths, steps and scheme, one rank.
Then two ranks on all paths against two runs of one rank on half of them, started together: the ratio
of their rates is what communication and imbalance cost. Ratios within a round in which all take turns,
medians over rounds.
"""
import argparse
import pathlib
import statistics
import tempfile

from scaling import seconds_of_pair, seconds_together, start, wall_seconds

INPUTS = pathlib.Path(__file__).resolve().parent.parent / "inputs" / "sde_gradient"
DECKS = {"compiled": "heston_greeks", "in the deck": "expression_greeks"}
MODES = ("pathwise", "checkpointed")
PRICE = '[observe]\nformulas = { call = "exp(-0.03*t)*max(price - 100, 0)" }\n'


def seconds_of(driver, folder, deck, *options):
    """Of one run on one rank, without the start of its process."""
    command = [driver, str(deck), "--quiet", "--output", "one.h5", *options]
    if start(command, folder).wait():
        raise SystemExit(f"{driver} failed on {deck}")
    return wall_seconds(folder / "one.h5")


def cost_of(drivers, folder, name, paths):
    """The time of derivatives by that of the price, by each mode."""
    deck = INPUTS / f"{name}.toml"
    number = ("--set", f"ensemble.paths={paths}")
    price = folder / f"{name}_price.toml"
    price.write_text(deck.read_text(encoding="utf-8").split("[observe]")[0] + PRICE, encoding="utf-8")
    alone = seconds_of(drivers["sde_ensemble"], folder, price, *number)
    return [
        seconds_of(drivers["sde_gradient"], folder, deck, *number, "--set", f"gradient.mode={mode}")
        / alone
        for mode in MODES
    ]


def rate_of_two_ranks(driver, folder, paths):
    """By the summed rate of two runs."""
    text = (INPUTS / f"{DECKS['compiled']}.toml").read_text(encoding="utf-8")
    for name, count in (("half", paths // 2), ("whole", paths)):
        lines = [f"paths = {count}" if line.startswith("paths") else line for line in text.split("\n")]
        lines = [line for line in lines if not line.startswith("output")]
        (folder / f"{name}.toml").write_text("\n".join(lines), encoding="utf-8")
    apart = sum(paths / 2 / seconds for seconds in seconds_of_pair(driver, folder, "half"))
    return paths / seconds_together(driver, folder, "whole") / apart


def spread(values):
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--bin", type=pathlib.Path, default="build/release/bin")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--paths", type=int, default=2**20)
    options = parser.parse_args()
    drivers = {name: str((options.bin / name).resolve()) for name in ("sde_ensemble", "sde_gradient")}
    costs = {model: [] for model in DECKS}
    rates = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for _ in range(options.rounds):
            for model, deck in DECKS.items():
                costs[model].append(cost_of(drivers, folder, deck, options.paths))
            # Longer, as ranks wait for each other in the end.
            rates.append(rate_of_two_ranks(drivers["sde_gradient"], folder, 4 * options.paths))
    print("time of all derivatives of Heston's call / time of its price alone")
    for model, found in costs.items():
        modes = zip(MODES, zip(*found, strict=True), strict=True)
        print(f"  {model:12}", ", ".join(f"{mode} {spread(of)}" for mode, of in modes))
    print(f"rate of 2 ranks / summed rate of two 1-rank runs: {spread(rates)}")


if __name__ == "__main__":
    main()

#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes result files in the layout of `sde_ensemble`, simulated here in numpy.

The reader's and the plots' tests need real numbers in the documented layout without a built driver;
so does a person who changes a plot: `sample_results.py DIR` writes one file per model.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

SCRIPT = Path(__file__).resolve().parent.parent / "sde_ensemble.py"

Array = NDArray[Any]
Step = Callable[[Array, float, np.random.Generator], Array]

HESTON = """
[model]
name = "heston"
rate = 0.0
kappa = 1.5768
theta = 0.0398
sigma = 0.5751
rho = -0.5711
initial = { price = 100.0, variance = 0.0175 }
"""
HESTON_OBSERVE = '[observe]\nevery = 0.05\npayoffs = { call = { kind = "call", strike = 100.0 } }\n'
GBM = """
[model]
name = "geometric_brownian_motion"
drift = [0.05]
volatility = [0.2]
initial = [100.0]
"""
OU = """
[model]
name = "ornstein_uhlenbeck"
rate = 1.0
mean = 0.5
sigma = 0.5
initial = { x = 2.0 }
"""
DOUBLE_WELL = """
[model]
name = "double_well"
a = 1.0
b = 1.0
sigma = 0.6
initial = { x = 0.0 }
"""
BROWNIAN = """
[model]
name = "expression"
state = ["x"]
noise = ["w"]
initial = { x = 0.0 }
drift = { x = "0.5" }
diffusion = { x = { w = "1" } }
[events.barrier]
level = 1.0
"""
MULTILEVEL = """
[task]
kind = "multilevel"
accuracy = 0.1
[observe]
payoffs = { call = { kind = "call", strike = 100.0 } }
"""


def heston_step(x: Array, h: float, random: np.random.Generator) -> Array:
    """Full-truncation Euler for (price, variance), the price in logarithms; x is (paths, 2)."""
    z = random.standard_normal(x.shape)
    z_price = -0.5711 * z[:, 1] + np.sqrt(1 - 0.5711**2) * z[:, 0]
    v = np.maximum(x[:, 1], 0)
    price = x[:, 0] * np.exp(-0.5 * v * h + np.sqrt(v * h) * z_price)
    variance = x[:, 1] + 1.5768 * (0.0398 - v) * h + 0.5751 * np.sqrt(v * h) * z[:, 1]
    return np.stack([price, variance], axis=1)


def gbm_step(x: Array, h: float, random: np.random.Generator) -> Array:
    """Exact step of geometric Brownian motion."""
    z = random.standard_normal(x.shape)
    return x * np.exp((0.05 - 0.02) * h + 0.2 * np.sqrt(h) * z)


def ou_step(x: Array, h: float, random: np.random.Generator) -> Array:
    """Exact step of the Ornstein-Uhlenbeck process."""
    sd = np.sqrt(0.25 * -np.expm1(-2 * h) / 2)
    return 0.5 + (x - 0.5) * np.exp(-h) + sd * random.standard_normal(x.shape)


def double_well_step(x: Array, h: float, random: np.random.Generator) -> Array:
    """Euler-Maruyama step in the double well."""
    return x + (x - x**3) * h + 0.6 * np.sqrt(h) * random.standard_normal(x.shape)


def brownian_step(x: Array, h: float, random: np.random.Generator) -> Array:
    """Exact step of Brownian motion with drift."""
    return x + 0.5 * h + np.sqrt(h) * random.standard_normal(x.shape)


def simulate(step: Step, initial: list[float], end: float, times: int, paths: int) -> Array:
    """States (times, paths, C) at equal times from 0 to `end`, ten steps between each two."""
    random = np.random.default_rng(20240611)
    x = np.tile(np.asarray(initial), (paths, 1))
    states = [x]
    h = end / (times - 1) / 10
    for _ in range(times - 1):
        for _ in range(10):
            x = step(x, h, random)
        states.append(x)
    return np.stack(states)


def write_strings(file: h5py.File, name: str, values: list[str]) -> None:
    """A dataset of fixed-length, null-padded UTF-8 strings, as the driver writes."""
    size = max(len(value.encode()) for value in values)
    kind = h5py.string_dtype("utf-8", size)
    file.create_dataset(name, data=np.array([value.encode() for value in values], dtype=kind))


def write_statistics(file: h5py.File, states: Array) -> None:
    """/moments, /covariance and /quantiles of states (T, paths, C)."""
    paths = states.shape[1]
    mean, variance = states.mean(axis=1), states.var(axis=1, ddof=1)
    centred = states - mean[:, None]
    sd = np.sqrt(np.where(variance > 0, variance, 1))
    moments = {
        "mean": mean,
        "variance": variance,
        "standard_error": np.sqrt(variance / paths),
        "skewness": (centred**3).mean(axis=1) / sd**3,
        "kurtosis": (centred**4).mean(axis=1) / sd**4,
    }
    for name, value in moments.items():
        file[f"moments/{name}"] = value
    file["covariance/value"] = np.einsum("tpi,tpj->tij", centred, centred) / (paths - 1)
    probability = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
    file["quantiles/probability"] = probability
    file["quantiles/value"] = np.quantile(states, probability, axis=1).transpose(1, 0, 2)


def write_formula(file: h5py.File, name: str, values: Array) -> None:
    """/formulas/<name> of values (T, paths), with its running estimate at the last time."""
    paths = values.shape[1]
    variance = values.var(axis=1, ddof=1)
    file[f"formulas/{name}/mean"] = values.mean(axis=1)
    file[f"formulas/{name}/mean"].attrs["units"] = "currency"
    file[f"formulas/{name}/variance"] = variance
    file[f"formulas/{name}/standard_error"] = np.sqrt(variance / paths)
    blocks = 500 * 2 ** np.arange(int(np.log2(paths / 500)) + 1)
    count = np.append(blocks[blocks < paths], paths)
    last = values[-1]
    file[f"formulas/{name}/running/paths"] = count.astype(float)
    file[f"formulas/{name}/running/mean"] = np.array([last[:n].mean() for n in count])
    error = np.array([last[:n].std(ddof=1) / np.sqrt(n) for n in count])
    file[f"formulas/{name}/running/standard_error"] = error


def write_histograms(file: h5py.File, names: list[str], states: Array) -> None:
    """/histogram/<component> with edges at mean +- 5 standard deviations, per time."""
    for index, name in enumerate(names):
        rows = states[:, :, index]
        edges, count, below, above = [], [], [], []
        for row in rows:
            half = 5 * row.std() or 0.5
            edge = np.linspace(row.mean() - half, row.mean() + half, 101)
            edges.append(edge)
            count.append(np.histogram(row, edge)[0])
            below.append((row < edge[0]).sum())
            above.append((row > edge[-1]).sum())
        parts = {"edges": edges, "count": count, "below": below, "above": above}
        for part, value in parts.items():
            file[f"histogram/{name}/{part}"] = np.array(value)
        file[f"histogram/{name}/edges"].attrs["units"] = "currency" if name == "price" else "1"


def write_run(file: h5py.File, deck: str, paths: int) -> None:
    """/run: provenance, counts, cost and the deck."""
    texts = {
        "driver": "sde_ensemble",
        "deck": deck,
        "effective_deck": deck,
        "version": "0.1.0",
        "commit": "0123abc",
        "compiler": "GNU 12.2.0",
    }
    for name, value in texts.items():
        kind = h5py.string_dtype("utf-8", len(value.encode()))
        file.create_dataset(f"run/{name}", data=np.array(value.encode(), dtype=kind))
    numbers = {
        "ranks": (2, "1", "MPI ranks"),
        "dirty": (1, "1", "1 if the source had changes beyond the commit"),
        "seed": (7, "1", "seed of all noise"),
        "wall_seconds": (1.25, "s", "wall time"),
        "energy": (37.5, "J", "energy"),
        "paths": (float(paths), "1", "paths"),
        "path_steps_per_second": (2.5e8, "1/s", "path-steps per second"),
    }
    for name, (number, units, long_name) in numbers.items():
        file[f"run/{name}"] = number
        file[f"run/{name}"].attrs["units"] = units
        file[f"run/{name}"].attrs["long_name"] = long_name
    file["run/finite_paths"] = np.full(file["time"].shape, float(paths))
    file["run/energy"].attrs["method"] = "estimated from 6 W per busy core"


def write(path: Path, names: list[str], deck: str, states: Array, end: float) -> None:
    """One whole result file from states (T, paths, C) at equal times from 0 to `end`."""
    with h5py.File(path, "w") as file:
        file.attrs["format_version"] = 1
        file["time"] = np.linspace(0, end, states.shape[0])
        file["time"].attrs["units"] = "time"
        write_strings(file, "component", names)
        write_statistics(file, states)
        write_histograms(file, names, states)
        file["quantiles/value"].attrs["method"] = "exact"
        file["paths/id"] = np.arange(8)
        file["paths/value"] = states[:, :8].transpose(1, 0, 2)
        write_run(file, deck, states.shape[1])
        if '"call"' in deck:
            write_formula(file, "call", np.maximum(states[:, :, 0] - 100, 0))


def write_first_passage(file: h5py.File, event: str, times: Array, end: float) -> None:
    """/first_passage/<event> and its two formulas, of first passage times (paths)."""
    edges = np.linspace(0, end, 41)
    count = np.histogram(times, edges)[0]
    file[f"first_passage/{event}/time_edges"] = edges
    file[f"first_passage/{event}/count"] = count
    file[f"first_passage/{event}/never"] = times.size - count.sum()
    at = file["time"][:][:, None]
    write_formula(file, event, (times <= at).astype(float))
    write_formula(file, f"{event}_time", np.minimum(times, at))


def write_brownian(path: Path, paths: int) -> None:
    """Brownian motion with its first passages; their times are from their own law, not the paths'."""
    end = 4.0
    states = simulate(brownian_step, [0.0], end, 21, paths)
    times = np.random.default_rng(5).wald(1.0 / 0.5, 1.0, paths)
    write(path, ["x"], BROWNIAN, states, end)
    with h5py.File(path, "r+") as file:
        write_first_passage(file, "barrier", times, end)


def level_samples(level: int, count: int, random: np.random.Generator) -> Array:
    """Calls on geometric Brownian motion by Milstein steps: on 2^level steps, less those on half as
    many with the same noise, where there are any."""
    dw = random.standard_normal((2**level, count)) * 2 ** (-level / 2)

    def call(increments: Array) -> Array:
        h = 1 / len(increments)
        x = np.full(count, 100.0)
        for w in increments:
            x = x * (1 + 0.05 * h + 0.2 * w + 0.02 * (w * w - h))
        return np.maximum(x - 100, 0)

    return call(dw) - call(dw[::2] + dw[1::2]) if level > 0 else call(dw)


def write_multilevel(path: Path, levels: int = 6) -> None:
    """A file of a multilevel estimate: means at the end alone, and /multilevel."""
    random = np.random.default_rng(11)
    steps = 2 ** np.arange(levels)
    samples = 40_000 // steps + 100
    drawn = [level_samples(level, int(n), random) for level, n in enumerate(samples)]
    mean = np.array([values.mean() for values in drawn])
    variance = np.array([values.var(ddof=1) for values in drawn])
    with h5py.File(path, "w") as file:
        file.attrs["format_version"] = 1
        file["time"] = np.array([1.0])
        write_strings(file, "component", ["price"])
        file["moments/mean"] = np.array([[105.1]])
        file["moments/standard_error"] = np.array([[0.1]])
        file["formulas/call/mean"] = mean.sum(keepdims=True)
        file["formulas/call/standard_error"] = np.sqrt((variance / samples).sum(keepdims=True))
        parts = {"level": np.arange(levels), "steps": steps, "mean": mean, "variance": variance,
                 "cost": steps + steps // 2, "samples": samples}  # fmt: skip
        for part, value in parts.items():
            file[f"multilevel/{part}"] = value
        file["multilevel/mean"].attrs["quantity"] = "call"
        file["multilevel/bias"] = abs(mean[-1])
        write_run(file, GBM + MULTILEVEL, int(samples.sum()))
        del file["run/finite_paths"]


def write_all(folder: Path, paths: int = 20_000) -> None:
    """heston, gbm, ou, double_well, brownian and multilevel (.h5) in `folder`."""
    times = 21
    heston = simulate(heston_step, [100.0, 0.0175], 1.0, times, paths)
    write(folder / "heston.h5", ["price", "variance"], HESTON + HESTON_OBSERVE, heston, 1.0)
    write(folder / "gbm.h5", ["price"], GBM, simulate(gbm_step, [100.0], 2.0, times, paths), 2.0)
    write(folder / "ou.h5", ["x"], OU, simulate(ou_step, [2.0], 4.0, times, paths), 4.0)
    well = simulate(double_well_step, [0.0], 10.0, times, paths)
    write(folder / "double_well.h5", ["x"], DOUBLE_WELL, well, 10.0)
    write_brownian(folder / "brownian.h5", paths)
    write_multilevel(folder / "multilevel.h5")


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) == 2 else None
    if target is None or not target.is_dir():
        sys.exit("usage: sample_results.py DIR (an existing folder)")
    write_all(target)

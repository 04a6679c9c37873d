# SPDX-License-Identifier: BSD-3-Clause
"""Writes result files in the layout of `langevin_chains`, of chains simulated here in numpy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from driftwood_post.chain_statistics import autocorrelation_time
from sample_results import write_strings

SCRIPT = Path(__file__).resolve().parent.parent / "langevin_chains.py"

Array = NDArray[Any]

DECK = """format = 1
[target]
name = "gaussian"
mean = [1.0, -2.0, 0.5]
[sampler]
name = "{sampler}"
step_size = {step}
[chains]
count = 16
steps = 400
draws = {{ thin = 2, chains = 16 }}
"""


def chains(
    means: list[float], *, chains: int = 16, draws: int = 400, rho: float = 0.5, seed: int = 1
) -> Array:
    """Stationary autoregressive chains (C, D, N) with these means and standard deviation 1."""
    random = np.random.default_rng(seed)
    x = random.standard_normal((chains, len(means)))
    out = np.empty((chains, draws, len(means)))
    for n in range(draws):
        x = rho * x + np.sqrt(1 - rho**2) * random.standard_normal(x.shape)
        out[:, n] = x
    return out + np.array(means)


def write(
    path: Path,
    draws: Array,
    *,
    sampler: str = "mala",
    step: float = 0.5,
    gradients: int = 600,
    stored: bool = True,
    rhat: list[float] | None = None,
    divergences: int = 0,
    lost: int = 0,
    stuck: int = 0,
) -> Path:
    """A file of a scalar `a` and a vector `b` of what else there is in the draws (C, D, N)."""
    count, steps, numbers = draws.shape
    names = ["a", *(f"b[{i}]" for i in range(numbers - 1))]
    flat = draws.reshape(-1, numbers)
    ess = np.array([flat.shape[0] / autocorrelation_time(draws[:, :, i]) for i in range(numbers)])
    summary = {
        "mean": flat.mean(axis=0),
        "sd": flat.std(axis=0, ddof=1),
        "mcse": flat.std(axis=0, ddof=1) / np.sqrt(ess),
        "q5": np.quantile(flat, 0.05, axis=0),
        "median": np.median(flat, axis=0),
        "q95": np.quantile(flat, 0.95, axis=0),
        "rhat": np.array(rhat or [1.001] * numbers),
        "ess_bulk": ess,
        "ess_tail": 0.9 * ess,
    }
    sampling = {
        "step_size": step,
        "acceptance": 0.6,
        "divergences": divergences,
        "stuck_chains": stuck,
        "judged_chains": count,
        "judged_draws": steps,
        "scale": np.ones(numbers),
    }
    with h5py.File(path, "w") as file:
        file.attrs["format_version"] = 1
        write_strings(file, "summary/name", names)
        for name, value in summary.items():
            file[f"summary/{name}"] = value
        for name, value in sampling.items():
            file[f"sampler/{name}"] = value
        if stored:
            write_draws(file, draws)
        write_run(file, DECK.format(sampler=sampler, step=step), count, steps, gradients, lost)
    return path


def write_draws(file: h5py.File, draws: Array) -> None:
    """/posterior and /sample_stats, with their dimensions."""
    for group in ("posterior", "sample_stats"):
        for axis, name in enumerate(("chain", "draw")):
            file[f"{group}/{name}"] = np.arange(draws.shape[axis])
            file[f"{group}/{name}"].make_scale(name)
    file["posterior/a"] = draws[:, :, 0]
    file["posterior/b"] = draws[:, :, 1:]
    file["posterior/b_dim_0"] = np.arange(draws.shape[2] - 1)
    file["posterior/b_dim_0"].make_scale("b_dim_0")
    file["sample_stats/lp"] = -0.5 * (draws**2).sum(axis=2)
    file["sample_stats/acceptance_rate"] = np.full(draws.shape[:2], 0.6)
    for group, names in (("posterior", ("a", "b")), ("sample_stats", ("lp", "acceptance_rate"))):
        for name in names:
            for axis, scale in enumerate(("chain", "draw", "b_dim_0")[: file[group][name].ndim]):
                file[group][name].dims[axis].attach_scale(file[group][scale])


def write_run(
    file: h5py.File, deck: str, chains: int, steps: int, gradients: int, lost: int
) -> None:
    """/run: origin, counts and the deck; `gradients` are those of each chain."""
    texts = {"driver": "langevin_chains", "version": "0.1.0", "deck": deck, "effective_deck": deck}
    for name, value in texts.items():
        kind = h5py.string_dtype("utf-8", len(value.encode()))
        file.create_dataset(f"run/{name}", data=np.array(value.encode(), dtype=kind))
    numbers = {"chains": chains, "warmup_steps": 200, "steps": steps, "lost_chains": lost,
               "gradients": gradients * chains, "wall_seconds": 1.5, "seed": 1}  # fmt: skip
    for name, number in numbers.items():
        file[f"run/{name}"] = number


def write_bias(path: Path, exact: list[float], sd: float = 1.0) -> None:
    """/bias of a file, as if steps of size 0 gave `exact`."""
    with h5py.File(path, "r+") as file:
        mean = file["summary/mean"][()]
        known = np.array(exact)
        for kind, found, extrapolated in (
            ("mean", mean, known),
            ("second_moment", mean**2 + file["summary/sd"][()] ** 2, known**2 + sd**2),
        ):
            file[f"bias/{kind}/estimate"] = found - extrapolated
            file[f"bias/{kind}/standard_error"] = np.full(mean.shape, 1e-3)
            file[f"bias/{kind}/extrapolated"] = extrapolated

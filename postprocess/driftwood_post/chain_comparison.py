# SPDX-License-Identifier: BSD-3-Clause
"""Errors of several runs of langevin_chains on one target, against their steps and their cost.

Shapes: F files, N numbers that are drawn.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from driftwood_post import style
from driftwood_post.arrays import Array
from driftwood_post.chain_reference import ChainReference, Known, from_results
from driftwood_post.chain_statistics import finite_chains, standard_error
from driftwood_post.chains import ChainResults, shortened
from driftwood_post.drawing import Drawing
from driftwood_post.read import ReadError

CLEAR = 3  # standard errors; a smaller error is mostly noise

MOST_TICKS = 6  # one for each step size

KINDS = {"mean": "error of the mean [sd]", "second_moment": "error of the second moment [variance]"}


@dataclasses.dataclass(frozen=True)
class Errors:
    """Of one kind of mean, one for each file (F): root mean square over the parameters, and its
    standard error."""

    error: Array
    standard_error: Array

    @property
    def clear(self) -> Array:
        """Which stand out of their noise (F)."""
        return self.error > CLEAR * self.standard_error


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Runs on one target. `reference` is what they are compared with, and `errors` by `KINDS`."""

    runs: Sequence[ChainResults]
    names: Sequence[str]
    reference: ChainReference
    errors: dict[str, Errors]

    @property
    def samplers(self) -> list[str]:
        """Their names, each once, in the order of the files."""
        return list(dict.fromkeys(run.sampler for run in self.runs))

    def of(self, sampler: str) -> list[int]:
        """Which runs are of a sampler, by step size."""
        places = [i for i, run in enumerate(self.runs) if run.sampler == sampler]
        return sorted(places, key=lambda i: self.runs[i].sampling.step_size)


def compare(
    runs: Sequence[ChainResults],
    reference: ChainReference | None,
    names: Sequence[str] | None = None,
) -> Comparison:
    """Of all parameters that the reference knows, or of those named. Without a reference it is what
    the run with the smallest steps extrapolates to steps of size 0, else what that run found.

    Raises ReadError where the runs are not of one target, or nothing is left to compare.
    """
    for run in runs[1:]:
        if run.names != runs[0].names:
            raise ReadError(
                f"{run.path}: has other parameters than {runs[0].path}"
                f" ({shortened(run.names)}; {shortened(runs[0].names)}); compare runs on one target"
            )
    if reference is None:
        finest = min(runs, key=lambda run: run.sampling.step_size)
        reference = _of_finest(finest)
        if not finest.bias:
            runs = [run for run in runs if run is not finest]
    chosen = [n for n in (names or runs[0].names) if _has_spread(reference, n)]
    if not chosen:
        raise ReadError(
            f"{reference.source}: knows mean and sd of none of the parameters"
            f" ({shortened(names or runs[0].names)})"
        )
    errors = {kind: _errors(runs, chosen, reference, kind) for kind in KINDS}
    return Comparison(runs, chosen, reference, errors)


def _has_spread(reference: ChainReference, name: str) -> bool:
    return name in reference.known and reference.known[name].sd > 0


def _of_finest(run: ChainResults) -> ChainReference:
    if "mean" not in run.bias:
        found = from_results(run)
        return ChainReference(f"{found.source}, which has the smallest steps", found.known)
    mean = run.bias["mean"]
    known = {}
    for i, name in enumerate(run.names):
        variance = run.summary.sd[i] ** 2
        if "second_moment" in run.bias:
            second = run.bias["second_moment"].extrapolated[i]
            variance = second - mean.extrapolated[i] ** 2
        sd = math.sqrt(variance) if variance > 0 else math.nan
        # The extrapolated mean has the noise of the mean and of its bias.
        noise = math.hypot(run.summary.mcse[i], mean.standard_error[i])
        known[name] = Known(float(mean.extrapolated[i]), sd, noise)
    return ChainReference(f"{run.path.name}, extrapolated to steps of size 0", known)


def _errors(
    runs: Sequence[ChainResults], names: Sequence[str], reference: ChainReference, kind: str
) -> Errors:
    pairs = [[_error(run, name, reference.known[name], kind) for name in names] for run in runs]
    error, noise = np.moveaxis(np.array(pairs, dtype=float).reshape(len(runs), len(names), 2), 2, 0)
    return root_mean_square(error, noise)


def root_mean_square(error: Array, noise: Array) -> Errors:
    """Over the parameters, of errors (F, N) with these standard errors."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        root = np.sqrt(np.mean(error**2, axis=1))
        # As if the errors of all parameters went up and down together, which is the worst case.
        spread = np.mean(np.abs(error) * noise, axis=1) / root
        return Errors(root, np.where(root > 0, spread, np.sqrt(np.mean(noise**2, axis=1))))


def _error(run: ChainResults, name: str, known: Known, kind: str) -> tuple[float, float]:
    """The error of one parameter and its standard error: of the mean in standard deviations, of the
    second moment about the known mean in variances."""
    i = run.names.index(name)
    s = run.summary
    shift = float(s.mean[i]) - known.mean
    if kind == "mean":
        return shift / known.sd, math.hypot(float(s.mcse[i]), known.mcse) / known.sd
    moment = float(s.sd[i]) ** 2 + shift**2
    noise = _second_moment_noise(run, name, known.mean)
    return moment / known.sd**2 - 1, noise / known.sd**2


def _second_moment_noise(run: ChainResults, name: str, centre: float) -> float:
    """Its standard error: from the stored chains, as all chains together know as much more as they
    are; else as if the draws were normal."""
    if run.draws is not None:
        draws = finite_chains(run.draws.of(name))
        noise = standard_error((draws - centre) ** 2) if draws.shape[1:] >= (4,) and draws.size else 0
        if noise > 0:
            return noise * math.sqrt(len(draws) / max(run.chains, len(draws)))
    i = run.names.index(name)
    ess = min(float(run.summary.ess_bulk[i]), float(run.summary.ess_tail[i]))
    return float(run.summary.sd[i]) ** 2 * math.sqrt(2 / ess) if ess > 0 else math.nan


def slope(x: Array, y: Array, used: Array) -> float | None:
    """Of log y against log x by least squares over those used; None where they are fewer than two."""
    used = used & (x > 0) & (y > 0)
    if used.sum() < 2 or np.ptp(np.log(x[used])) < 1e-9:
        return None
    return float(np.polyfit(np.log(x[used]), np.log(y[used]), 1)[0])


# ---------------------------------------------------------------- figures


def drawings(comparison: Comparison) -> list[Drawing]:
    """Errors of both kinds, against the size of the steps and against what they cost."""
    steps = np.array([run.sampling.step_size for run in comparison.runs])
    cost, label = cost_of(comparison.runs)
    made = []
    for kind in KINDS:
        made.append(_drawing(comparison, kind, "step_size", steps, "step size"))
        made.append(_drawing(comparison, kind, "gradients", cost, label))
    return made


def cost_of(runs: Sequence[ChainResults]) -> tuple[Array, str]:
    """What each run took (F), and what that is: gradients of each chain, or, where these do not vary
    with the step size, those for each unit of its time."""
    gradients = np.array([run.gradients_per_chain for run in runs])
    time = np.array([max(run.time, 1e-300) for run in runs])
    for sampler in {run.sampler for run in runs}:
        mine = gradients[[run.sampler == sampler for run in runs]]
        if len(mine) > 1 and np.ptp(mine) <= 0.01 * mine.max():
            return gradients / time, "gradients per chain and unit of time"
    return gradients, "gradients per chain"


def _drawing(comparison: Comparison, kind: str, name: str, x: Array, label: str) -> Drawing:
    errors = comparison.errors[kind]

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        for number, sampler in enumerate(comparison.samplers):
            _draw_sampler(axes, comparison, sampler, errors, x, number)
        axes.set_xscale("log", base=2)
        if name == "step_size" and np.unique(x).size <= MOST_TICKS:
            axes.set_xticks(np.unique(x), [])
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.3g}"))
        axes.set_yscale("log")
        axes.set_xlabel(label)
        axes.set_ylabel(KINDS[kind])
        style.legend_above(axes, columns=2)

    of = f"{len(comparison.names)} parameters" if len(comparison.names) > 1 else comparison.names[0]
    caption = (
        f"Root mean square {KINDS[kind].split(' [')[0]} of {of} against the {label}, with two"
        f" standard errors; reference: {comparison.reference.source}. Hollow: within {CLEAR} standard"
        " errors of zero, not in the slopes."
    )
    return Drawing(f"{kind}.{name}", 2.7, caption, draw)


def _draw_sampler(
    axes: Axes, comparison: Comparison, sampler: str, errors: Errors, x: Array, number: int
) -> None:
    places = comparison.of(sampler)
    at, error, noise = x[places], errors.error[places], errors.standard_error[places]
    clear = errors.clear[places]
    found = slope(at, error, clear)
    label = sampler if found is None else f"{sampler}, slope {found:.2f}".replace("-", "−")
    colour, marker = f"C{number % 8}", "osD^v<>pP*X"[number % 11]
    order = np.argsort(at)
    # The lower end of a bar stays on a logarithmic axis.
    low = np.minimum(2 * noise, 0.9 * error)
    axes.errorbar(at[order], error[order], yerr=[low[order], 2 * noise[order]], color=colour, lw=0.9,
                  elinewidth=0.6)  # fmt: skip
    look = {"ms": 3.5, "mec": colour, "mew": 0.8, "lw": 0.9, "color": colour}
    for mask, face in ((clear, colour), (~clear, "white")):
        axes.plot(at[mask], error[mask], marker, mfc=face, **look)
    axes.plot([], [], f"{marker}-", label=label, **look)

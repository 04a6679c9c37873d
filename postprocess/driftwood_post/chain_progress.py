# SPDX-License-Identifier: BSD-3-Clause
"""How errors fall with the steps, of runs of langevin_chains on one target: at each stored draw the
chains are a sample of the law that they have by then, and that law approaches the target's, or, of a
sampler that accepts every step, stays away from it by the bias of its steps.

Shapes: C chains, N numbers that are drawn, K looks at them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from driftwood_post import layout, style
from driftwood_post.arrays import Array
from driftwood_post.chain_comparison import Errors, root_mean_square
from driftwood_post.chain_reference import ChainReference
from driftwood_post.chains import ChainResults, Draws, shortened
from driftwood_post.drawing import Drawing
from driftwood_post.read import ReadError

LEAST_CHAINS = 100  # a sample of fewer says little
MOST_LOOKS = 40  # in geometric progression
DIRECTIONS = 16  # that distances are averaged over
MOST_REFERENCE_DRAWS = 2**20

KINDS = {
    "mean": "error of the mean [sd]",
    "second_moment": "error of the second moment [variance]",
    "distance": "sliced Wasserstein distance [sd]",
}


@dataclasses.dataclass(frozen=True)
class Progress:
    """Of one run, at `steps` (K) from the start: `errors` by `KINDS`, in which distances have the
    standard error 0, and `floor`, what as many exact draws would show instead."""

    label: str
    steps: Array
    gradients: Array
    errors: dict[str, Errors]
    floor: dict[str, float]


def follow(
    runs: Sequence[ChainResults], reference: ChainReference, names: Sequence[str] | None = None
) -> list[Progress]:
    """Of all parameters whose mean and sd the reference knows, or of those named. Distances are known
    where the reference has draws.

    Raises ReadError where a run has not stored enough, or nothing is left to compare.
    """
    chosen = [
        n for n in names or runs[0].names if n in reference.known and reference.known[n].sd > 0
    ]
    if not chosen:
        raise ReadError(
            f"{reference.source}: knows mean and sd of none of the parameters"
            f" ({shortened(names or runs[0].names)})"
        )
    mean = np.array([reference.known[n].mean for n in chosen])
    sd = np.array([reference.known[n].sd for n in chosen])
    slices = _Slices((_numbers(reference.draws, chosen) - mean) / sd) if reference.draws else None
    labels = _labels(runs)
    return [_of(run, label, chosen, (mean, sd), slices) for run, label in zip(runs, labels)]


def _labels(runs: Sequence[ChainResults]) -> list[str]:
    """Samplers, with their steps where these differ."""
    sizes = {run.sampling.step_size for run in runs}
    return [
        run.sampler if len(sizes) == 1 else f"{run.sampler}, h = {run.sampling.step_size:.3g}"
        for run in runs
    ]


def _numbers(draws: Draws, names: Sequence[str]) -> Array:
    """(C, D, N)."""
    return np.stack([draws.of(name) for name in names], axis=-1)


def _of(
    run: ChainResults,
    label: str,
    names: Sequence[str],
    scale: tuple[Array, Array],
    slices: _Slices | None,
) -> Progress:
    if run.draws is None or run.draws.chains < LEAST_CHAINS:
        raise ReadError(
            f"{run.path}: stores draws of {run.draws.chains if run.draws else 0} chains, too few to"
            " follow errors over the steps; run the deck with [chains] warmup = 0, count = 16384, draws"
            " = { thin = 1, chains = 16384 }"
        )
    looks = np.unique(np.geomspace(1, run.draws.draws, MOST_LOOKS).round().astype(int)) - 1
    draws = (_numbers(run.draws, names)[:, looks] - scale[0]) / scale[1]
    draws = draws[np.isfinite(draws).all(axis=(1, 2))]
    errors, floor = {}, {}
    for kind, values, right in (("mean", draws, 0.0), ("second_moment", draws**2, 1.0)):
        noise = values.std(axis=0, ddof=1) / np.sqrt(len(values))
        errors[kind] = root_mean_square(values.mean(axis=0) - right, noise)
        floor[kind] = float(np.sqrt(np.mean(noise[-1] ** 2)))
    if slices:
        found = np.array([slices.distance(draws[:, k]) for k in range(len(looks))])
        errors["distance"] = Errors(found, np.zeros(len(looks)))
        floor["distance"] = slices.floor(len(draws))
    warmup = run.count(layout.WARMUP_STEPS)
    thin = run.deck.table("chains").get("draws", {}).get("thin", 1)
    steps = warmup + (looks + 1) * thin
    gradients = steps * run.gradients_per_chain / (warmup + run.count(layout.STEPS))
    return Progress(label, steps, gradients, errors, floor)


class _Slices:
    """The reference's draws (C, D, N), projected on directions: the sliced Wasserstein distance of
    order 2 is the root of the mean over directions of the squared distance of the projections, which
    is that between sorted numbers. Bonneel, Rabin, Peyre & Pfister (2015), Journal of Mathematical
    Imaging and Vision 51, 22."""

    def __init__(self, draws: Array) -> None:
        draws = draws[np.isfinite(draws).all(axis=(1, 2))]
        self._last = draws[:, -1]
        pooled = draws.reshape(-1, draws.shape[-1])
        every = -(-len(pooled) // MOST_REFERENCE_DRAWS)
        self._directions = _directions(draws.shape[-1])
        self._sorted = [np.sort(pooled[::every] @ v) for v in self._directions]

    def distance(self, sample: Array) -> float:
        """Of a sample (C, N)."""
        middle = (np.arange(len(sample)) + 0.5) / len(sample)
        squares = [
            np.mean((np.sort(sample @ v) - _quantiles(known, middle)) ** 2)
            for v, known in zip(self._directions, self._sorted)
        ]
        return float(np.sqrt(np.mean(squares)))

    def floor(self, count: int) -> float:
        """Of so many of the reference's chains, which falls with the root of their number."""
        there = min(count, len(self._last))
        return self.distance(self._last[:there]) * float(np.sqrt(there / count))


def _directions(numbers: int) -> Array:
    """Unit vectors (DIRECTIONS, N), always the same; in one dimension one, in two evenly spread."""
    if numbers == 1:
        return np.ones((1, 1))
    if numbers == 2:
        angle = np.pi * (np.arange(DIRECTIONS) + 0.5) / DIRECTIONS
        return np.stack([np.cos(angle), np.sin(angle)], axis=1)
    found = np.random.default_rng(0).standard_normal((DIRECTIONS, numbers))
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def _quantiles(values: Array, probability: Array) -> Array:
    """Of sorted values."""
    at = (np.arange(len(values)) + 0.5) / len(values)
    return np.interp(probability, at, values)


# ---------------------------------------------------------------- figures


def drawings(runs: Sequence[Progress], reference: str) -> list[Drawing]:
    """Errors of all kinds, against steps and against gradients."""
    made = []
    for kind in [k for k in KINDS if k in runs[0].errors]:
        for name in ("steps", "gradients"):
            caption = (
                f"{KINDS[kind].split(' [')[0].capitalize()} of the chains at each time against {name} per"
                f" chain; reference: {reference}. Dotted: what as many exact draws would show."
            )
            made.append(Drawing(f"{kind}.over_{name}", 2.7, caption, _drawer(runs, kind, name)))
    return made


def _drawer(runs: Sequence[Progress], kind: str, name: str) -> Callable[[Figure], None]:
    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        for run in runs:
            x, errors = getattr(run, name), run.errors[kind]
            (line,) = axes.plot(x, errors.error, label=run.label)
            low = np.maximum(errors.error - 2 * errors.standard_error, 0.1 * errors.error)
            axes.fill_between(x, low, errors.error + 2 * errors.standard_error, lw=0, alpha=0.2,
                              color=line.get_color())  # fmt: skip
        axes.axhline(max(run.floor[kind] for run in runs), color=style.GUIDE, lw=0.8, ls=":")
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.set_xlabel(f"{name} per chain")
        axes.set_ylabel(KINDS[kind])
        style.legend_above(axes)

    return draw

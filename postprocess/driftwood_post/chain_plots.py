# SPDX-License-Identifier: BSD-3-Clause
"""The figures of one run of langevin_chains."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from driftwood_post import chain_distance_plots, chain_tempering_plots, style
from driftwood_post.arrays import Array
from driftwood_post.chain_reference import ChainReference
from driftwood_post.chain_statistics import autocorrelation, finite_chains, rank_counts
from driftwood_post.chains import GOOD_RHAT, LEAST_ESS, ChainResults
from driftwood_post.drawing import Drawing
from driftwood_post.pieces import NORMAL_95

MOST_PARAMETERS = 6  # that have figures of their own
MOST_CHAINS = 8  # in a trace
MOST_POINTS = 1000  # of a trace
MOST_INTERVALS = 30  # in the figure of intervals
MOST_NAMED = 20  # parameters whose diagnostics have their names beside them
RANK_BINS = 20
CENTRAL_PART = 0.997  # of the draws, what a histogram shows


def drawings(
    results: ChainResults, reference: ChainReference | None, names: Sequence[str] | None
) -> list[Drawing]:
    """Every figure the results allow: of the named parameters, or of those that can be trusted
    least."""
    worst = results.worst_first(names)
    shown = worst if names is not None else worst[:MOST_PARAMETERS]
    made = [intervals(results, reference, worst), diagnostics(results, worst)]
    if results.draws is not None:
        for i in shown:
            name = results.names[i]
            draws = finite_chains(results.draws.of(name))
            if draws.size == 0:
                continue
            made.append(trace(name, draws, len(draws)))
            made.append(marginal(name, draws, reference))
        made.append(autocorrelations(results, [results.names[i] for i in shown]))
    made.append(chain_distance_plots.energies(results))
    made.append(chain_distance_plots.distances(results))
    made.append(chain_distance_plots.marginals(results))
    if results.tempering is not None:
        made += chain_tempering_plots.drawings(results.tempering)
    return [drawing for drawing in made if drawing is not None]


# ---------------------------------------------------------------- traces and ranks


def trace(name: str, draws: Array, stored: int) -> Drawing:
    """Draws of a few chains one after the other, and where the ranks of each chain lie."""
    chains = draws[:MOST_CHAINS]
    counts = rank_counts(draws, RANK_BINS)[: len(chains)]

    def draw(figure: Figure) -> None:
        left, right = figure.subplots(1, 2, gridspec_kw={"width_ratios": [1.6, 1]})
        stride = -(-draws.shape[1] // MOST_POINTS)
        at = np.arange(0, draws.shape[1], stride)
        for number, row in enumerate(chains):
            left.plot(at, row[at], lw=0.35, alpha=0.8, color=f"C{number}")
        left.set_xlim(0, max(draws.shape[1] - 1, 1))
        left.set_xlabel("stored draw")
        left.set_ylabel(name)
        left.xaxis.set_major_locator(MaxNLocator(4))
        _draw_ranks(right, counts, draws.shape[1] / RANK_BINS)

    caption = (
        f"{name}: draws of {_of(len(chains), stored)} (left), and how the ranks of their draws"
        f" among all stored ones are distributed (right). Dashed: all ranks as frequent, as it is"
        " where chains agree."
    )
    if draws.shape[1] > MOST_POINTS:
        caption += f" The trace shows one draw of {-(-draws.shape[1] // MOST_POINTS)}."
    return Drawing(f"trace.{name}", 2.0, caption, draw)


def _of(shown: int, all_of_them: int) -> str:
    if shown == all_of_them:
        return "the stored chain" if shown == 1 else f"the {shown} stored chains"
    return f"the first {shown} of {all_of_them} stored chains"


def _draw_ranks(axes: Axes, counts: Array, expected: float) -> None:
    """A row of bars for each chain; a bar of the expected height reaches half way to the next row."""
    edges = np.linspace(0, 1, counts.shape[1] + 1)
    for number, row in enumerate(counts):
        base = len(counts) - 1 - number
        heights = base + np.minimum(0.5 * row / expected, 0.98)
        axes.stairs(heights, edges, baseline=base, fill=True, color=f"C{number}", alpha=0.6, lw=0)
        axes.axhline(base + 0.5, ls="--", lw=0.5, color=style.GUIDE)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, len(counts))
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("rank / draws")


# ---------------------------------------------------------------- marginals


def marginal(name: str, draws: Array, reference: ChainReference | None) -> Drawing:
    """Histogram of the stored draws, with what is known."""
    values = draws.ravel()
    low, high = np.quantile(values, [(1 - CENTRAL_PART) / 2, (1 + CENTRAL_PART) / 2])
    if not high > low:
        low, high = low - 0.5, high + 0.5
    bins = int(np.clip(np.sqrt(values.size), 10, 60))
    edges = np.linspace(low, high, bins + 1)
    known = reference.known.get(name) if reference is not None else None

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        axes.stairs(_density(values, edges), edges, fill=True, color=style.ESTIMATE, alpha=0.45,
                    lw=0, label="stored draws")  # fmt: skip
        top = axes.get_ylim()[1]
        if reference is not None and reference.draws is not None and known is not None:
            other = finite_chains(reference.draws.of(name)).ravel()
            axes.stairs(_density(other, edges), edges, color=style.REFERENCE, lw=1,
                        label="reference")  # fmt: skip
        elif known is not None:
            _draw_known(axes, known.mean, known.sd, 0.04 * top)
        axes.set_ylim(bottom=0)
        axes.set_xlim(low, high)
        axes.set_xlabel(name)
        axes.set_ylabel("probability density")
        style.legend_above(axes)

    caption = f"Distribution of {name}: the central {100 * CENTRAL_PART:g} % of the stored draws"
    if known is not None and reference is not None:
        has = "density" if reference.draws is not None else "mean ± sd"
        caption += f", and the {has} of {reference.source}"
    return Drawing(f"marginal.{name}", 2.4, caption + ".", draw)


def _density(values: Array, edges: Array) -> Array:
    """Of all values, also those outside the edges."""
    return np.histogram(values, edges)[0] / max(values.size, 1) / np.diff(edges)


def _draw_known(axes: Axes, mean: float, sd: float, height: float) -> None:
    spread = sd if np.isfinite(sd) else None
    label = "reference mean ± sd" if spread is not None else "reference mean"
    axes.errorbar(mean, height, xerr=spread, fmt="D", ms=4, capsize=2.5, lw=1,
                  color=style.REFERENCE, label=label)  # fmt: skip


# ---------------------------------------------------------------- all parameters at once


def intervals(
    results: ChainResults, reference: ChainReference | None, worst: Sequence[int]
) -> Drawing:
    """Means with their standard errors and the standard deviations of the draws."""
    places = sorted(worst[:MOST_INTERVALS])
    names = [results.names[i] for i in places]
    s = results.summary
    rows = np.arange(len(places))[::-1]

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        finite = np.isfinite(s.mean[places] + s.sd[places] + s.mcse[places])
        mean, sd, mcse = (part[places][finite] for part in (s.mean, s.sd, s.mcse))
        at = rows[finite]
        axes.hlines(at, mean - sd, mean + sd, color=style.ESTIMATE, lw=1, alpha=0.5,
                    label="mean ± sd")  # fmt: skip
        axes.errorbar(mean, at, xerr=NORMAL_95 * mcse, fmt="o", ms=2.5, lw=2, capsize=0,
                      color=style.ESTIMATE, label="mean, 95 % interval")  # fmt: skip
        known = [(row, reference.known[n]) for row, n in zip(rows, names, strict=True)
                 if reference is not None and n in reference.known]  # fmt: skip
        if known:
            axes.plot([k.mean for _, k in known], [row for row, _ in known], "|", ms=7, mew=1.2,
                      color=style.REFERENCE, label="reference")  # fmt: skip
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.set_yticks(rows, names)
        axes.set_ylim(-0.6, len(places) - 0.4)
        style.legend_above(axes)

    caption = "Means with their 95 % intervals (thick) and standard deviations of all draws (thin)"
    if len(results.names) > len(places):
        caption += f"; the {len(places)} of {len(results.names)} that can be trusted least"
    if reference is not None:
        caption += f"; marks: {reference.source}"
    return Drawing("intervals", 0.9 + 0.16 * len(places), caption + ".", draw)


def diagnostics(results: ChainResults, worst: Sequence[int]) -> Drawing:
    """R-hat and effective draws of all parameters, with the values they should keep to."""
    places = list(worst)
    s = results.summary
    names = [results.names[i] for i in places]
    named = len(places) <= MOST_NAMED

    def draw(figure: Figure) -> None:
        left, right = figure.subplots(1, 2, sharey=True)
        rows = np.arange(len(places))[::-1]
        size = 3 if named else 1.5
        over = np.maximum(s.rhat[places] - 1, 1e-5)
        nested = results.nested_rhat
        left.plot(over, rows, "o", ms=size, color=style.ESTIMATE, label="R-hat")
        if nested is not None:
            left.plot(np.maximum(nested[places] - 1, 1e-5), rows, "x", ms=size,
                      color=style.REFERENCE, label="nested")  # fmt: skip
            style.legend_above(left, columns=2)
        left.axvline(GOOD_RHAT - 1, ls="--", lw=0.8, color=style.REFERENCE)
        left.set_xscale("log")
        left.set_xlabel("R-hat − 1")
        for values, mark, label in ((s.ess_bulk, "o", "bulk"), (s.ess_tail, "x", "tails")):
            right.plot(values[places], rows, mark, ms=size, label=label)
        right.axvline(LEAST_ESS, ls="--", lw=0.8, color=style.REFERENCE)
        right.set_xscale("log")
        right.set_xlabel("effective draws")
        if named:
            left.set_yticks(rows, names)
            left.set_ylim(-0.6, len(places) - 0.4)
        else:
            left.set_yticks([])
            left.set_ylabel(f"{len(places)} parameters, worst on top")
        style.legend_above(right)

    caption = (
        f"R-hat less 1, which should stay below {GOOD_RHAT - 1:.2g}, and effective draws, of which"
        f" there should be at least {LEAST_ESS} (dashed)."
    )
    if results.nested_rhat is not None:
        caption += " Nested R-hat compares groups of chains, each from a common start."
    height = 1.0 + 0.16 * len(places) if named else 3.4
    return Drawing("diagnostics", max(height, 1.6), caption, draw)


def autocorrelations(results: ChainResults, names: Sequence[str]) -> Drawing | None:
    """Of the stored chains, until it has long been small."""
    if results.draws is None or results.draws.draws < 4:
        return None
    rows = {}
    for name in names[:MOST_PARAMETERS]:
        draws = finite_chains(results.draws.of(name))
        if draws.size > 0:
            rows[name] = autocorrelation(draws)
    if not rows:
        return None
    small = [int(np.argmax(row < 0.05)) if (row < 0.05).any() else row.size for row in rows.values()]
    last = int(np.clip(3 * max(small), 10, results.draws.draws - 1))

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        for name, row in rows.items():
            axes.plot(row[: last + 1], label=name)
        axes.axhline(0, lw=0.5, color=style.GUIDE)
        axes.set_xlim(0, last)
        axes.set_xlabel("lag [stored draws]")
        axes.set_ylabel("autocorrelation")
        style.legend_above(axes)

    thin = results.thin
    every = "" if thin == 1 else f"; a stored draw is one of {thin} steps"
    caption = f"Autocorrelation of the stored chains, all together{every}."
    return Drawing("autocorrelation", 2.4, caption, draw)

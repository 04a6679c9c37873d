# SPDX-License-Identifier: BSD-3-Clause
"""The figure of first passage times."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from driftwood_post import style
from driftwood_post.arrays import Array
from driftwood_post.drawing import Drawing, time_label
from driftwood_post.laws import PassageLaw
from driftwood_post.results import FirstPassage, Results

BAND = 2  # standard errors


def first_passage(results: Results, event: str, law: PassageLaw | None) -> Drawing | None:
    """The density of the times of first passage and the probability to have passed, over time; and
    how far that is from the known one."""
    passage = results.first_passages[event]
    if passage.count.sum() == 0:
        return None

    def draw(figure: Figure) -> None:
        ratios = [1.2, 1] if law is None else [1.2, 1, 0.7]
        rows = {"sharex": True, "gridspec_kw": {"height_ratios": ratios}}
        upper, lower, *rest = figure.subplots(len(ratios), 1, **rows)
        _draw_density(upper, passage, law)
        units = results.units.get("time")
        upper.set_ylabel(style.with_units("density", f"1/{units}" if units else None))
        style.legend_above(upper)
        _draw_probability(lower, passage, law)
        lower.set_ylabel("probability\nto have passed")
        lower.set_xlim(passage.time_edges[0], passage.time_edges[-1])
        lower.legend(loc="best")
        if law is not None:
            _draw_difference(rest[0], passage, law)
            rest[0].set_ylabel("ensemble\n− exact")
        [lower, *rest][-1].set_xlabel(time_label(results))

    height = 3.4 if law is None else 4.2
    return Drawing(f"first_passage.{event}", height, _caption(results, event, law), draw)


def _caption(results: Results, event: str, law: PassageLaw | None) -> str:
    passage = results.first_passages[event]
    text = (
        f"First passage times of {event}: density, of which the area is the probability to have"
        f" passed, and that probability, with a band of {BAND} standard errors"
    )
    if results.deck.table("ensemble").get("antithetic") is True:
        text += " of independent paths"
    if law is not None:
        text += f"; dashed, the {law.name} law; below, the distance from it"
    never = passage.never / max(passage.total, 1)
    return f"{text}. By t = {passage.time_edges[-1]:.4g}, {100 * never:.3g} % have not passed."


def _fine_times(passage: FirstPassage) -> Array:
    """Times for a smooth line, closest to each other at first, where a law may rise at once."""
    first, last = passage.time_edges[0], passage.time_edges[-1]
    return first + (last - first) * np.linspace(0, 1, 501) ** 2


def _draw_density(axes: Axes, passage: FirstPassage, law: PassageLaw | None) -> None:
    density, edges = passage.density, passage.time_edges
    axes.stairs(
        density, edges, fill=True, color=style.ESTIMATE, alpha=0.45, lw=0, label="ensemble"
    )
    highest = density.max()
    if law is not None:
        times = _fine_times(passage)
        exact = law.density(times)
        axes.plot(times, exact, "--", color=style.REFERENCE, lw=1, label=law.name)
        highest = max(highest, min(exact.max(), 2 * highest))  # a peak within one bin is cut
    axes.set_ylim(0, 1.12 * highest)


def _draw_difference(axes: Axes, passage: FirstPassage, law: PassageLaw) -> None:
    edges, half = passage.time_edges, BAND * passage.standard_error
    difference = passage.cumulative - law.cdf(edges)
    axes.axhline(0, ls="--", color=style.REFERENCE, lw=1)
    band = (edges, difference - half, difference + half)
    axes.fill_between(*band, color=style.ESTIMATE, alpha=0.25, lw=0)
    axes.plot(edges, difference, color=style.ESTIMATE)


def _draw_probability(axes: Axes, passage: FirstPassage, law: PassageLaw | None) -> None:
    edges, cumulative, error = passage.time_edges, passage.cumulative, passage.standard_error
    low, high = np.maximum(cumulative - BAND * error, 0), np.minimum(cumulative + BAND * error, 1)
    label = f"± {BAND} standard errors"
    axes.fill_between(edges, low, high, color=style.ESTIMATE, alpha=0.25, lw=0, label=label)
    axes.plot(edges, cumulative, color=style.ESTIMATE, label="ensemble")
    if law is not None:
        times = _fine_times(passage)
        axes.plot(times, law.cdf(times), "--", color=style.REFERENCE, lw=1, label="exact")
    axes.set_ylim(bottom=0)

# SPDX-License-Identifier: BSD-3-Clause
"""The figures of many problems of pose_search: errors, bounds, effort, which matches were found."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from driftwood_post import style
from driftwood_post.arrays import Array
from driftwood_post.drawing import Drawing
from driftwood_post.poses import GAP, LIMIT, OPTIMAL, RIGHT_CENTRE, RIGHT_DEGREES, SURROGATE, PoseResults

SMALLEST = 1e-5  # of what counts as right, the least error on a logarithmic axis
FEWEST = 3  # problems of which there is something to draw

STATUS = {
    OPTIMAL: ("#009E73", "none has more"),
    GAP: (style.ESTIMATE, "none has more than the bound"),
    LIMIT: ("#E69F00", "time or boxes were up"),
    SURROGATE: (style.PATH, "surrogate"),
}


def drawings(results: PoseResults) -> list[Drawing]:
    """Those that there are problems for, and of which the truth is known where they need it."""
    if results.problems < FEWEST:
        return []
    made = (_bounds(results), _effort(results), _errors(results), _recall(results))
    return [drawing for drawing in made if drawing is not None]


def _bounds(results: PoseResults) -> Drawing:
    """Shares of matches that are inliers, sorted, with the bound above."""
    count = np.maximum(results.count, 1)
    found, bound = results.best.consensus / count, results.upper_bound / count
    order = np.lexsort((bound, found))
    right = np.array([(m.is_right == 1).mean() if m.has_truth else np.nan for m in results.matches])

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        x = np.arange(results.problems)
        axes.vlines(x, found[order], bound[order], color=style.REFERENCE, linewidth=1)
        axes.plot(x, bound[order], "_", color=style.REFERENCE, markersize=4, label="no pose has more")
        axes.plot(x, found[order], ".", color=style.ESTIMATE, markersize=4, label="found")
        if np.isfinite(right).any():
            axes.plot(x, right[order], "+", color="#009E73", markersize=4, label="right matches")
        axes.set_xlabel("problem, by share of inliers")
        axes.set_ylabel("share of matches")
        style.legend_above(axes)

    caption = (
        "Inliers of each problem, and the bound that no pose exceeds, as shares of its matches; lines"
        " between them are what is not known."
    )
    return Drawing("bounds", 2.6, caption, draw)


def _effort(results: PoseResults) -> Drawing:
    nodes, seconds = results.effort.nodes, results.effort.seconds

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for status, (colour, label) in STATUS.items():
            chosen = np.array([s == status for s in results.status])
            if chosen.any():
                label = f"{label} ({int(chosen.sum())})"
                axes.plot(nodes[chosen], seconds[chosen], ".", color=colour, label=label)
        style.plain_log_axis(axes, style.padded(nodes), "x")
        style.plain_log_axis(axes, style.padded(seconds))
        axes.set_xlabel("boxes of rotations bounded")
        axes.set_ylabel("seconds")
        style.legend_above(axes, columns=2)

    caption = (
        f"Boxes and time of each search: medians {np.median(nodes):.0f} and {np.median(seconds):.3g} s,"
        f" at most {nodes.max():.0f} and {seconds.max():.3g} s."
    )
    return Drawing("effort", 2.6, caption, draw)


def _errors(results: PoseResults) -> Drawing | None:
    known = results.truth.is_known
    if int(known.sum()) < FEWEST:
        return None
    degrees, centre = results.truth.rotation_error[known], results.truth.centre_error[known]

    def draw(figure: Figure) -> None:
        left, right = figure.subplots(1, 2, sharey=True)
        _histogram(left, degrees, RIGHT_DEGREES)
        _histogram(right, centre, RIGHT_CENTRE)
        left.set_xlabel("rotation [degree]")
        right.set_xlabel("centre [median distance]")
        left.set_ylabel("problems")

    met = int(results.truth.is_met.sum())
    caption = (
        f"Errors of refined poses: medians {np.median(degrees):.3g} degrees and"
        f" {100 * np.median(centre):.3g} % of the median distance of the points. Dashed: what counts as"
        f" right, {RIGHT_DEGREES:g} degree and {100 * RIGHT_CENTRE:g} %, both met by {met} of"
        f" {degrees.size}. Errors below {SMALLEST:g} of that are drawn as that."
    )
    return Drawing("errors", 2.2, caption, draw)


def _histogram(axes: Axes, errors: Array, limit: float) -> None:
    """On a logarithmic axis that holds all of them, and the limit."""
    errors = np.maximum(errors, SMALLEST * limit)
    low, high = min(errors.min(), limit) / 1.5, max(errors.max(), limit) * 1.5
    bins = np.geomspace(low, high, int(np.clip(2 * np.sqrt(errors.size) + 6, 12, 40)))
    axes.hist(errors, bins=bins, color=style.ESTIMATE)
    axes.axvline(limit, color=style.REFERENCE, linestyle="--", linewidth=0.8)
    axes.set_xscale("log")


def _recall(results: PoseResults) -> Drawing | None:
    recall, precision = results.recall, results.precision
    known = np.isfinite(recall) & np.isfinite(precision)
    if int(known.sum()) < FEWEST:
        return None
    recall, precision = recall[known], precision[known]

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        axes.plot(100 * recall, 100 * precision, ".", color=style.ESTIMATE, alpha=0.6)
        low = 100 * min(recall.min(), precision.min(), 0.98) - 0.3
        axes.set_xlim(low, 100.3)
        axes.set_ylim(low, 100.3)
        axes.set_xlabel("right matches that are inliers [%]")
        axes.set_ylabel("inliers that are right matches [%]")

    caption = (
        f"Recall and precision of the inliers of each problem: medians {100 * np.median(recall):.4g} %"
        f" and {100 * np.median(precision):.4g} %. A right match may be further off than its threshold,"
        " and a wrong one within it by chance."
    )
    return Drawing("recall", 2.8, caption, draw)

# SPDX-License-Identifier: BSD-3-Clause
"""The figures of single problems of pose_search: matches in the image, bounds over time, boxes."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from pathlib import Path

import matplotlib.image
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from driftwood_post import style
from driftwood_post.arrays import Array
from driftwood_post.drawing import Drawing
from driftwood_post.pose_image import Picture, picture_of
from driftwood_post.poses import RULES, SURROGATE, Leaves, Matches, PoseResults, Trace
from driftwood_post.read import ReadError

MOST_PROBLEMS = 4  # where none are named
ARROW = 0.05  # of the width of the image, the length that long residuals are drawn with

_RULE_COLOURS = ("#B0B0B0", "#56B4E9", style.ESTIMATE, "#009E73")
_OPEN_COLOUR = style.REFERENCE


@dataclasses.dataclass(frozen=True)
class Kind:
    """A kind of matches: how it is drawn, and which of them are of it."""

    label: str
    colour: str
    marker: str
    size: float
    chosen: Array


def drawings(results: PoseResults, chosen: Sequence[int], photograph: Path | None) -> list[Drawing]:
    """Of the problems with these numbers, and of boxes of all problems. Raises ReadError for a
    photograph that cannot be read."""
    picture = None if photograph is None else _read(photograph)
    out = []
    for p in chosen:
        out.append(_matches(results, p, picture))
        if results.traces[p].seconds.size:
            out.append(_trace(results, p))
    shown = [p for p in range(results.problems) if results.leaves[p].keys.size]
    if shown:
        out.append(_leaves(results, shown, "leaves", _all_of(results, shown)))
        if results.problems > 1:
            out += [
                _leaves(results, [p], f"leaves.{part_of(results, p)}", results.names[p])
                for p in chosen
                if p in shown
            ]
    return out


def part_of(results: PoseResults, problem: int) -> str:
    """Of a file's name: the problem's."""
    return re.sub(r"[^\w.-]+", "_", results.names[problem])


def _all_of(results: PoseResults, shown: Sequence[int]) -> str:
    return results.names[0] if results.problems == 1 else f"mean of {len(shown)} problems"


def _read(photograph: Path) -> Array:
    try:
        return np.asarray(matplotlib.image.imread(photograph))
    except FileNotFoundError as error:
        raise ReadError(f"{photograph}: no such file") from error
    except (OSError, ValueError, SyntaxError) as error:  # PNG that is cut short is the last of them
        raise ReadError(f"{photograph}: no image that can be read") from error


# ---------------------------------------------------------------- matches


def kinds(matches: Matches) -> list[Kind]:
    """What there is of each kind, those that are drawn over the others last."""
    taken, right = matches.is_inlier, matches.is_right == 1
    if not matches.has_truth:
        return [
            Kind("outlier", style.GUIDE, ".", 2.5, ~taken),
            Kind("inlier", "#009E73", "o", 2.8, taken),
        ]
    return [
        Kind("wrong, left out", style.GUIDE, ".", 2.5, ~taken & ~right),
        Kind("right, taken", "#009E73", "o", 2.8, taken & right),
        Kind("right, left out", style.ESTIMATE, "s", 3.4, ~taken & right),
        Kind("wrong, taken", style.REFERENCE, "X", 4.5, taken & ~right),
    ]


def _matches(results: PoseResults, p: int, photograph: Array | None) -> Drawing:
    matches = results.matches[p]
    where = picture_of(matches, results.best.rotation[p], results.best.centre[p])
    low, high = _frame(where, photograph)
    width, height = high - low
    shift = where.expected - where.seen
    factor = _factor(shift[matches.is_inlier], width)

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        if photograph is not None:
            extent = (low[0], high[0], high[1], low[1])
            axes.imshow(photograph, cmap="gray", extent=extent, alpha=0.75)
        for kind in kinds(matches):
            colour, edge, size = kind.colour, "none", kind.size
            if photograph is not None:
                is_grey = colour == style.GUIDE
                colour, edge = ("white", "#202020") if is_grey else (colour, "white")
                size = 4.5 if is_grey else size
            axes.plot(
                *where.seen[kind.chosen].T,
                kind.marker,
                color=colour,
                markersize=size,
                markeredgecolor=edge,
                markeredgewidth=0.3,
                label=f"{kind.label} ({int(kind.chosen.sum())})",
            )
        if factor > 0:
            taken = matches.is_inlier & np.isfinite(shift).all(axis=1)
            arrows = factor * shift[taken]
            axes.quiver(
                *where.seen[taken].T, *arrows.T, angles="xy", scale_units="xy", scale=1,
                width=0.002, color="#202020" if photograph is None else "#FFE14D", zorder=3,
            )  # fmt: skip
        axes.plot(0, 0, "+", color="#202020" if photograph is None else "white", markersize=8)
        axes.set_xlim(low[0], high[0])
        axes.set_ylim(high[1], low[1])
        axes.set_aspect("equal")
        axes.set_xlabel(f"right of the camera's axis [{where.units}]")
        axes.set_ylabel(f"below it [{where.units}]")
        style.legend_above(axes, columns=2)

    caption = (
        f"{results.names[p]}: matches in the image, {int(matches.is_inlier.sum())} of"
        f" {matches.is_inlier.size} within their thresholds of the pose."
    )
    if factor > 0:
        times = "" if factor == 1 else f", {factor:g} times as long"
        caption += f" Arrows are residuals of inliers, from where they were seen{times}."
    if matches.has_truth:
        caption += " Right: by what the file knows of the matches."
    size = 3.0 * float(height / width) + 1.1
    return Drawing(f"matches.{part_of(results, p)}", min(size, 5.5), caption, draw)


def _frame(where: Picture, photograph: Array | None) -> tuple[Array, Array]:
    """Upper left and lower right corner: of the photograph, whose middle the axis meets, or of all
    that was seen."""
    if photograph is not None:
        corner = np.array(photograph.shape[1::-1]) / 2
        return -corner, corner
    low, high = np.nanmin(where.seen, axis=0), np.nanmax(where.seen, axis=0)
    margin = 0.04 * np.maximum(high - low, 1e-9).max()
    return np.minimum(low, 0) - margin, np.maximum(high, 0) + margin


def _factor(shift: Array, width: float) -> float:
    """By which arrows can be seen: 1, 2, 5, 10, ...; 0 where none are known."""
    length = np.hypot(*shift.T)
    length = length[np.isfinite(length)]
    longest = float(np.quantile(length, 0.95)) if length.size else 0.0
    if longest <= 0:
        return 0.0
    wanted = max(ARROW * width / longest, 1.0)
    tens = 10.0 ** np.floor(np.log10(wanted))
    return float(max(step for step in (1, 2, 5) if step <= wanted / tens + 1e-9) * tens)


# ---------------------------------------------------------------- bounds over time


def followed(results: PoseResults, p: int) -> Trace:
    """A search from its first pose on, when all matches might have been inliers, to its end; of a
    surrogate, which counts pairs, the looks alone."""
    trace, effort = results.traces[p], results.effort
    if results.status[p] == SURROGATE:
        return trace
    started = min(max(float(effort.seed_seconds[p]), 1e-6), float(trace.seconds[0]))
    end = max(float(effort.seconds[p]), float(trace.seconds[-1]))
    return Trace(
        np.r_[started, trace.seconds, end],
        np.r_[trace.consensus[0], trace.consensus, results.best.consensus[p]],
        np.r_[results.count[p], trace.upper_bound, results.upper_bound[p]],
        np.r_[0, trace.nodes, results.effort.nodes[p]],
        np.r_[0, trace.open, 0],
    )


def _trace(results: PoseResults, p: int) -> Drawing:
    trace = followed(results, p)
    found, bound = trace.consensus, trace.upper_bound
    enough = int(results.best.consensus[p] + results.allowed_gap[p])
    counted = "consistent pairs" if results.status[p] == SURROGATE else "inliers"
    none = "no rotation has more" if results.status[p] == SURROGATE else "no pose has more"

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        axes.step(trace.seconds, bound, where="post", color=style.REFERENCE, label=none)
        axes.step(trace.seconds, found, where="post", color=style.ESTIMATE, label="found")
        axes.fill_between(
            trace.seconds, found, bound, step="post", color=style.GUIDE, alpha=0.2, linewidth=0
        )
        for values, colour in ((bound, style.REFERENCE), (found, style.ESTIMATE)):
            axes.plot(trace.seconds[-1], values[-1], "o", color=colour, markersize=3)
        if results.allowed_gap[p] > 0 and results.status[p] != SURROGATE:
            axes.axhline(enough, color=style.GUIDE, linestyle="--", linewidth=0.8, label="near enough")
        axes.set_xscale("log")
        if bound.max() > 2.5 * max(found.min(), 1):
            style.plain_log_axis(axes, np.r_[found, bound].clip(1))
        axes.set_xlabel("seconds since the search began")
        axes.set_ylabel(counted)
        style.legend_above(axes)

    ends = f"{int(found[-1])} found, at most {int(bound[-1])} possible"
    caption = (
        f"{results.names[p]}: the most {counted} found and the most possible while boxes of rotations are"
        f" bounded; at the end, after {trace.seconds[-1]:.3g} s, {ends}."
    )
    return Drawing(f"trace.{part_of(results, p)}", 2.6, caption, draw)


# ---------------------------------------------------------------- boxes


@dataclasses.dataclass(frozen=True)
class LeafLevels:
    """Leaves by level and by rule: `share` of all rotations and `number`, each (level, rule); the last
    rule is that of boxes that might hold more inliers than was near enough."""

    share: Array
    number: Array


def leaf_levels(leaves: Leaves, enough: int) -> LeafLevels:
    boxes = leaves.boxes
    rule = np.where(leaves.bound > enough, len(RULES), np.clip(leaves.rule, 0, len(RULES) - 1))
    shape = (int(boxes.level.max(initial=0)) + 1, len(RULES) + 1)
    share, number = np.zeros(shape), np.zeros(shape)
    np.add.at(share, (boxes.level, rule), boxes.share)
    np.add.at(number, (boxes.level, rule), 1)
    return LeafLevels(share, number)


def _leaves(results: PoseResults, shown: Sequence[int], name: str, of: str) -> Drawing:
    levels = [
        leaf_levels(results.leaves[p], int(results.best.consensus[p] + results.allowed_gap[p]))
        for p in shown
    ]
    deepest = max(found.share.shape[0] for found in levels)
    share = _mean([found.share for found in levels], deepest)
    number = _mean([found.number for found in levels], deepest)
    first = int(np.flatnonzero(number.sum(axis=1))[0])

    def draw(figure: Figure) -> None:
        upper, lower = figure.subplots(2, 1, sharex=True)
        x = np.arange(first, deepest)
        _stack(upper, x, 100 * share[first:])
        upper.set_ylabel("rotations [%]")
        _lines(lower, x, number[first:])
        lower.set_ylabel("boxes")
        lower.set_xlabel(r"level $\ell$ of boxes, whose sides are $2^{1-\ell}$")
        lower.xaxis.set_major_locator(MaxNLocator(integer=True))
        style.legend_above(upper, columns=3)

    caption = (
        f"{of}: where boxes of rotations were not branched further, and by what argument: their share"
        f" of all rotations, and their number ({number.sum():.0f})."
    )
    return Drawing(name, 3.4, caption, draw)


def _mean(tables: Sequence[Array], levels: int) -> Array:
    out = np.zeros((levels, tables[0].shape[1]))
    for table in tables:
        out[: table.shape[0]] += table / len(tables)
    return out


def _rules(table: Array) -> list[tuple[int, str, str]]:
    """Column, label and colour of what there is."""
    labels = [*(f"by {rule}" for rule in RULES), "open"]
    colours = [*_RULE_COLOURS, _OPEN_COLOUR]
    return [
        (rule, labels[rule], colours[rule])
        for rule in range(table.shape[1])
        if table[:, rule].any()
    ]


def _stack(axes: Axes, x: Array, table: Array) -> None:
    base = np.zeros(x.size)
    for rule, label, colour in _rules(table):
        axes.bar(x, table[:, rule], bottom=base, color=colour, label=label, width=0.8)
        base += table[:, rule]


def _lines(axes: Axes, x: Array, table: Array) -> None:
    """Numbers beside each other, as their logarithms do not add up."""
    there = _rules(table)
    width = 0.8 / len(there)
    for k, (rule, label, colour) in enumerate(there):
        at = x + (k - (len(there) - 1) / 2) * width
        axes.bar(at, table[:, rule], color=colour, label=label, width=width)
    axes.set_yscale("log")

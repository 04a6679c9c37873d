# SPDX-License-Identifier: BSD-3-Clause
"""Several runs of pose_search that differ in outliers or in points: effort and success against them.

Shapes: F files of one line.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from driftwood_post import style
from driftwood_post.arrays import Array
from driftwood_post.drawing import Drawing
from driftwood_post.pieces import NORMAL_95, estimate
from driftwood_post.poses import RIGHT_CENTRE, RIGHT_DEGREES, PoseResults
from driftwood_post.read import ReadError

MOST_TICKS = 7
OVER = {"outliers": "share of outliers [%]", "points": "correspondences"}


@dataclasses.dataclass(frozen=True)
class Middle:
    """Of the problems of each file: medians and quartiles (F)."""

    low: Array
    median: Array
    high: Array


@dataclasses.dataclass(frozen=True)
class Slope:
    """The exponent of a power law fitted to medians, and its standard error."""

    exponent: float
    standard_error: float

    def __str__(self) -> str:
        return estimate(self.exponent, self.standard_error)[0]


@dataclasses.dataclass(frozen=True)
class Line:
    """Runs that differ in what is swept alone, by it: `x` (F), and of their problems (F): how many
    they are, of how many the truth is `known`, and how many are `met` and `proven`."""

    label: str
    runs: Sequence[PoseResults]
    x: Array
    problems: Array
    known: Array
    met: Array
    proven: Array
    nodes: Middle
    seconds: Middle


@dataclasses.dataclass(frozen=True)
class PoseSweep:
    """`over` is of OVER."""

    over: str
    lines: Sequence[Line]

    @property
    def runs(self) -> list[PoseResults]:
        return [run for line in self.lines for run in line.runs]


def points_of(run: PoseResults) -> float:
    """Correspondences of a problem, the median."""
    return float(np.median(run.count))


def outliers_of(run: PoseResults) -> float:
    """The median share of wrong matches where they are known, else of those that are no inliers."""
    shares = [
        (m.is_right == 0).mean() if m.has_truth else 1 - m.is_inlier.mean() for m in run.matches
    ]
    return float(np.median(shares))


def sweep(runs: Sequence[PoseResults], over: str | None = None) -> PoseSweep:
    """Lines over what is named, else over what differs more. Raises ReadError where nothing does."""
    of = {"outliers": outliers_of, "points": points_of}
    over = over or _what_differs(runs)
    other = next(name for name in OVER if name != over)
    groups: dict[tuple[str, ...], list[PoseResults]] = {}
    for run in runs:
        groups.setdefault(_setting(run, other), []).append(run)
    for group in groups.values():
        group.sort(key=of[over])
    if max(len({of[over](run) for run in group}) for group in groups.values()) < 2:
        raise ReadError(f"{runs[0].path}: these files do not differ in their {over} alone")
    words = list(groups)
    shared = [len({setting[k] for setting in words}) == 1 for k in range(len(words[0]))]
    lines = []
    for setting, group in groups.items():
        apart = [word for word, same in zip(setting, shared, strict=True) if not same]
        lines.append(_line(", ".join(apart), group, np.array([of[over](run) for run in group])))
    return PoseSweep(over, lines)


def _what_differs(runs: Sequence[PoseResults]) -> str:
    points = [points_of(run) for run in runs]
    return "points" if max(points) > 1.5 * max(min(points), 1) else "outliers"


def _setting(run: PoseResults, other: str) -> tuple[str, ...]:
    """What keeps runs apart, in words."""
    gap = run.deck.table("search").get("gap", {})
    relative = gap.get("relative") if isinstance(gap, dict) else None
    allowed = f"{100 * relative:g} %" if relative is not None else f"{gap.get('absolute', 0)} inliers"
    asked = run.deck.table("correspondences").get("outliers")
    share = asked if isinstance(asked, int | float) else round(outliers_of(run), 2)
    held = f"{100 * share:g} % outliers" if other == "outliers" else f"{points_of(run):.2g} points"
    ranks = run.provenance.get("ranks", 1)
    return (run.mode, held, f"gap {allowed}", "1 rank" if ranks == 1 else f"{ranks} ranks")


def _line(label: str, runs: Sequence[PoseResults], x: Array) -> Line:
    return Line(
        label,
        runs,
        x,
        np.array([run.problems for run in runs]),
        np.array([int(run.truth.is_known.sum()) for run in runs]),
        np.array([int(run.truth.is_met.sum()) for run in runs]),
        np.array([int(run.is_proven.sum()) for run in runs]),
        _middle([run.effort.nodes for run in runs]),
        _middle([run.effort.seconds for run in runs]),
    )


def _middle(values: Sequence[Array]) -> Middle:
    return Middle(*np.array([np.quantile(of, (0.25, 0.5, 0.75)) for of in values]).T)


def slope(x: Array, y: Array) -> Slope | None:
    """Of log y against log x, by least squares; None of fewer than three."""
    if len(set(x)) < 3 or not (y > 0).all():
        return None
    at, of = np.log(x) - np.log(x).mean(), np.log(y)
    square = float(at @ at)
    exponent = float(at @ of) / square
    rest = of - of.mean() - exponent * at
    return Slope(exponent, math.sqrt(float(rest @ rest) / (x.size - 2) / square))


def wilson(met: int, of: int) -> tuple[float, float]:
    """The interval of 95 % of a share (Wilson, J. Am. Stat. Assoc. 22, 1927)."""
    z = NORMAL_95
    share, scale = met / of, 1 + z**2 / of
    middle = (share + z**2 / (2 * of)) / scale
    half = z / scale * math.sqrt(share * (1 - share) / of + (z / (2 * of)) ** 2)
    return max(middle - half, 0.0), min(middle + half, 1.0)


# ---------------------------------------------------------------- figures


def drawings(of: PoseSweep) -> list[Drawing]:
    out = [
        _effort(of, "nodes", "boxes of rotations", "Boxes of rotations that were bounded"),
        _effort(of, "seconds", "seconds", "Time of the searches"),
    ]
    if any(line.known.any() for line in of.lines):
        out.append(_success(of))
    return out


def _scaled(of: PoseSweep, x: Array) -> Array:
    return 100 * x if of.over == "outliers" else x


def _label_x(axes: Axes, of: PoseSweep) -> None:
    """Numbers of correspondences are written out, where there are runs."""
    axes.set_xlabel(OVER[of.over])
    if of.over != "points":
        return
    axes.set_xscale("log")
    values = np.unique(np.concatenate([line.x for line in of.lines]))
    axes.set_xticks(values[:: math.ceil(values.size / MOST_TICKS)])
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())


def _effort(of: PoseSweep, name: str, label: str, what: str) -> Drawing:
    found = [getattr(line, name) for line in of.lines]
    fits = [
        slope(line.x, middle.median) if of.over == "points" else None
        for line, middle in zip(of.lines, found, strict=True)
    ]

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for k, (line, middle, fit) in enumerate(zip(of.lines, found, fits, strict=True)):
            words = [line.label] if line.label else []
            if fit is not None:
                words.append(f"exponent {fit}")
            colour, x = style.CYCLE[k % len(style.CYCLE)], _scaled(of, line.x)
            bars = np.array([middle.median - middle.low, middle.high - middle.median])
            axes.errorbar(
                x, middle.median, yerr=bars, color=colour, marker="o", markersize=3, capsize=2,
                linewidth=1, label=": ".join(words) or None,
            )  # fmt: skip
        _label_x(axes, of)
        ends = np.concatenate([(middle.low, middle.high) for middle in found], axis=1)
        style.plain_log_axis(axes, style.padded(ends))
        axes.set_ylabel(label)
        style.legend_above(axes, columns=1)

    caption = f"{what}: medians and quartiles of the problems of each file."
    if any(fit is not None for fit in fits):
        caption += " Exponents are of power laws fitted to the medians, with standard errors."
    return Drawing(name, 2.9, caption, draw)


def _success(of: PoseSweep) -> Drawing:
    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for k, line in enumerate(of.lines):
            known = line.known > 0
            x, met, total = _scaled(of, line.x[known]), line.met[known], line.known[known]
            if not x.size:
                continue
            share = met / total
            ends = np.array([wilson(int(m), int(n)) for m, n in zip(met, total, strict=True)])
            bars = np.abs(ends.T - share)
            colour = style.CYCLE[k % len(style.CYCLE)]
            axes.errorbar(
                x, 100 * share, yerr=100 * bars, color=colour, marker="o", markersize=3,
                capsize=2, linewidth=1, label=line.label or "right",
            )  # fmt: skip
            proven = (line.proven / line.problems)[known]
            axes.errorbar(
                x, 100 * proven, fmt="x", color=colour, markersize=4, label=None if k else "proven"
            )
        _label_x(axes, of)
        axes.set_ylim(-3, 103)
        axes.set_ylabel("problems [%]")
        style.legend_above(axes, columns=2)

    caption = (
        f"Problems whose refined pose is within {RIGHT_DEGREES:g} degree and {100 * RIGHT_CENTRE:g} % of"
        " the median distance of the truth,"
        " with intervals of 95 % (Wilson); crosses: those of which the number of inliers is proven to"
        " within the gap that the deck allows."
    )
    return Drawing("success", 2.7, caption, draw)

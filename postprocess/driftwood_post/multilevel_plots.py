# SPDX-License-Identifier: BSD-3-Clause
"""The figure of a multilevel estimate, after Giles, Acta Numerica 24 (2015) 259."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from driftwood_post import style
from driftwood_post.arrays import Array
from driftwood_post.drawing import Drawing
from driftwood_post.results import Multilevel, Results

CLEAR = 3  # standard errors from zero; a smaller mean is mostly noise


def multilevel(results: Results) -> Drawing | None:
    """Variances and means of the levels with how fast they fall, and what each level took."""
    levels = results.multilevel
    if levels is None:
        return None
    data = levels

    def draw(figure: Figure) -> None:
        (variance, mean), (samples, share) = figure.subplots(2, 2, sharex=True)
        _draw_fall(variance, data.level, data.variance, np.ones(data.level.shape, dtype=bool))
        variance.set_ylabel("log$_2$ variance")
        _draw_fall(mean, data.level, np.abs(data.mean), clear_means(data))
        mean.set_ylabel("log$_2$ |mean|")
        samples.plot(data.level, data.samples, "o-", ms=3, color=style.ESTIMATE)
        samples.set_yscale("log")
        decades = np.log10(np.maximum(data.samples, 1))
        samples.set_ylim(10 ** np.floor(decades.min()), 10 ** np.floor(decades.max() + 1))
        samples.set_ylabel("samples")
        share.bar(data.level, 100 * data.share, color=style.ESTIMATE, alpha=0.6, width=0.7)
        share.set_ylabel("share of the work [%]")
        for axes in (samples, share):
            axes.set_xlabel("level")
            axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))

    return Drawing("multilevel", 3.4, _caption(data), draw)


def _caption(levels: Multilevel) -> str:
    text = (
        f"Levels of the estimate of {levels.quantity or 'the mean'}: variance of a sample and size"
        " of what the level adds to the mean, samples, and share of all steps. Squares: level 0,"
        " which is no difference of two grids. Dashed: fits to the levels from 1 on."
    )
    if not clear_means(levels)[1:].all():
        text += f" Hollow: within {CLEAR} standard errors of zero, not in the fit."
    return text


def clear_means(levels: Multilevel) -> Array:
    """Which of the levels' means stand out of their noise (L)."""
    return np.abs(levels.mean) > CLEAR * levels.standard_errors


def fitted_slope(level: Array, value: Array, used: Array) -> tuple[float, float] | None:
    """Slope and intercept of log2(value) over the level, by least squares over those `used` levels
    from 1 on that are positive; None where these are fewer than two."""
    chosen = used & (level >= 1) & (value > 0)
    if chosen.sum() < 2:
        return None
    slope, intercept = np.polyfit(level[chosen], np.log2(value[chosen]), 1)
    return float(slope), float(intercept)


def _draw_fall(axes: Axes, level: Array, value: Array, used: Array) -> None:
    logs = np.log2(value, out=np.full(value.shape, np.nan), where=value > 0)
    first, others = level == 0, level > 0
    axes.plot(level[first], logs[first], "s", ms=3.5, color=style.ESTIMATE)
    for mask, face in ((others & used, style.ESTIMATE), (others & ~used, "white")):
        axes.plot(level[mask], logs[mask], "o", ms=3, mfc=face, mec=style.ESTIMATE, mew=0.8)
    line = fitted_slope(level, value, used)
    if line is not None:
        ends = np.array([1, level.max()])
        label = f"fit: slope {line[0]:.2f}".replace("-", "−")
        axes.plot(ends, line[0] * ends + line[1], "--", lw=1, color=style.REFERENCE, label=label)
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    style.legend_above(axes)

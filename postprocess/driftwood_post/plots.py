# SPDX-License-Identifier: BSD-3-Clause
"""The figures of an ensemble. Each function returns a drawing: call it with a matplotlib figure.

A function returns None where the results do not hold what its figure shows.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from driftwood_post import layout, style
from driftwood_post.arrays import Array
from driftwood_post.drawing import Drawing, time_label
from driftwood_post.laws import Known, Law, Reference, event_component
from driftwood_post.multilevel_plots import multilevel
from driftwood_post.passage_plots import first_passage
from driftwood_post.pieces import NORMAL_95
from driftwood_post.results import Formula, Histogram, Results
from driftwood_post.step_plots import step_sizes

MOST_PATHS = 12
MOST_EARLIER_TIMES = 3
MOST_MARKS = 12
CENTRAL_PART = 0.997  # of the samples, what the axes of a histogram show


# ---------------------------------------------------------------- fan chart


def fan(results: Results, component: str, law: Law | None) -> Drawing | None:
    """Median and quantile bands over time (mean +- 1.96 sd without quantiles) and saved paths."""
    has_band = results.quantiles is not None or (
        results.moments is not None and results.moments.variance is not None
    )
    if results.time.size < 2 or not has_band:
        return None

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        index = results.component_index(component)
        _draw_saved_paths(axes, results, index)
        if results.quantiles is not None:
            _draw_quantile_bands(axes, results, index)
        else:
            _draw_normal_band(axes, results, index)
        _draw_means(axes, results, index, law)
        axes.set_xlim(results.time[0], results.time[-1])
        axes.set_xlabel(time_label(results))
        axes.set_ylabel(_component_label(results, component))
        style.legend_above(axes)

    return Drawing(f"fan.{component}", 2.7, _fan_caption(results, component, law), draw)


def _fan_caption(results: Results, component: str, law: Law | None) -> str:
    bands = "median and quantile bands" if results.quantiles is not None else "mean ± 1.96 sd"
    text = f"{component} over time: {bands}, ensemble mean"
    if results.paths is not None:
        text += f", {min(results.paths.id.size, MOST_PATHS)} saved paths"
    return text + (", and the exact mean." if law and law.mean else ".")


def _draw_saved_paths(axes: Axes, results: Results, index: int) -> None:
    if results.paths is None:
        return
    for number, path in enumerate(results.paths.first(MOST_PATHS)[:, :, index]):
        label = "paths" if number == 0 else None
        axes.plot(results.time, path, color=style.PATH, lw=0.4, alpha=0.8, zorder=2.5, label=label)


def _draw_quantile_bands(axes: Axes, results: Results, index: int) -> None:
    assert results.quantiles is not None
    probability, value = results.quantiles.probability, results.quantiles.value[:, :, index]
    pairs, alone = quantile_pairs(probability)
    for number, (low, high) in enumerate(pairs):
        percent = 100 * (probability[high] - probability[low])
        axes.fill_between(
            results.time,
            value[:, low],
            value[:, high],
            color=style.ESTIMATE,
            alpha=0.16 + 0.14 * number,
            lw=0,
            zorder=1 + 0.01 * number,
            label=f"central {percent:.4g} %",
        )
    for single in alone:
        if np.isclose(probability[single], 0.5):
            kind = {"lw": 1.3, "label": "median", **_points(results.time)}
        else:
            kind = {"lw": 0.8, "ls": ":", "label": f"{100 * probability[single]:.4g} % quantile"}
        axes.plot(results.time, value[:, single], color=style.ESTIMATE, zorder=3, **kind)


def quantile_pairs(probability: Array) -> tuple[list[tuple[int, int]], list[int]]:
    """Indices of the pairs (p, 1 - p), widest first, and of the probabilities without a partner."""
    order = list(np.argsort(probability))
    pairs, alone = [], []
    while order:
        low = order.pop(0)
        high = next((k for k in order if abs(probability[k] + probability[low] - 1) < 1e-9), None)
        if high is None:
            alone.append(low)
        else:
            order.remove(high)
            pairs.append((low, high))
    return pairs, alone


def _draw_normal_band(axes: Axes, results: Results, index: int) -> None:
    assert results.moments is not None and results.moments.variance is not None
    mean = results.moments.mean[:, index]
    half = NORMAL_95 * np.sqrt(results.moments.variance[:, index])
    band = (results.time, mean - half, mean + half)
    axes.fill_between(*band, color=style.ESTIMATE, alpha=0.2, lw=0, label="mean ± 1.96 sd")


def _draw_means(axes: Axes, results: Results, index: int, law: Law | None) -> None:
    if results.moments is not None:
        stride = -(-results.time.size // MOST_MARKS)
        shown = slice((results.time.size - 1) % stride, None, stride)  # regular, with the last
        axes.plot(
            results.time[shown],
            results.moments.mean[shown, index],
            "o",
            ms=3,
            mfc="white",
            mec=style.ESTIMATE,
            mew=0.8,
            zorder=5,
            clip_on=False,
            label="mean",
        )
    if law is not None and law.mean is not None:
        fine = np.linspace(results.time[0], results.time[-1], 200)
        axes.plot(fine, law.mean(fine), "--", color=style.REFERENCE, zorder=4, label="exact mean")


# ---------------------------------------------------------------- marginal histograms


def marginal(results: Results, component: str, law: Law | None) -> Drawing | None:
    """Histograms at the last and up to three earlier times, with the known density over them."""
    histogram = results.histograms.get(component)
    times = shown_times(results.time, histogram) if histogram is not None else []
    if histogram is None or not times:
        return None
    label = _component_label(results, component)

    def draw(figure: Figure) -> None:
        earlier = times[:-1]
        grid = figure.add_gridspec(2 if earlier else 1, max(1, len(earlier)),
                                   height_ratios=[1.9, 1] if earlier else [1])  # fmt: skip
        main = figure.add_subplot(grid[0, :])
        _draw_marginal(main, results, histogram, times[-1], law)
        main.set_xlabel(label)
        main.set_ylabel("probability density")
        style.legend_above(main)
        for column, index in enumerate(earlier):
            small = figure.add_subplot(grid[1, column])
            _draw_marginal(small, results, histogram, index, law)
            small.set_title(f"t = {results.time[index]:.4g}", fontsize=7, pad=2)
            small.xaxis.set_major_locator(MaxNLocator(2))  # room for labels of five characters
            small.set_yticks([])
            small.spines["left"].set_visible(False)

    return Drawing(
        f"marginal.{component}",
        3.4 if len(times) > 1 else 2.6,
        _marginal_caption(results, component, histogram, times, law),
        draw,
    )


def _marginal_caption(
    results: Results, component: str, histogram: Histogram, times: list[int], law: Law | None
) -> str:
    last = times[-1]
    text = f"Distribution of {component} at t = {results.time[last]:.4g}"
    text += " and earlier, each with its own axes" if len(times) > 1 else ""
    text += f"; the central {100 * CENTRAL_PART:g} %"
    outside = (histogram.below[last] + histogram.above[last]) / max(1, histogram.total[last])
    if outside > 1 - CENTRAL_PART:
        text += f" of the bins, outside of which lie {100 * outside:.2g} % of the last samples"
    if law is not None and law.stationary is not None:
        text += "; dashed, the density it settles to"
    elif law is not None and law.density is not None:
        text += f"; line, the {law.name} density"
    return text + "."


def shown_times(time: Array, histogram: Histogram) -> list[int]:
    """Indices of the last time and of those nearest to equal parts of it, at most four in all, at
    which the component is not constant."""
    spread = [k for k, count in enumerate(histogram.count) if (count > 0).sum() > 1]
    if len(spread) <= MOST_EARLIER_TIMES + 1:
        return spread
    last = time[spread[-1]]
    wanted = last * np.arange(1, MOST_EARLIER_TIMES + 1) / (MOST_EARLIER_TIMES + 1)
    nearest = {min(spread[:-1], key=lambda k: abs(time[k] - w)) for w in wanted}
    return [*sorted(nearest), spread[-1]]


def _draw_marginal(
    axes: Axes, results: Results, histogram: Histogram, index: int, law: Law | None
) -> None:
    first, last = _occupied(histogram.count[index])
    edges = histogram.edges[index][first : last + 2]
    density = histogram.density[index][first : last + 1]
    label = f"ensemble, t = {results.time[index]:.4g}"
    axes.stairs(density, edges, fill=True, color=style.ESTIMATE, alpha=0.45, lw=0, label=label)
    axes.set_xlim(edges[0], edges[-1])
    axes.set_ylim(0, 1.12 * density.max())
    if law is None:
        return
    x = np.linspace(edges[0], edges[-1], 400)
    if law.stationary is not None:
        axes.plot(
            x, law.stationary(x), "--", color=style.REFERENCE, lw=1, label="stationary density"
        )
    exact = law.density(float(results.time[index]), x) if law.density is not None else None
    if exact is not None:
        axes.plot(x, exact, color=style.REFERENCE, lw=1, label=law.name)


def _occupied(count: Array, kept: float = CENTRAL_PART) -> tuple[int, int]:
    """First and last bin of the central `kept` part of the counts."""
    cumulative = np.cumsum(count) / count.sum()
    first = int(np.searchsorted(cumulative, (1 - kept) / 2, side="right"))
    return first, int(np.searchsorted(cumulative, (1 + kept) / 2, side="left"))


# ---------------------------------------------------------------- convergence


def convergence(
    results: Results, name: str, formula: Formula, reference: Reference | None
) -> Drawing | None:
    """The estimate with its 95 % interval and its relative standard error, against the number of
    paths where the file holds the running estimate, else against time."""
    running = formula.running
    if running is None and results.time.size < 2:
        return None
    end = float(results.time[-1])
    if running is not None:
        x, mean, error = running.paths, running.mean, running.standard_error
        caption = f"{name} at t = {end:.4g} as paths were added"
    else:
        x, mean, error = results.time, formula.mean, formula.standard_error
        caption = f"{name} over time"

    def draw(figure: Figure) -> None:
        upper, lower = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": [1.2, 1]})
        _draw_estimate(upper, x, mean, error)
        upper.set_ylabel(style.with_units(name, results.units.get(f"formulas/{name}/mean")))
        _draw_reference(upper, reference, x, end, running is not None)
        style.legend_above(upper)
        _draw_relative_error(lower, x, mean, error, running is not None)
        lower.set_xlabel("paths" if running is not None else time_label(results))

    caption += ": estimate with 95 % interval (above), standard error over |estimate| (below)."
    return Drawing(f"convergence.{name}", 3.2, caption, draw)


def _draw_estimate(axes: Axes, x: Array, mean: Array, error: Array) -> None:
    half = NORMAL_95 * error
    band = (x, mean - half, mean + half)
    axes.fill_between(*band, color=style.ESTIMATE, alpha=0.2, lw=0, label="95 % interval")
    axes.plot(x, mean, color=style.ESTIMATE, label="estimate", **_points(x))


def _points(x: Array) -> dict[str, Any]:
    """Marks for each value where they are few."""
    return {"marker": "o", "ms": 2.5} if len(x) <= 24 else {}


def _draw_reference(
    axes: Axes, reference: Reference | None, x: Array, end: float, against_paths: bool
) -> None:
    if reference is None:
        return
    if against_paths:
        values = [reference.value(end)] * len(x)
    else:
        values = [reference.value(float(time)) for time in x]
    if any(value is None for value in values):
        return
    axes.plot(x, values, "--", color=style.REFERENCE, label="reference")


def _draw_relative_error(
    axes: Axes, x: Array, mean: Array, error: Array, against_paths: bool
) -> None:
    usable = (np.abs(mean) > 3 * error) & (error > 0)
    percent = np.divide(100 * error, np.abs(mean), out=np.full(len(x), np.nan), where=usable)
    axes.plot(x, percent, color=style.ESTIMATE, **_points(x))
    axes.set_ylabel("relative\nstandard error [%]")
    if not usable.any():
        return
    if against_paths:
        axes.set_xscale("log")
        last = np.flatnonzero(usable)[-1]
        guide = percent[last] * np.sqrt(x[last] / x)
        axes.plot(x, guide, ":", color=style.GUIDE, lw=0.9, label="paths$^{-1/2}$")
        axes.legend(loc="upper right")
    style.plain_log_axis(axes, percent[usable])


# ---------------------------------------------------------------- standard errors of components


def standard_errors(results: Results) -> Drawing | None:
    """Standard error of each component's mean over time, for files without formulas."""
    moments = results.moments
    if moments is None or results.time.size < 2:
        return None

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        names = results.components[:8]
        for index, name in enumerate(names):
            error = moments.standard_error[:, index]
            axes.plot(results.time, error, label=name, **_points(results.time))
        axes.margins(y=0.1)
        axes.set_xlim(results.time[0], results.time[-1])
        axes.set_ylim(bottom=0)
        axes.set_xlabel(time_label(results))
        if len(names) > 1:
            axes.set_ylabel("standard error of the mean")
            style.legend_above(axes, columns=4)
        else:
            axes.set_ylabel(f"standard error of\nthe mean of {names[0]}")

    caption = "Standard error of the ensemble mean of each component."
    return Drawing("standard_error", 2.4, caption, draw)


# ---------------------------------------------------------------- all of them


def _component_label(results: Results, component: str) -> str:
    units = results.units.get(f"histogram/{component}/edges") or results.units.get("moments/mean")
    return style.with_units(component, units if units != layout.MIXED_UNITS else None)


def drawings(
    results: Results, known: Known, components: Iterable[str] | None = None
) -> list[Drawing]:
    """Every figure the results allow, of the named components or of all."""
    chosen = list(results.components if components is None else components)
    made = [fan(results, name, known.components.get(name)) for name in chosen]
    made += [marginal(results, name, known.components.get(name)) for name in chosen]
    for event in results.first_passages:
        if _is_about(results, event, chosen):
            made.append(first_passage(results, event, known.passages.get(event)))
    made += [multilevel(results), step_sizes(results)]
    for name, formula in results.formulas.items():
        made.append(convergence(results, name, formula, known.formulas.get(name)))
    if not results.formulas:
        made.append(standard_errors(results))
    return [drawing for drawing in made if drawing is not None]


def _is_about(results: Results, event: str, components: list[str]) -> bool:
    """Whether an event is about one of these components, or the deck does not say."""
    table = results.deck.table("events").get(event)
    try:
        return event_component(table, results.components) in components
    except (ValueError, AttributeError):
        return True

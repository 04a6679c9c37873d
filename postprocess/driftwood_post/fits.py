# SPDX-License-Identifier: BSD-3-Clause
"""Reads and presents models that sde_gradient fitted to data.

Shapes: P parameters, M moments, I iterations, N transitions, C components, T observations, Q quantiles.
"""

from __future__ import annotations

import dataclasses
import functools
import html
from collections.abc import Sequence
from pathlib import Path

import h5py
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from driftwood_post import layout, pieces, style
from driftwood_post.arrays import Array
from driftwood_post.drawing import Drawing
from driftwood_post.origin import Origin, origin_of, page_of
from driftwood_post.plots import quantile_pairs
from driftwood_post.present import stem_of, write_report
from driftwood_post.read import ReadError, need, opened, text

MOST_FIGURES = 4  # components with figures of their own
MOST_LAGS = 40  # of autocorrelations
MOST_POINTS = 4000  # of a scatter
MOST_ROWS = 200  # moments in a table
SMALL = 0.01  # a probability that speaks against the model
TESTS = {
    "ljung_box": "autocorrelation of residuals (Ljung and Box)",
    "ljung_box_of_squares": "autocorrelation of their squares (Ljung and Box)",
    "jarque_bera": "normal residuals (Jarque and Bera)",
    "kolmogorov_smirnov": "law of the next observation (Kolmogorov and Smirnov)",
}


@dataclasses.dataclass(frozen=True)
class Residuals:
    """What came, beside what the fitted model said of it before."""

    observation: Array  # (N) rows of the series
    labels: Sequence[str]  # (N) dates, or nothing
    value: Array  # (N, C) in standard deviations
    mean: Array  # (N, C)
    sd: Array  # (N, C)
    beaten: Array  # (N, C) share of simulated values below
    tests: Sequence[str]
    statistic: Array  # (test, C)
    p_value: Array  # (test, C)


@dataclasses.dataclass(frozen=True)
class Fan:
    """Quantiles of simulated paths beside the end of the series."""

    time: Array  # (T)
    labels: Sequence[str]  # (T) dates, or nothing
    data: Array  # (T, C)
    value: Array  # (T, Q, C)
    quantile: Array  # (Q)


@dataclasses.dataclass(frozen=True)
class FitResults(Origin):
    """A model that was fitted to a series, or to given values."""

    parameters: Sequence[str]
    start: Array  # (P)
    estimate: Array  # (P)
    standard_error: Array  # (P)
    lower: Array  # (P)
    upper: Array  # (P)
    covariance: Array  # (P, P)
    converged: bool
    last_step: float
    method: str
    transform: str
    objective: Array  # (I)
    trace: Array  # (I, P)
    accepted: Array  # (I)
    weighting: Array  # (I)
    moments: Sequence[str]
    data: Array  # (M)
    model: Array  # (M)
    moment_error: Array  # (M)
    t: Array  # (M)
    overidentification: tuple[float, int, float] | None  # statistic, degrees of freedom, p
    components: Sequence[str]
    residuals: Residuals | None
    fan: Fan | None

    def back(self, values: Array) -> Array:
        """Values of the model in the units of the data."""
        return np.exp(values) if self.transform == "log" else values

    @property
    def correlation(self) -> Array:
        """Of the estimates, (P, P)."""
        return self.covariance / np.outer(self.standard_error, self.standard_error)


def open_fit(path: Path | str) -> FitResults:
    """Reads the file; raises ReadError for one that has no fit."""
    path = Path(path)
    with opened(path) as file:
        if layout.FIT not in file:
            raise ReadError(f"{path}: not a fit of sde_gradient (it has no /{layout.FIT})")
        group = file[layout.FIT]
        trace, moments = group["trace"], group["moments"]
        attributes = group["estimate"].attrs
        found = FitResults(
            **origin_of(file, path),
            parameters=_names(group, "parameter"),
            start=need(group, "start"),
            estimate=need(group, "estimate"),
            standard_error=need(group, "standard_error"),
            lower=need(group, "lower"),
            upper=need(group, "upper"),
            covariance=need(group, "covariance"),
            converged=bool(group["converged"][()]),
            last_step=float(group["last_step"][()]),
            method=text(attributes.get("method", "")),
            transform=text(attributes.get("transform", "none")),
            objective=need(trace, "objective"),
            trace=need(trace, "parameters"),
            accepted=need(trace, "accepted"),
            weighting=need(trace, "weighting"),
            moments=_names(moments, "name"),
            data=need(moments, "data"),
            model=need(moments, "model"),
            moment_error=need(moments, "standard_error"),
            t=need(moments, "t"),
            overidentification=_overidentification(group),
            components=_names(file, layout.COMPONENT) if layout.COMPONENT in file else (),
            residuals=_residuals(group),
            fan=_fan(group),
        )
    if found.trace.shape != (found.objective.size, len(found.parameters)):
        raise ReadError(f"{path}: /{layout.FIT}/trace has another shape; the file is damaged")
    return found


def _names(group: h5py.Group, name: str) -> list[str]:
    return [text(one) for one in need(group, name)] if name in group else []


def _overidentification(group: h5py.Group) -> tuple[float, int, float] | None:
    if "overidentification" not in group:
        return None
    found = group["overidentification"]
    return float(found["statistic"][()]), int(found["freedom"][()]), float(found["p_value"][()])


def _residuals(group: h5py.Group) -> Residuals | None:
    if "residuals" not in group:
        return None
    found = group["residuals"]
    numbers = ("observation", "value", "mean", "sd", "beaten", "statistic", "p_value")
    return Residuals(
        labels=_names(found, "label"),
        tests=_names(found, "test"),
        **{name: need(found, name) for name in numbers},
    )


def _fan(group: h5py.Group) -> Fan | None:
    if "fan" not in group:
        return None
    found = group["fan"]
    numbers = ("time", "data", "value", "quantile")
    return Fan(labels=_names(found, "label"), **{name: need(found, name) for name in numbers})


def autocorrelation(values: Array, lags: int) -> Array:
    """Of a series at the lags 1, 2, ...; (lags)."""
    centred = values - values.mean()
    whole = float(centred @ centred)
    return np.array([float(centred[k:] @ centred[:-k]) / whole for k in range(1, lags + 1)])


def normal_scores(count: int) -> Array:
    """Quantiles of the normal law at (i - 3/8) / (n + 1/4), as Blom (1958) places the order statistics
    of `count` values."""
    from statistics import NormalDist

    law = NormalDist()
    return np.array([law.inv_cdf((i + 0.625) / (count + 0.25)) for i in range(count)])


def write_fit(path: Path, folder: Path, *, dpi: int, file_format: str) -> list[Path]:
    """Figures and the report into `folder`; their paths, the report's first."""
    results = open_fit(path)
    sections = [_lead(results), _parameter_table(results), _test_table(results), _moment_table(results)]
    page = functools.partial(page_of, results, "Fitted model", [part for part in sections if part])
    stem = stem_of(results.path)
    return write_report(stem, folder, drawings(results), page, dpi=dpi, file_format=file_format)


def drawings(results: FitResults) -> list[Drawing]:
    """All figures that the file has numbers for."""
    out = []
    for c, name in enumerate(results.components[:MOST_FIGURES]):
        if results.fan is not None:
            out.append(_fan_drawing(results, results.fan, c, name))
        if results.residuals is not None:
            out.append(_residuals_drawing(results, results.residuals, c, name))
    out.append(_trace_drawing(results))
    if results.residuals is None:
        out.append(_targets_drawing(results))
    return out


def _fan_drawing(results: FitResults, fan: Fan, c: int, name: str) -> Drawing:
    pairs, lines = quantile_pairs(fan.quantile)

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        values = results.back(fan.value[:, :, c])
        for low, high in pairs:
            axes.fill_between(
                fan.time, values[:, low], values[:, high], color=style.ESTIMATE, alpha=0.2, linewidth=0
            )
        for middle in lines:
            axes.plot(fan.time, values[:, middle], color=style.ESTIMATE)
        axes.plot(fan.time, results.back(fan.data[:, c]), color=style.REFERENCE, linewidth=0.8)
        axes.set_xlabel(style.with_units("time", results.units.get("fit/fan/time")))
        axes.set_ylabel(name.replace("_", " "))
        if fan.labels:
            axes.set_title(f"{fan.labels[0]} to {fan.labels[-1]}", fontsize=7, loc="right")

    inside = _share_inside(fan, c)
    caption = (
        f"Observations of {name} (orange) in the fan of paths simulated from the one before them; "
        f"{inside} of the observations lie between its outermost quantiles. They are one path: "
        "neighbours lie on the same side."
    )
    return Drawing(f"fan.{name}", 2.4, caption, draw)


def _share_inside(fan: Fan, c: int) -> str:
    known = np.isfinite(fan.data[:, c])
    data, values = fan.data[known, c], fan.value[known, :, c]
    inside = (data >= values[:, 0]) & (data <= values[:, -1])
    return f"{100 * inside.mean():.0f} %"


def _residuals_drawing(results: FitResults, residuals: Residuals, c: int, name: str) -> Drawing:
    values = residuals.value[:, c]

    def draw(figure: Figure) -> None:
        over_time, normal, serial, law = figure.subplots(2, 2).ravel()
        over_time.plot(residuals.observation, values, ".", markersize=1, color=style.ESTIMATE, rasterized=True)
        over_time.set(xlabel="observation", ylabel="residual [sd]")

        ordered = np.sort(values)
        scores = normal_scores(ordered.size)
        shown = _spread(ordered.size)
        normal.plot(scores[shown], ordered[shown], ".", markersize=2, color=style.ESTIMATE)
        ends = np.array([scores[0], scores[-1]])
        normal.plot(ends, ends, color=style.GUIDE, linewidth=0.8)
        normal.set(xlabel="normal quantile", ylabel="residual [sd]")

        lags = min(MOST_LAGS, values.size // 4)
        at = np.arange(1, lags + 1)
        band = 1.96 / np.sqrt(values.size)
        serial.axhspan(-band, band, color=style.GUIDE, alpha=0.25, linewidth=0)
        serial.plot(at, autocorrelation(values, lags), color=style.ESTIMATE, label="residuals")
        serial.plot(at, autocorrelation(values**2, lags), color=style.REFERENCE, label="squares")
        serial.set(xlabel="lag", ylabel="autocorrelation")
        serial.legend(fontsize=6, ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1.0))  # off the curves

        law.hist(residuals.beaten[:, c], bins=20, range=(0, 1), density=True, color=style.ESTIMATE, alpha=0.6)
        law.axhline(1, color=style.GUIDE, linewidth=0.8)
        law.set(xlabel="simulated below", ylabel="density")

    caption = (
        f"Residuals of {name} in standard deviations of the next observation given the one before: over "
        "the series; against quantiles of the normal law; their autocorrelation and that of their "
        "squares, with the band in which 95 % lie without any; and where observations fall among "
        "simulated ones, evenly spread if the model's law is right."
    )
    return Drawing(f"residuals.{name}", 3.6, caption, draw)


def _spread(count: int) -> Array:
    """Indices of at most so many points, all of the tails among them."""
    if count <= MOST_POINTS:
        return np.arange(count)
    tail = MOST_POINTS // 4
    middle = np.linspace(tail, count - tail - 1, MOST_POINTS - 2 * tail).astype(int)
    return np.concatenate((np.arange(tail), middle, np.arange(count - tail, count)))


def _trace_drawing(results: FitResults) -> Drawing:
    def draw(figure: Figure) -> None:
        rows = figure.subplots(1 + len(results.parameters), sharex=True, squeeze=False)[:, 0]
        at = np.arange(results.objective.size)
        kept = results.accepted > 0
        finite = np.isfinite(results.objective) & (results.objective > 0)
        rows[0].plot(at[finite], results.objective[finite], color=style.GUIDE, linewidth=0.8)
        rows[0].plot(at[kept & finite], results.objective[kept & finite], "o", markersize=2, color=style.ESTIMATE)
        rows[0].set_yscale("log")
        rows[0].set_ylabel("objective", fontsize=6)
        for p, axes in enumerate(rows[1:]):
            axes.axhspan(results.lower[p], results.upper[p], color=style.ESTIMATE, alpha=0.2, linewidth=0)
            axes.plot(at[kept], results.trace[kept, p], "o-", markersize=2, color=style.ESTIMATE)
            axes.set_ylabel(results.parameters[p], fontsize=6)
        rows[-1].set_xlabel("iteration")

    caption = (
        "The objective, half of gap^T W gap, and the parameters over the iterations, with the 95 % "
        "intervals of the estimates. Grey: steps that were taken back."
    )
    return Drawing("trace", 0.8 + 0.7 * (1 + len(results.parameters)), caption, draw)


def _targets_drawing(results: FitResults) -> Drawing:
    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        at = np.arange(1, len(results.moments) + 1)
        gap = (results.data - results.model) / results.moment_error
        axes.axhspan(-pieces.NORMAL_95, pieces.NORMAL_95, color=style.GUIDE, alpha=0.25, linewidth=0)
        axes.plot(at, gap, "o", markersize=3, color=style.ESTIMATE)
        axes.set(xlabel="target, in the order of the table", ylabel="target less model\n[standard errors]")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))

    caption = (
        "Targets less the fitted model in standard errors, those of the simulation included; the band "
        "is that of 95 %. The order is that of the table."
    )
    return Drawing("targets", 2.2, caption, draw)


def _lead(results: FitResults) -> str:
    to = "transitions of a series" if results.method == "transitions" else "given values"
    out = [f"Moments of the model match those of {to}."]
    if not results.converged:
        out.append(
            "<strong>The fit has not converged</strong>: a further step would be "
            f"{results.last_step:.3g} standard errors long."
        )
    if results.transform == "log":
        out.append("The model is of the logarithm of the data; fans are drawn in their units.")
    if results.overidentification is not None:
        statistic, freedom, p = results.overidentification
        verdict = "speaks against the model" if p < SMALL else "does not speak against the model"
        out.append(
            f"There are {freedom} moments to spare: J = {statistic:.4g} (p = {p:.3g}), which {verdict}."
        )
    return f"<p>{' '.join(out)}</p>"


def _parameter_table(results: FitResults) -> str:
    rows = [
        [html.escape(name), f"{results.start[p]:.6g}",
         pieces.estimate(results.estimate[p], results.standard_error[p])[0],
         f"{results.lower[p]:.6g} to {results.upper[p]:.6g}"]
        for p, name in enumerate(results.parameters)
    ]  # fmt: skip
    header = ["parameter", "start", "estimate", "95 % interval"]
    return pieces.section("Parameters", pieces.table(header, rows) + _correlation_note(results))


def _correlation_note(results: FitResults) -> str:
    strongest = np.abs(np.triu(results.correlation, 1))
    if strongest.size < 2 or not np.isfinite(strongest).all():
        return ""
    i, j = np.unravel_index(int(strongest.argmax()), strongest.shape)
    return (
        f"<p>The most correlated estimates are {html.escape(results.parameters[i])} and "
        f"{html.escape(results.parameters[j])}, by {results.correlation[i, j]:.2f}.</p>"
    )


def _test_table(results: FitResults) -> str:
    residuals = results.residuals
    if residuals is None:
        return ""
    rows = [
        [html.escape(name), TESTS.get(test, html.escape(test)), f"{residuals.statistic[k, c]:.4g}",
         f"{residuals.p_value[k, c]:.3g}"]
        for c, name in enumerate(results.components)
        for k, test in enumerate(residuals.tests)
    ]  # fmt: skip
    note = (
        f"<p>A p below {SMALL} says that residuals are not what the model says they are; long series "
        "show the smallest of faults.</p>"
    )
    header = ["component", "hypothesis", "statistic", "p"]
    return pieces.section("Residuals", pieces.table(header, rows) + note)


def _moment_table(results: FitResults) -> str:
    rows = [
        [html.escape(name), f"{results.data[m]:.8g}", f"{results.model[m]:.8g}", f"{results.moment_error[m]:.2g}",
         "" if np.isnan(results.t[m]) else f"{results.t[m]:.2f}"]
        for m, name in enumerate(results.moments[:MOST_ROWS])
    ]  # fmt: skip
    header = ["moment", "data", "model", "standard error", "t"]
    return pieces.section("Moments", pieces.table(header, rows))

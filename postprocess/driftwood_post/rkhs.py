# SPDX-License-Identifier: BSD-3-Clause
"""Steps of descents in a kernel's space, as natgrad_sweep counted them: read, drawn and reported.

Shapes: R sources, M methods, N numbers of rows, T steps.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from driftwood_post import layout, pieces, style
from driftwood_post.arrays import Array
from driftwood_post.drawing import Drawing
from driftwood_post.origin import Origin, last_sections, origin_of
from driftwood_post.present import draw_all, stem_of
from driftwood_post.read import ReadError, need, opened, text


@dataclasses.dataclass(frozen=True)
class RkhsResults(Origin):
    """One result of a deck with [rkhs]."""

    source: Array
    methods: list[str]
    n: Array
    risk: Array  # (R, M, N, T)
    steps: Array  # (R, M, N)
    best_risk: Array  # (R, M, N), and its standard error
    best_error: Array
    step_slope: Array  # (R, M), and its standard error
    step_slope_error: Array
    risk_slope: Array  # (R, M), and its standard error
    risk_slope_error: Array
    step_exponent: Array  # (R)
    printed_exponent: Array  # (R)
    risk_exponent: Array  # (R)

    @property
    def least_is_last(self) -> bool:
        """Whether some mean risk might have fallen further."""
        return bool((self.risk.argmin(axis=-1) == self.risk.shape[-1] - 1).any())


def open_rkhs(path: Path | str) -> RkhsResults:
    """Reads the file; raises ReadError for one that is not a whole result of [rkhs]."""
    path = Path(path)
    with opened(path) as file:
        if layout.RKHS not in file:
            raise ReadError(f"{path}: not a result of [rkhs] (it has no /{layout.RKHS})")
        group = file[layout.RKHS]
        found = RkhsResults(
            **origin_of(file, path),
            source=need(group, "source"),
            methods=[text(name) for name in need(group, "method")],
            n=need(group, "n"),
            risk=need(group, "risk/mean"),
            steps=need(group, "steps"),
            best_risk=need(group, "best/risk"),
            best_error=need(group, "best/standard_error"),
            step_slope=need(group, "slope/steps"),
            step_slope_error=need(group, "slope/steps_standard_error"),
            risk_slope=need(group, "slope/risk"),
            risk_slope_error=need(group, "slope/risk_standard_error"),
            step_exponent=need(group, "theory/steps"),
            printed_exponent=need(group, "theory/steps_printed"),
            risk_exponent=need(group, "theory/risk"),
        )
    if found.risk.shape[:3] != (found.source.size, len(found.methods), found.n.size):
        raise ReadError(f"{path}: /rkhs/risk/mean has another shape; the file is damaged")
    return found


def write_rkhs(path: Path, folder: Path, *, dpi: int, file_format: str) -> list[Path]:
    """Figures and the report into `folder`; their paths, the report's first."""
    results = open_rkhs(path)
    folder.mkdir(parents=True, exist_ok=True)
    stem = stem_of(results.path)
    pictures, written = draw_all(_drawings(results), folder, stem, dpi=dpi, file_format=file_format)
    body = [
        _verdict(results),
        pieces.section("Steps", _table_of_steps(results)),
        pieces.section("Least mean risks", _table_of_risks(results)),
        pieces.section("Figures", "".join(pieces.figure(picture) for picture in pictures)),
        *last_sections(results),
    ]
    page = folder / f"{stem}.report.html"
    page.write_text(pieces.document("Steps in a kernel's space", "".join(body)), encoding="utf-8")
    return [page, *written]


def _drawings(results: RkhsResults) -> list[Drawing]:
    out = []
    for r in range(results.source.size):
        if results.n.size > 1:
            out += [_steps_against_n(results, r), _risk_against_n(results, r)]
        out.append(_risk_against_steps(results, r))
    return out


def _anchored(n: Array, value: float, exponent: float) -> Array:
    """A power of n through the first value."""
    return value * (n / n[0]) ** exponent


def _steps_against_n(results: RkhsResults, r: int) -> Drawing:
    n, source = results.n, results.source[r]
    theory, printed = results.step_exponent[r], results.printed_exponent[r]

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for m, name in enumerate(results.methods):
            steps, colour = results.steps[r, m], style.CYCLE[m % len(style.CYCLE)]
            label = f"{name}, slope {results.step_slope[r, m]:.2f}"
            axes.loglog(n, steps, "o", markersize=3.5, color=colour, label=label)
            # Least squares: the line goes through the mean of the logarithms.
            middle = np.exp(np.log(steps).mean() + results.step_slope[r, m] * _centred(n))
            axes.loglog(n, middle, color=colour, linewidth=0.9)
        first = float(results.steps[r, 0, 0])
        axes.loglog(n, _anchored(n, first, theory), "--", color=style.GUIDE, linewidth=0.9,
                    label=f"n^{theory:.2f}, s/(2rs+1)")  # fmt: skip
        if not np.isclose(theory, printed):
            axes.loglog(n, _anchored(n, first, printed), ":", color=style.GUIDE, linewidth=0.9,
                        label=f"n^{printed:.2f}, 2rs/(2rs+1)")  # fmt: skip
        style.plain_log_axis(axes, results.steps[r])
        axes.set_xticks(n, [str(value) for value in n])
        axes.minorticks_off()
        axes.set_xlabel("rows n")
        axes.set_ylabel("steps")
        style.legend_above(axes, columns=2)

    caption = (
        f"Steps until the mean risk is near its least, source {source:g}: fitted lines, and powers of"
        f" n through the first point. Gradient descent: slope {results.step_slope[r, 0]:.2f} ±"
        f" {results.step_slope_error[r, 0]:.2f}, theory {theory:.2f}."
    )
    return Drawing(f"steps.source_{source:g}", 3.0, caption, draw)


def _centred(n: Array) -> Array:
    return np.asarray(np.log(n) - np.log(n).mean())


def _risk_against_n(results: RkhsResults, r: int) -> Drawing:
    n, source = results.n, results.source[r]

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for m, name in enumerate(results.methods):
            colour = style.CYCLE[m % len(style.CYCLE)]
            axes.errorbar(n, results.best_risk[r, m], yerr=2 * results.best_error[r, m], fmt="o-",
                          markersize=3, linewidth=0.9, color=colour, label=name)  # fmt: skip
        exponent = results.risk_exponent[r]
        first = float(results.best_risk[r, 0, 0])
        axes.plot(n, _anchored(n, first, exponent), "--", color=style.GUIDE, linewidth=0.9,
                  label=f"n^{exponent:.2f}")  # fmt: skip
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlabel("rows n")
        axes.set_ylabel("least mean risk")
        style.legend_above(axes)

    caption = f"Least mean risks with two standard errors, source {source:g}: all fall alike."
    return Drawing(f"least_risk.source_{source:g}", 2.8, caption, draw)


def _risk_against_steps(results: RkhsResults, r: int) -> Drawing:
    source = results.source[r]
    steps = np.arange(1, results.risk.shape[-1])

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for m, name in enumerate(results.methods):
            colour = style.CYCLE[m % len(style.CYCLE)]
            axes.loglog(steps, results.risk[r, m, -1, 1:], color=colour, label=name)
        axes.set_xlabel("steps")
        axes.set_ylabel(f"mean risk, n = {results.n[-1]}")
        style.legend_above(axes)

    caption = f"Mean risk along descents on n = {results.n[-1]} rows, source {source:g}."
    return Drawing(f"risk.source_{source:g}", 2.6, caption, draw)


def _verdict(results: RkhsResults) -> str:
    if results.least_is_last:
        return (
            '<p class="warning">Some mean risks are least at the last step: take more of'
            " rkhs.steps.</p>"
        )
    plain, preconditioned = results.steps[:, 0].max(), results.steps[:, 1].max()
    return (
        f'<p class="good">Preconditioned by the operator itself, descents take {preconditioned} steps'
        f" at most, plain ones up to {plain}: the gain is in steps, not in the least risk.</p>"
    )


def _slope(value: float, error: float) -> str:
    return f"{value:.2f} ± {error:.2f}" if np.isfinite(value) else ""


def _table_of_steps(results: RkhsResults) -> str:
    rows = []
    for r, source in enumerate(results.source):
        for m, name in enumerate(results.methods):
            theory = f"{results.step_exponent[r]:.2f}" if m == 0 else "log n"
            slope = _slope(results.step_slope[r, m], results.step_slope_error[r, m])
            counts = [str(int(v)) for v in results.steps[r, m]]
            rows.append([f"{source:g}", name, *counts, slope, theory])
    head = ("source", "method", *(f"n = {n}" for n in results.n), "slope", "theory")
    return pieces.table(head, rows)


def _table_of_risks(results: RkhsResults) -> str:
    rows = []
    for r, source in enumerate(results.source):
        for m, name in enumerate(results.methods):
            risks = [
                pieces.estimate(float(mean), float(error))[0]
                for mean, error in zip(results.best_risk[r, m], results.best_error[r, m], strict=True)
            ]
            slope = _slope(results.risk_slope[r, m], results.risk_slope_error[r, m])
            rows.append([f"{source:g}", name, *risks, slope, f"{results.risk_exponent[r]:.2f}"])
    head = ("source", "method", *(f"n = {n}" for n in results.n), "slope", "theory")
    return pieces.table(head, rows)

# SPDX-License-Identifier: BSD-3-Clause
"""Steps of descents in a kernel's space, as natgrad_sweep counted them: read, drawn and reported.

Shapes: R sources, M methods, N numbers of rows, T steps.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

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
    def cut(self) -> Array:
        """(R, M, N): where the mean risk is least at the last step and might have fallen further."""
        return np.asarray(self.risk.argmin(axis=-1) == self.risk.shape[-1] - 1)


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
            slope = results.step_slope[r, m]
            label = f"{name}, slope {slope:.2f}" if np.isfinite(slope) else name
            cut = results.cut[r, m]
            axes.loglog(n[~cut], steps[~cut], "o", markersize=3.5, color=colour, label=label)
            axes.loglog(n[cut], steps[cut], "^", markersize=3.5, color=colour)
            if not np.isfinite(slope):
                continue
            # Least squares: the line goes through the mean of the logarithms.
            middle = np.exp(np.log(steps).mean() + slope * _centred(n))
            axes.loglog(n, middle, color=colour, linewidth=0.9)
        first = float(results.steps[r, 0, 0])
        axes.loglog(n, _anchored(n, first, theory), "--", color=style.GUIDE, linewidth=0.9,
                    label=f"n^{theory:.2f}, s/(2rs+1)")  # fmt: skip
        if not np.isclose(theory, printed):
            axes.loglog(n, _anchored(n, first, printed), ":", color=style.GUIDE, linewidth=0.9,
                        label=f"n^{printed:.2f}, 2rs/(2rs+1)")  # fmt: skip
        style.plain_log_axis(axes, results.steps[r])
        _ticks_at(axes, n)
        axes.set_ylabel(f"steps, source r = {source:g}")
        style.legend_above(axes, columns=2)

    caption = (
        f"Steps until the mean risk is near its least, source {source:g}: fitted lines, and powers of"
        " n through the first point; triangles are lower bounds. Gradient descent: slope"
        f" {_slope(results.step_slope[r, 0], results.step_slope_error[r, 0])}, theory {theory:.2f}."
    )
    return Drawing(f"steps.source_{source:g}", 3.0, caption, draw)


def _ticks_at(axes: Axes, n: Array) -> None:
    axes.set_xticks(n, [str(value) for value in n])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel("rows n")


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
        _ticks_at(axes, n)
        axes.set_ylabel(f"least mean risk, r = {source:g}")
        style.legend_above(axes)

    caption = f"Least mean risks with two standard errors, source {source:g}."
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
        axes.set_ylabel(f"mean risk, r = {source:g}, n = {results.n[-1]}")
        style.legend_above(axes)

    caption = f"Mean risk along descents on n = {results.n[-1]} rows, source {source:g}."
    return Drawing(f"risk.source_{source:g}", 2.6, caption, draw)


def _verdict(results: RkhsResults) -> str:
    """What the numbers of pgd say beside those of gd, over pairs of source and n."""
    cut, steps, risk = results.cut, results.steps, results.best_risk
    fewer = ~cut[:, 1] & (steps[:, 1] < steps[:, 0])
    not_fewer = ~cut[:, 0] & (steps[:, 1] >= steps[:, 0])
    bound = 2 * np.hypot(results.best_error[:, 0], results.best_error[:, 1])
    lower = risk[:, 1] - risk[:, 0] < -bound
    higher = risk[:, 1] - risk[:, 0] > bound
    ratio = risk[:, 1] / risk[:, 0]
    most = [f"{'at least ' if cut[:, m].any() else ''}{int(steps[:, m].max())}" for m in (0, 1)]
    said = (
        f"pgd, preconditioned by the operator itself, beside gd in {fewer.size} pairs of source and"
        f" n: steps are fewer in {fewer.sum()}, not fewer in {not_fewer.sum()}, not known in"
        f" {(~fewer & ~not_fewer).sum()}; the most are {most[1]}, of gd {most[0]}. The least risk is"
        f" lower in {lower.sum()}, alike in {(~lower & ~higher).sum()}, higher in {higher.sum()} by"
        f" two standard errors; {ratio.min():.2f} to {ratio.max():.2f} times that of gd."
    )
    if cut.any():
        said += (
            f" Some mean risks are least at the last step, {results.risk.shape[-1] - 1}, and might"
            " fall further: counts with ≥ and risks with ≤ are bounds, to which no slope is"
            " fitted; take more of rkhs.steps."
        )
        return f'<p class="warning">{said}</p>'
    if fewer.all() and not (lower | higher).any():
        said += " The gain is in steps, not in the least risk."
    return f'<p class="good">{said}</p>'


def _slope(value: float, error: float) -> str:
    return f"{value:.2f} ± {error:.2f}" if np.isfinite(value) else "-"


def _table_of_steps(results: RkhsResults) -> str:
    rows = []
    for r, source in enumerate(results.source):
        for m, name in enumerate(results.methods):
            theory = f"{results.step_exponent[r]:.2f}" if m == 0 else "log n"
            slope = _slope(results.step_slope[r, m], results.step_slope_error[r, m])
            counts = [
                ("≥" if cut else "") + str(int(v))
                for v, cut in zip(results.steps[r, m], results.cut[r, m], strict=True)
            ]
            rows.append([f"{source:g}", name, *counts, slope, theory])
    head = ("source", "method", *(f"n = {n}" for n in results.n), "slope", "theory")
    return pieces.table(head, rows)


def _table_of_risks(results: RkhsResults) -> str:
    rows = []
    for r, source in enumerate(results.source):
        for m, name in enumerate(results.methods):
            risks = [
                ("≤" if cut else "") + pieces.estimate(float(mean), float(error))[0]
                for mean, error, cut in zip(
                    results.best_risk[r, m], results.best_error[r, m], results.cut[r, m], strict=True
                )
            ]
            slope = _slope(results.risk_slope[r, m], results.risk_slope_error[r, m])
            rows.append([f"{source:g}", name, *risks, slope, f"{results.risk_exponent[r]:.2f}"])
    head = ("source", "method", *(f"n = {n}" for n in results.n), "slope", "theory")
    return pieces.table(head, rows)

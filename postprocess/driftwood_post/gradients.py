# SPDX-License-Identifier: BSD-3-Clause
"""Reads and presents the derivatives of expectations that sde_gradient computes.

Shapes: F formulas, T times, P derivatives.
"""

from __future__ import annotations

import dataclasses
import functools
import html
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from driftwood_post import layout, pieces, style
from driftwood_post.arrays import Array
from driftwood_post.drawing import Drawing
from driftwood_post.origin import Origin, origin_of, page_of
from driftwood_post.present import stem_of, write_report
from driftwood_post.read import ReadError, need, opened, text

MOST_FIGURES = 6  # formulas with figures of their own
MOST_DRAWN = 12  # derivatives in a figure
MOST_ROWS = 200  # derivatives in a table
CHANGE = 0.01  # of a parameter, whose effect figures show


@dataclasses.dataclass(frozen=True)
class GradientResults(Origin):
    """Means of formulas and their derivatives, with standard errors."""

    time: Array  # (T)
    formulas: Sequence[str]
    texts: Sequence[str]  # of the formulas, as written
    parameters: Sequence[str]
    value: Array  # (F, T, P)
    standard_error: Array  # (F, T, P)
    mean: Array  # (F, T)
    mean_error: Array  # (F, T)
    mode: str

    def of(self, formula: str, parameter: str) -> tuple[Array, Array]:
        """The derivative of the formula by the parameter at all times, and its standard error, (T)."""
        f, p = self.formulas.index(formula), self.parameters.index(parameter)
        return self.value[f, :, p], self.standard_error[f, :, p]

    def parameter_value(self, name: str) -> float | None:
        """What the deck says a parameter is, where it says so in one number."""
        model = self.deck.table("model")
        places: list[Any] = [model.get(name), model.get("parameters", {}).get(name)]
        if name.startswith("initial."):
            initial = model.get("initial")
            component = name.removeprefix("initial.")
            places = [initial.get(component) if isinstance(initial, dict) else initial]
        for found in places:
            if isinstance(found, list) and len(found) == 1:
                found = found[0]
            if isinstance(found, int | float) and not isinstance(found, bool):
                return float(found)
        return None


def open_gradients(path: Path | str, *, allow_failed: bool = False) -> GradientResults:
    """Reads the file; raises ReadError for one that is not a whole result of sde_gradient."""
    path = Path(path)
    with opened(path, allow_failed=allow_failed) as file:
        if layout.GRADIENT not in file:
            raise ReadError(f"{path}: not derivatives of sde_gradient (it has no /{layout.GRADIENT})")
        group = file[layout.GRADIENT]
        formulas = [text(name) for name in need(group, "formula")]
        means = [file[f"{layout.FORMULAS}/{name}/mean"] for name in formulas]
        errors = [file[f"{layout.FORMULAS}/{name}/standard_error"] for name in formulas]
        found = GradientResults(
            **origin_of(file, path),
            time=need(file, layout.TIME),
            formulas=formulas,
            texts=[text(mean.attrs.get(layout.FORMULA_TEXT, "")) for mean in means],
            parameters=[text(name) for name in need(group, "parameter")],
            value=need(group, "value"),
            standard_error=need(group, "standard_error"),
            mean=np.array([mean[()] for mean in means]),
            mean_error=np.array([error[()] for error in errors]),
            mode=text(group["value"].attrs.get(layout.GRADIENT_MODE, "")),
        )
    shape = (len(formulas), found.time.size, len(found.parameters))
    if found.value.shape != shape or found.standard_error.shape != shape:
        raise ReadError(f"{path}: /{layout.GRADIENT}/value has another shape; the file is damaged")
    return found


def write_gradients(
    path: Path, folder: Path, *, dpi: int, file_format: str, allow_failed: bool = False
) -> list[Path]:
    """Figures and the report into `folder`; their paths, the report's first."""
    results = open_gradients(path, allow_failed=allow_failed)
    sections = [_lead(results), *_tables(results)]
    page = functools.partial(page_of, results, "Derivatives of expectations", sections)
    stem = stem_of(results.path)
    return write_report(stem, folder, drawings(results), page, dpi=dpi, file_format=file_format)


def drawings(results: GradientResults) -> list[Drawing]:
    """One figure per formula: over time, or of the effects at the only time."""
    one = _over_time if results.time.size > 1 else _effects
    return [one(results, f) for f in range(min(len(results.formulas), MOST_FIGURES))]


def _over_time(results: GradientResults, f: int) -> Drawing:
    name = results.formulas[f]
    shown = results.parameters[:MOST_DRAWN]

    def draw(figure: Figure) -> None:
        axes = figure.subplots(len(shown), sharex=True, squeeze=False)[:, 0]
        for p, axis in enumerate(axes):
            value, error = results.value[f, :, p], pieces.NORMAL_95 * results.standard_error[f, :, p]
            axis.fill_between(
                results.time, value - error, value + error, color=style.ESTIMATE, alpha=0.25, linewidth=0
            )
            axis.plot(results.time, value, color=style.ESTIMATE)
            axis.set_title(f"by {results.parameters[p]}", loc="left", fontsize=6, pad=2)
        axes[-1].set_xlabel(style.with_units("time", results.units.get("time")))
        figure.supylabel(f"derivative of the mean of {name}", fontsize=8)

    caption = f"Derivatives of the mean of {name} over time, with bands of 95 %.{_left_out(results)}"
    return Drawing(f"over_time.{name}", 0.6 + 0.75 * len(shown), caption, draw)


def _effects(results: GradientResults, f: int) -> Drawing:
    name = results.formulas[f]
    shown = results.parameters[:MOST_DRAWN]
    values = [results.parameter_value(parameter) for parameter in shown]
    is_relative = all(value is not None for value in values)
    changes = np.array([CHANGE * (abs(value) or 1) if value is not None else 1 for value in values])
    if not is_relative:
        changes = np.ones(len(shown))

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        effect = results.value[f, -1, : len(shown)] * changes
        error = pieces.NORMAL_95 * results.standard_error[f, -1, : len(shown)] * changes
        places = np.arange(len(shown))[::-1]
        axes.axvline(0, color=style.GUIDE, linewidth=0.6)
        axes.barh(places, effect, xerr=error, height=0.6, color=style.ESTIMATE, alpha=0.7,
                  error_kw={"elinewidth": 0.9, "capsize": 2})  # fmt: skip
        axes.set_yticks(places, shown)
        change = f"change of the mean of {name}\nas a parameter grows by 1 %"
        axes.set_xlabel(change if is_relative else f"derivative of the mean of {name}")

    what = "Derivatives of the mean"
    if is_relative:
        what = "How the mean changes as each parameter grows by 1 % (0 by 0.01)"
    caption = f"{what}: {name} at t = {results.time[-1]:.6g}, bars of 95 %.{_left_out(results)}"
    return Drawing(f"effects.{name}", 0.7 + 0.28 * len(shown), caption, draw)


def _left_out(results: GradientResults) -> str:
    more = len(results.parameters) - MOST_DRAWN
    return f" {more} more are in the file." if more > 0 else ""


def _lead(results: GradientResults) -> str:
    time = results.deck.table("time")
    parts = [f"{pieces.count(results.provenance.get('paths', 0))} paths"]
    if "scheme" in time:
        parts.append(f"scheme {time['scheme']}")
    if "steps" in results.provenance:
        parts.append(f"{pieces.count(results.provenance['steps'])} steps")
    parts.append(f"derivatives by mode {results.mode.replace('_', ' ')}")
    said = f"<p>{html.escape(', '.join(parts))}. They are of the discretised expectation.</p>"
    if results.path.suffix == ".failed":
        said = f'<p class="warning">This run failed; its deck does not accept its results.</p>{said}'
    lost = _lost_paths(results)
    if lost > 0:
        note = f"{pieces.count(lost)} paths, or their derivatives, are not finite and do not count."
        said += f'<p class="warning">{html.escape(note)}</p>'
    return said


def _lost_paths(results: GradientResults) -> int:
    numbers = [results.provenance.get(key) for key in (layout.PATH_COUNT, layout.FINITE_PATHS)]
    if not all(isinstance(number, int | float) for number in numbers):
        return 0
    return int(numbers[0] - numbers[1])  # type: ignore[operator]


def _tables(results: GradientResults) -> list[str]:
    """One per formula, at the last time."""
    out = []
    for f, name in enumerate(results.formulas):
        mean, error = float(results.mean[f, -1]), float(results.mean_error[f, -1])
        rows = [["the mean itself", *pieces.estimate(mean, error), ""]]
        for p, parameter in enumerate(results.parameters[:MOST_ROWS]):
            value = float(results.value[f, -1, p])
            spread = float(results.standard_error[f, -1, p])
            z = f"{value / spread:+.1f}" if spread > 0 else ""
            rows.append([f"by {parameter}", *pieces.estimate(value, spread), z])
        header = ("", f"at t = {results.time[-1]:.6g}", "95 % interval", "in standard errors")
        written = results.texts[f]
        lead = f"<p><code>{html.escape(written)}</code></p>" if written else ""
        more = len(results.parameters) - MOST_ROWS
        if more > 0:
            lead += f"<p>{more} more are in the file.</p>"
        out.append(pieces.section(name, lead + pieces.table(header, rows)))
    return out

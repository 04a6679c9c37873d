# SPDX-License-Identifier: BSD-3-Clause
"""Writes the figures and the report of one run of natgrad_sweep."""

from __future__ import annotations

import functools
import html
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from driftwood_post import pieces, sweep_plots
from driftwood_post.origin import page_of
from driftwood_post.pieces import Picture
from driftwood_post.present import stem_of, write_report
from driftwood_post.sweep import SweepResults

MOST_ROWS = 40


def write_all(
    results: SweepResults, folder: Path, *, dpi: int = 300, file_format: str = "png"
) -> list[Path]:
    """Figures and the report into `folder`; their paths, the report's first."""
    made = sweep_plots.drawings(results)
    page = functools.partial(_page, results)
    stem = stem_of(results.path)
    return write_report(stem, folder, made, page, dpi=dpi, file_format=file_format)


def _page(results: SweepResults, pictures: Sequence[Picture]) -> str:
    title = f"Preconditioned regression, spectrum '{results.spectrum}'"
    sections = [
        _verdict(results),
        pieces.section("Natural gradient or gradient descent?", _crossings(results)),
        pieces.section("The least risk", _best(results)),
    ]
    return page_of(results, title, [_lead(results), *sections], pictures)


def _lead(results: SweepResults) -> str:
    points = results.theory["risk"].size
    parts = [f"n = {results.n} rows", pieces.plural(points, "point")]
    if results.ensemble:
        parts.append(f"{results.replicas} designs for each d / n")
    return f"<p>{html.escape(', '.join(parts))}.</p>"


def _verdict(results: SweepResults) -> str:
    if not results.ensemble:
        return "<p>Theory alone: no designs were drawn.</p>"
    unclear = int(results.unclear().sum())
    total = results.theory["bias"][..., 0].size
    doubt = (
        f'<p class="warning">At {unclear} of {total} settings designs are too few, n is too small or'
        " d / n too near to 1 to tell whether theory holds.</p>"
        if unclear
        else ""
    )
    return doubt + _agreement(results)


def _agreement(results: SweepResults) -> str:
    apart = results.disagrees()
    if not apart.any():
        text = (
            "Ensembles are what theory says, within 4 standard errors and 3/n, at all"
            f" {apart.size} settings."
        )
        return f'<p class="good">{text}</p>'
    place = tuple(int(i) for i in np.argwhere(apart)[0])
    at = (*place, 0)
    values = ", ".join(
        f"{what} {results.ensemble[what].mean[at]:.4g} against {results.theory[what][at]:.4g}"
        for what in ("bias", "variance")
    )
    text = (
        f"At {int(apart.sum())} of {apart.size} settings ensembles are not what theory says, as at"
        f" {_setting(results, place)}: {values}. n may be too small for its limits, or d / n too near"
        " to 1."
    )
    return f'<p class="warning">{html.escape(text)}</p>'


def _setting(results: SweepResults, place: Sequence[int]) -> str:
    names = ("alignment", "gamma", "preconditioner", "ridge", "time")
    parts = []
    for name, i in zip(names, place, strict=False):
        value = results.axes[name][i]
        shown = value if isinstance(value, str) else f"{value:g}"
        if name == "preconditioner" or len(results.axes[name]) > 1:
            parts.append(shown if name == "preconditioner" else f"{name} {shown}")
    return ", ".join(parts)


def _crossings(results: SweepResults) -> str:
    rows = []
    for a, r in enumerate(results.alignments):
        for g, gamma in enumerate(results.numbers("gamma")):
            noise, found = results.crossing(a, g), results.price_and_gain(a, g)
            if noise is None or found is None:
                return ""
            price, gain = found
            if noise == 0:
                verdict = "natural gradient at any noise"
            elif math.isinf(noise) and price < 0:
                verdict = f"natural gradient below a noise of {price / gain:.4f}"
            elif math.isinf(noise):
                verdict = "gradient descent, or both alike, at any noise"
            else:
                verdict = f"natural gradient above a noise of {noise:.4f}"
            rows.append([r, f"{gamma:g}", verdict])
    more = len(rows) - MOST_ROWS
    note = f"<p>{more} more follow from the file.</p>" if more > 0 else ""
    return pieces.table(("alignment", "d / n", "lower risk"), rows[:MOST_ROWS]) + note


def _best(results: SweepResults) -> str:
    rows = []
    shape = results.theory["risk"].shape
    for a in range(shape[0]):
        for g in range(shape[1]):
            for k, noise in enumerate(results.numbers("noise")):
                risk = results.theory["risk"][a, g, ..., k]
                least = int(results.least(risk.ravel(), 0))
                p, ridge, time = np.unravel_index(least, risk.shape)
                at = (a, g, p, ridge, time, k)
                drawn = ""
                if results.ensemble:
                    ensemble = results.ensemble["risk"]
                    drawn = pieces.estimate(
                        float(ensemble.mean[at]), float(ensemble.standard_error[at])
                    )[0]
                names = _setting(results, (a, g, int(p), int(ridge), int(time))).split(", ")
                estimator = ", ".join(
                    name for name in names if not name.startswith(("alignment", "gamma"))
                )
                rows.append(
                    [
                        results.alignments[a],
                        f"{results.numbers('gamma')[g]:g}",
                        f"{noise:g}",
                        estimator,
                        f"{risk[p, ridge, time]:.5g}",
                        drawn,
                    ]
                )
    header = ["alignment", "d / n", "noise", "least risk of", "theory", "ensemble"]
    more = len(rows) - MOST_ROWS
    note = f"<p>{more} more are in the file.</p>" if more > 0 else ""
    return pieces.table(*pieces.without_empty_columns(header, rows[:MOST_ROWS])) + note

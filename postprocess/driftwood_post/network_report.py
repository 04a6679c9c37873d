# SPDX-License-Identifier: BSD-3-Clause
"""Writes the figures and the report of one study of networks by natgrad_sweep."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from pathlib import Path

from driftwood_post import network_plots, pieces
from driftwood_post.networks import Line, NetworkResults, open_networks
from driftwood_post.origin import last_sections
from driftwood_post.pieces import Picture
from driftwood_post.present import draw_all, stem_of


def write_networks(path: Path, folder: Path, *, dpi: int, file_format: str) -> list[Path]:
    """Figures and the report into `folder`; their paths, the report's first."""
    results = open_networks(path)
    folder.mkdir(parents=True, exist_ok=True)
    stem = stem_of(results.path)
    made = network_plots.drawings(results)
    pictures, written = draw_all(made, folder, stem, dpi=dpi, file_format=file_format)
    page = folder / f"{stem}.report.html"
    page.write_text(_page(results, pictures), encoding="utf-8")
    return [page, *written]


def _page(results: NetworkResults, pictures: Sequence[Picture]) -> str:
    way = "linearised" if results.curves is None else "trained"
    sections = [
        pieces.section("What noise does", _verdicts(results)),
        pieces.section("Risks, with standard errors", _risks(results)),
        pieces.section(
            "Risks less those of gradient descent, with intervals of 95 %", _differences(results)
        ),
        pieces.section("Figures", "".join(pieces.figure(picture) for picture in pictures)),
        *last_sections(results),
    ]
    lead = f"<p>{pieces.plural(results.replicas, 'replica')} of {len(results.noise)} settings.</p>"
    return pieces.document(f"Networks, {way}", lead + "".join(sections))


def _verdicts(results: NetworkResults) -> str:
    if not results.compares:
        return (
            '<p class="warning">No training reached the tolerance: risks are of networks on their way,'
            " and are not compared.</p>"
        )
    out = []
    for line in results.lines:
        if line.preconditioner == "gd":
            continue
        first, last = line.points[0], line.points[-1]
        ends = [f"{_side(results, p)} at noise {results.noise[p]:g}" for p in (first, last)]
        turns = (
            results.is_clear(first)
            and results.is_clear(last)
            and results.difference[first] > 0 > results.difference[last]
        )
        words = f"{line.label}: {', '.join(dict.fromkeys(ends))}" + (
            ": noise turns it" if turns else ""
        )
        out.append(f"<li>{html.escape(words)}</li>")
    return f"<ul>{''.join(out)}</ul>"


def _side(results: NetworkResults, point: int) -> str:
    if abs(results.difference[point]) < 1e-8:
        return "the risk of gd"
    if not results.is_clear(point):
        return "no clear difference to gd"
    return "a higher risk than gd" if results.difference[point] > 0 else "a lower risk than gd"


def _rows(results: NetworkResults, lines: Sequence[Line], cell: Callable[[int], str]) -> str:
    header = ["", *(f"noise {level:g}" for level in results.levels)]
    return pieces.table(header, [[line.label, *map(cell, line.points)] for line in lines])


def _risks(results: NetworkResults) -> str:
    def cell(p: int) -> str:
        mean, error = pieces.estimate(float(results.risk[p]), float(results.standard_error[p]))
        return f"{mean} ± {error}"

    return _rows(results, results.lines, cell)


def _differences(results: NetworkResults) -> str:
    others = [line for line in results.lines if line.preconditioner != "gd"]

    def cell(p: int) -> str:
        if abs(results.difference[p]) < 1e-8:
            return f"{results.difference[p]:.0e}"
        mean, half = pieces.estimate(float(results.difference[p]), float(results.half_width[p]))
        return f"{mean} ± {half}" + (" *" if results.is_clear(p) else "")

    return _rows(results, others, cell) + "<p>* excludes 0</p>"

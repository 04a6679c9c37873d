# SPDX-License-Identifier: BSD-3-Clause
"""Writes the figures and the report of one ensemble next to its results."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from driftwood_post import laws, plots, report, style
from driftwood_post.drawing import Drawing
from driftwood_post.pieces import Picture
from driftwood_post.results import Results

PNG_DPI_OF_REPORT = 200


def write_all(
    results: Results,
    folder: Path,
    *,
    dpi: int = 300,
    file_format: str = "png",
    components: Sequence[str] | None = None,
) -> list[Path]:
    """Writes every figure and the report into `folder`; returns the paths, the report's first."""
    known = laws.known(results.deck, results.components, results.formulas)
    drawings = plots.drawings(results, known, components)
    pictures, written = draw_all(
        drawings, folder, stem_of(results.path), dpi=dpi, file_format=file_format
    )
    page = folder / f"{stem_of(results.path)}.report.html"
    page.write_text(report.page(results, known, pictures), encoding="utf-8")
    return [page, *written]


def stem_of(path: Path) -> str:
    """What the names of figures begin with."""
    return path.name.removesuffix(".failed").removesuffix(".h5")


def draw_all(
    drawings: Sequence[Drawing], folder: Path, stem: str, *, dpi: int, file_format: str
) -> tuple[list[Picture], list[Path]]:
    """Saves every figure as `STEM.NAME` in `folder`; pictures for a report, and the paths."""
    pictures, written = [], []
    for drawing in drawings:
        target = folder / f"{stem}.{drawing.name}.{file_format}"
        pictures.append(Picture(_draw(drawing, target, dpi), drawing.caption))
        written.append(target)
    return pictures, written


def _draw(drawing: Drawing, target: Path, dpi: int) -> bytes:
    """Draws once, saves to `target`, and returns the PNG for the report."""
    with style.figure(drawing.height) as figure:
        drawing.draw(figure)
        figure.savefig(target, dpi=dpi)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=PNG_DPI_OF_REPORT)
    return buffer.getvalue()

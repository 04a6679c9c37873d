# SPDX-License-Identifier: BSD-3-Clause
"""Writes the figures and the report of one ensemble next to its results."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
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

    def page(pictures: Sequence[Picture]) -> str:
        return report.page(results, known, pictures)

    stem = stem_of(results.path)
    return write_report(stem, folder, drawings, page, dpi=dpi, file_format=file_format)


def write_report(
    stem: str,
    folder: Path,
    drawings: Sequence[Drawing],
    page: Callable[[Sequence[Picture]], str],
    *,
    dpi: int,
    file_format: str,
) -> list[Path]:
    """Figures and the report that `page` makes of them, as `STEM.report.html`, into `folder`, which is
    made where it is missing; their paths, the report's first."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures, written = draw_all(drawings, folder, stem, dpi=dpi, file_format=file_format)
    target = folder / f"{stem}.report.html"
    target.write_text(page(pictures), encoding="utf-8")
    return [target, *written]


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

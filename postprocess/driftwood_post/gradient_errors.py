# SPDX-License-Identifier: BSD-3-Clause
"""Reads and presents tables of errors of gradients, which sde_gradient makes by `kind = "error_table"`.

Shapes: C cases, a scheme and a mode each, N numbers of steps.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from driftwood_post import layout, pieces, style
from driftwood_post.arrays import Array
from driftwood_post.drawing import Drawing
from driftwood_post.origin import Origin, origin_of, page_of
from driftwood_post.present import stem_of, write_report
from driftwood_post.read import ReadError, need, opened, text

EXACT = 1e-12  # errors of exact gradients in double precision stay below
EXACT_SINGLE = 1e-5


@dataclasses.dataclass(frozen=True)
class ErrorTable(Origin):
    """Errors of gradients against those of a reverse sweep through the stored solution."""

    cases: Sequence[str]
    steps: Array  # (N)
    error: Array  # (C, N)
    rebuilt: Array  # (C, N)
    seconds: Array  # (C, N)
    bytes: Array  # (C, N)

    @property
    def is_single(self) -> bool:
        return self.deck.table("ensemble").get("precision") == "single"

    def is_exact(self, case: int) -> bool:
        """Whether the errors are those of rounding at every number of steps."""
        return bool((self.error[case] < (EXACT_SINGLE if self.is_single else EXACT)).all())

    def slope(self, case: int) -> float:
        """Of log(error) against log(step), least squares; NaN for fewer than two positive errors."""
        clear = self.error[case] > 0
        if clear.sum() < 2:
            return float("nan")
        return float(-np.polyfit(np.log(self.steps[clear]), np.log(self.error[case][clear]), 1)[0])


def open_table(path: Path | str) -> ErrorTable:
    """Reads the file; raises ReadError for one that has no table of errors."""
    path = Path(path)
    with opened(path) as file:
        if layout.ERROR_TABLE not in file:
            raise ReadError(f"{path}: not a table of errors (it has no /{layout.ERROR_TABLE})")
        group = file[layout.ERROR_TABLE]
        found = ErrorTable(
            **origin_of(file, path),
            cases=[text(name) for name in need(group, "mode")],
            steps=need(group, "steps"),
            error=need(group, "error"),
            rebuilt=need(group, "rebuilt"),
            seconds=need(group, "seconds"),
            bytes=need(group, "bytes"),
        )
    if found.error.shape != (len(found.cases), found.steps.size):
        raise ReadError(f"{path}: /{layout.ERROR_TABLE}/error has another shape; the file is damaged")
    return found


def write_table(path: Path, folder: Path, *, dpi: int, file_format: str) -> list[Path]:
    """Figures and the report into `folder`; their paths, the report's first."""
    results = open_table(path)
    sections = [
        "<p>Relative errors of gradients against a reverse sweep through the stored solution of the "
        "same scheme and steps.</p>",
        pieces.section("Errors", _numbers(results, results.error)),
        pieces.section("Distance of the rebuilt state at time 0", _numbers(results, results.rebuilt)),
    ]
    page = functools.partial(page_of, results, "Errors of gradients", sections)
    shown = [_errors(results), _costs(results)]
    return write_report(
        stem_of(results.path), folder, shown, page, dpi=dpi, file_format=file_format
    )


def _verdict(results: ErrorTable, case: int) -> str:
    return "exact" if results.is_exact(case) else f"slope {results.slope(case):.2f}"


def _errors(results: ErrorTable) -> Drawing:
    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for c, case in enumerate(results.cases):
            clear = results.error[c] > 0
            axes.loglog(results.steps[clear], results.error[c][clear], "o-", markersize=3,
                        label=f"{case}: {_verdict(results, c)}")  # fmt: skip
        axes.set_xscale("log", base=2)
        axes.set_xlabel("steps")
        axes.set_ylabel("relative error of the gradient")
        style.legend_above(axes, columns=1)

    return Drawing("errors", 3.2, "Errors of gradients against steps, with fitted slopes.", draw)


def _costs(results: ErrorTable) -> Drawing:
    def draw(figure: Figure) -> None:
        upper, lower = figure.subplots(2, sharex=True)
        for c, case in enumerate(results.cases):
            # Cases that cost the same lie on each other: those below are wider.
            width = 0.8 + 1.1 * (len(results.cases) - 1 - c)
            line = {"marker": "o", "markersize": 1.5 + width, "linewidth": width}
            upper.loglog(results.steps, results.seconds[c], label=case, **line)
            shown = results.bytes[c] > 0
            lower.loglog(results.steps[shown], results.bytes[c][shown], **line)
        upper.set_ylabel("seconds")
        lower.set_ylabel("stored states [byte]")
        lower.set_xscale("log", base=2)
        lower.set_xlabel("steps")
        style.legend_above(upper, columns=1)

    caption = "Time of solves forwards and back, and memory of states that wait for the way back."
    return Drawing("costs", 3.8, caption, draw)


def _numbers(results: ErrorTable, values: Array) -> str:
    header = ["steps", *results.cases]
    rows = [
        [pieces.count(int(n)), *(f"{value:.2e}" for value in values[:, i])]
        for i, n in enumerate(results.steps)
    ]
    if values is results.error:
        rows.append(["", *(_verdict(results, c) for c in range(len(results.cases)))])
    return pieces.table(header, rows)

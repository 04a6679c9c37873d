# SPDX-License-Identifier: BSD-3-Clause
"""Reads and draws what sde_order measures: errors against steps, and the orders they show.

Shapes: S schemes, L grids.
"""

from __future__ import annotations

import dataclasses
import math
import tomllib
from collections.abc import Sequence
from pathlib import Path

import h5py

from driftwood_post import layout
from driftwood_post.arrays import Array
from driftwood_post.read import ReadError, opened, text

GROUPS = {
    "strong": "root mean square error at the end",
    "weak/mean": "error of the mean at the end",
    "weak/second_moment": "error of the second moment at the end",
}


@dataclasses.dataclass(frozen=True)
class Errors:
    """Errors of one kind: (S, L), and the orders fitted to them beside those declared, (S)."""

    error: Array
    standard_error: Array
    declared: Array
    order: Array
    order_standard_error: Array


@dataclasses.dataclass(frozen=True)
class OrderResults:
    """A file of sde_order."""

    path: Path
    model: str
    schemes: Sequence[str]
    step: Array
    errors: dict[str, Errors]


def open_orders(path: Path) -> OrderResults:
    """Reads the file; raises ReadError for one that is not a whole result of sde_order."""
    with opened(path) as file:
        if "scheme" not in file or "strong" not in file:
            raise ReadError(f"{path}: not a result of sde_order (it has no /strong)")
        fields = [field.name for field in dataclasses.fields(Errors)]
        return OrderResults(
            path=path,
            model=_model(file),
            schemes=[text(name) for name in file["scheme"][()]],
            step=file["step"][()],
            errors={
                group: Errors(*(file[f"{group}/{field}"][()] for field in fields))
                for group in GROUPS
            },
        )


def _model(file: h5py.File) -> str:
    deck = tomllib.loads(text(file[f"{layout.RUN}/effective_deck"][()]))
    return str(deck.get("model", {}).get("name", ""))


def write_figures(results: OrderResults, folder: Path, *, dpi: int, file_format: str) -> list[Path]:
    """One figure per kind of error into `folder`; returns their paths."""
    from driftwood_post import style

    written = []
    for group, title in GROUPS.items():
        with style.figure(3.6) as figure:
            _draw(figure, results, results.errors[group], title)
            name = group.replace("/", "_")
            target = folder / f"{results.path.stem}.{name}.{file_format}"
            figure.savefig(target, dpi=dpi)
            written.append(target)
    return written


def _draw(figure: object, results: OrderResults, errors: Errors, title: str) -> None:
    axes = figure.subplots()  # type: ignore[attr-defined]
    markers = "osD^v<>pP*X"
    shown = 0
    for i, scheme in enumerate(results.schemes):
        clear = errors.error[i] > 3 * errors.standard_error[i]
        if clear.sum() < 2:
            continue
        # Errors that are no larger than the reference's own show no order.
        order = errors.order[i]
        measured = "below reference" if math.isnan(order) else f"{order:.2f}"
        label = f"{scheme}  {measured} ({errors.declared[i]:g})"
        axes.errorbar(
            results.step[clear],
            errors.error[i][clear],
            yerr=2 * errors.standard_error[i][clear],
            marker=markers[shown % len(markers)],
            markersize=3,
            linewidth=0.9,
            elinewidth=0.6,
            label=label,
        )
        shown += 1
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_xlabel("step [time]")
    axes.set_ylabel(title)
    axes.set_title(results.model.replace("_", " "), fontsize=8, loc="left")
    if shown:
        axes.legend(
            title="measured order (declared)",
            title_fontsize=5,
            fontsize=5,
            loc="center left",
            bbox_to_anchor=(1.0, 0.5),
        )
    else:
        axes.text(0.5, 0.5, "no error is resolved: use more paths", ha="center", transform=axes.transAxes)

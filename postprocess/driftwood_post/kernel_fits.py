# SPDX-License-Identifier: BSD-3-Clause
"""Kernel regression by natgrad_sweep: read, drawn and reported.

Shapes: L values of lambda, K targets, V tested rows.
"""

from __future__ import annotations

import dataclasses
import html
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from driftwood_post import layout, pieces, style
from driftwood_post.arrays import Array
from driftwood_post.drawing import Drawing
from driftwood_post.origin import Origin, last_sections, origin_of
from driftwood_post.present import draw_all, stem_of
from driftwood_post.read import ReadError, need, opened, scalar_of, text


@dataclasses.dataclass(frozen=True)
class KernelResults(Origin):
    """One result of a deck with [kernel]. Errors are mean squares."""

    lam: Array  # (L)
    targets: list[str]
    length: float
    rows: int
    mean: Array  # (K), of the labels that are learnt from
    variance: Array  # (K), of these
    left_out: Array  # (L, K), NaN where they are not known
    cross_validated: Array  # (L, K)
    train: Array  # (L, K)
    test: Array | None  # (L, K)
    label: Array | None  # (V, K)
    prediction: Array | None  # (L, V, K)
    iterations: Array  # (L)
    best: float

    @property
    def best_place(self) -> int:
        return int(np.argmin(np.abs(self.lam - self.best)))

    @property
    def choosing(self) -> tuple[str, Array]:
        """The errors that lambda was chosen by, and their name."""
        if np.isfinite(self.left_out).all():
            return "left out", self.left_out
        return "cross-validated", self.cross_validated

    def test_text(self, place: int) -> str:
        """What the test says of one lambda, beside predicting the mean of the same rows."""
        assert self.label is not None and self.prediction is not None
        rows = len(self.label)
        errors = ((self.prediction[place] - self.label) ** 2 / self.variance).mean(axis=1)
        gains = ((self.label - self.mean) ** 2 / self.variance).mean(axis=1) - errors
        error, gain = float(errors.mean()), float(gains.mean())
        spread, unsure = (
            float(v.std(ddof=1) / np.sqrt(rows)) if rows > 1 else float("nan") for v in (errors, gains)
        )
        figures = (
            f"test error {error:.3g} ± {spread:.2g}, of the mean {error + gain:.3g},"
            f" {pieces.plural(rows, 'row')}"
        )
        if not gain > 2 * unsure:
            return f"which explains nothing clearly ({figures})"
        part = 100 * gain / (error + gain)
        return f"which explains {part:.1f} % of what predicting the mean leaves ({figures})"

    def relative(self, errors: Array) -> Array:
        """(L): means over targets of errors over variances."""
        return np.asarray((errors / self.variance).mean(axis=1))


def open_kernel(path: Path | str) -> KernelResults:
    """Reads the file; raises ReadError for one that is not a whole result of [kernel]."""
    path = Path(path)
    with opened(path) as file:
        if layout.KERNEL not in file:
            raise ReadError(f"{path}: not a result of [kernel] (it has no /{layout.KERNEL})")
        group = file[layout.KERNEL]
        tested = "test" in group
        found = KernelResults(
            **origin_of(file, path),
            lam=need(group, "lambda"),
            targets=[text(name) for name in need(group, "target")],
            length=float(scalar_of(group, "length")),
            rows=int(scalar_of(group, "rows")),
            mean=need(group, "mean"),
            variance=need(group, "variance"),
            left_out=need(group, "left_out"),
            cross_validated=need(group, "cross_validated/value"),
            train=need(group, "train"),
            test=need(group, "test") if tested else None,
            label=need(group, "label") if tested else None,
            prediction=need(group, "prediction") if tested else None,
            iterations=need(group, "iterations"),
            best=float(scalar_of(group, "best")),
        )
    if found.left_out.shape != (found.lam.size, len(found.targets)):
        raise ReadError(f"{path}: /kernel/left_out has another shape; the file is damaged")
    return found


def write_kernel(path: Path, folder: Path, *, dpi: int, file_format: str) -> list[Path]:
    """Figures and the report into `folder`; their paths, the report's first."""
    results = open_kernel(path)
    folder.mkdir(parents=True, exist_ok=True)
    stem = stem_of(results.path)
    pictures, written = draw_all(_drawings(results), folder, stem, dpi=dpi, file_format=file_format)
    length = f", length scale {results.length:.5g}" if np.isfinite(results.length) else ""
    lead = f"<p>{results.rows} rows to learn from{length}.</p>"
    body = [
        lead,
        _verdict(results),
        pieces.section("Errors over the variance of the labels that are learnt from", _table(results)),
        pieces.section("Figures", "".join(pieces.figure(picture) for picture in pictures)),
        *last_sections(results),
    ]
    page = folder / f"{stem}.report.html"
    page.write_text(pieces.document("Kernel regression", "".join(body)), encoding="utf-8")
    return [page, *written]


def _drawings(results: KernelResults) -> list[Drawing]:
    out = []
    if (results.lam > 0).sum() > 1:
        out.append(_path(results))
    if results.label is not None:
        out.append(_predictions(results))
    return out


def _path(results: KernelResults) -> Drawing:
    shown = results.lam > 0

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        curves = [("train", results.train), results.choosing]
        if results.test is not None:
            curves.append(("test", results.test))
        for (name, errors), colour in zip(curves, (style.GUIDE, *style.CYCLE), strict=False):
            values = results.relative(errors)[shown]
            axes.loglog(results.lam[shown], values, "o-", markersize=2.5, color=colour, label=name)
        if results.best > 0:
            axes.axvline(results.best, color=style.GUIDE, linestyle=":", linewidth=0.9)
        drawn = np.concatenate([results.relative(errors)[shown] for _, errors in curves])
        style.plain_log_axis(axes, np.maximum(drawn, 1e-4))
        axes.set_xlabel("lambda")
        axes.set_ylabel("error over variance of labels")
        style.legend_above(axes)

    caption = f"Errors against lambda; {results.choosing[0]} is least at {results.best:.3g}."
    return Drawing("path", 2.6, caption, draw)


def _predictions(results: KernelResults) -> Drawing:
    place = results.best_place
    label, prediction = results.label, results.prediction
    assert label is not None and prediction is not None
    targets = results.targets[: len(style.CYCLE)]

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for k, name in enumerate(targets):
            axes.plot(label[:, k], prediction[place, :, k], "o", markersize=2, alpha=0.6,
                      color=style.CYCLE[k], label=name)  # fmt: skip
        low, high = float(label.min()), float(label.max())
        axes.plot([low, high], [low, high], color=style.GUIDE, linewidth=0.7)
        axes.set_xlabel("label")
        axes.set_ylabel("prediction")
        style.legend_above(axes)

    caption = f"Predictions of rows that were kept for the test, lambda = {results.best:.3g}."
    return Drawing("predictions", 3.0, caption, draw)


def _verdict(results: KernelResults) -> str:
    place = results.best_place
    by = "Left-out rows" if results.choosing[0] == "left out" else "Cross-validated errors"
    said = f"{by} choose lambda = {results.best:.4g}"
    if results.test is not None:
        said += f", {results.test_text(place)}"
    at_an_end = place in (0, results.lam.size - 1)
    kind = "warning" if at_an_end else "good"
    said += ". That is an end of the list: extend it." if at_an_end else "."
    return f'<p class="{kind}">{html.escape(said)}</p>'


def _table(results: KernelResults) -> str:
    def shown(errors: Array | None, i: int) -> str:
        if errors is None:
            return ""
        value = results.relative(errors)[i]
        return f"{value:.5g}" if np.isfinite(value) else ""

    name, errors = results.choosing
    rows = [
        [
            f"{lam:.4g}",
            shown(errors, i),
            shown(results.test, i),
            shown(results.train, i),
            str(int(results.iterations[i])) if results.iterations[i] > 0 else "",
        ]
        for i, lam in enumerate(results.lam)
    ]
    header = ("lambda", name, "test", "train", "iterations")
    return pieces.table(*pieces.without_empty_columns(header, rows))

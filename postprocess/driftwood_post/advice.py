# SPDX-License-Identifier: BSD-3-Clause
"""Advice of natgrad_sweep on a table: read, drawn and reported.

Shapes: D eigenvalues; P predictions, A answers, L tests on labels, each a table of columns.
"""

from __future__ import annotations

import dataclasses
import html
import math
from collections.abc import Mapping
from pathlib import Path

import h5py
import numpy as np
from matplotlib.figure import Figure

from driftwood_post import layout, pieces, style
from driftwood_post.arrays import Array
from driftwood_post.drawing import Drawing
from driftwood_post.origin import Origin, last_sections, origin_of
from driftwood_post.present import draw_all, stem_of
from driftwood_post.read import ReadError, need, opened, text

MOST_FIGURES = 8
RIDGE = "best ridge"
TIME = "best time"
SAID = {1: "confirmed", 0: "not so", -1: "cannot tell"}
Columns = Mapping[str, Array]


@dataclasses.dataclass(frozen=True)
class AdviceResults(Origin):
    """One result of a deck with [advise]. `about` holds numbers and texts about the table."""

    population: Array  # (D), as estimated
    sample: Array  # (D)
    predictions: Columns  # (P)
    answers: Columns  # (A)
    labels: Columns  # (L), empty without
    about: Mapping[str, float | str]

    @property
    def noise(self) -> float | None:
        """That of the labels over their signal, where there are any."""
        value = self.about.get("noise")
        return None if value is None else float(value)

    @property
    def shown(self) -> Array:
        """Answers at the noise of the labels, or all."""
        noise = self.answers["noise"]
        if self.noise is None:
            return np.ones(noise.size, dtype=bool)
        return np.asarray(np.isclose(noise, self.noise, rtol=1e-12))


def open_advice(path: Path | str) -> AdviceResults:
    """Reads the file; raises ReadError for one that is not a whole result of [advise]."""
    path = Path(path)
    with opened(path) as file:
        if layout.ADVICE not in file:
            raise ReadError(f"{path}: not a result of [advise] (it has no /{layout.ADVICE})")
        group = file[layout.ADVICE]
        return AdviceResults(
            **origin_of(file, path),
            population=need(group, "population"),
            sample=need(group, "sample"),
            predictions=_columns(group, "prediction"),
            answers=_columns(group, "answer"),
            labels=_columns(group, "labels") if "labels" in group else {},
            about={name: _plain(value) for name, value in group.attrs.items()},
        )


def _columns(group: h5py.Group, name: str) -> Columns:
    if name not in group:
        raise ReadError(f"{group.file.filename}: it has no /advice/{name}; the file is damaged")
    out = {key: need(group[name], key) for key in group[name]}
    if name == "answer" and "words" not in out:
        raise ReadError(
            f"{group.file.filename}: it has no /advice/answer/words; it is of an older version:"
            " run the deck again"
        )
    return {
        key: np.array([text(v) for v in values]) if values.dtype.kind in "SO" else values
        for key, values in out.items()
    }


def _plain(value: object) -> float | str:
    return text(value) if isinstance(value, bytes | str) else float(np.asarray(value).item())


def write_advice(path: Path, folder: Path, *, dpi: int, file_format: str) -> list[Path]:
    """Figures and the report into `folder`; their paths, the report's first."""
    results = open_advice(path)
    folder.mkdir(parents=True, exist_ok=True)
    stem = stem_of(results.path)
    pictures, written = draw_all(_drawings(results), folder, stem, dpi=dpi, file_format=file_format)
    body = [
        _lead(results),
        pieces.section("Should I precondition?", _table_of_answers(results)),
        pieces.section("On the labels themselves", _tests_on_labels(results)),
        pieces.section("Figures", "".join(pieces.figure(picture) for picture in pictures)),
        *last_sections(results),
    ]
    page = folder / f"{stem}.report.html"
    page.write_text(pieces.document("Should I precondition?", "".join(body)), encoding="utf-8")
    return [page, *written]


def _lead(results: AdviceResults) -> str:
    about = results.about
    parts = [f"{about['rows']:.0f} rows of {about['features']:.0f} features"]
    if results.noise is not None:
        parts.append(
            f"noise {results.noise:.3g} times the signal ({about['noise_low']:.3g} to"
            f" {about['noise_high']:.3g})"
        )
    tried = np.isfinite(results.answers["measured"])
    confirmed = results.answers["confirmed"][tried]
    if tried.any():
        parts.append(
            f"{int((confirmed == 1).sum())} of {confirmed.size} answers confirmed on the rows"
            f" themselves, {int((confirmed == 0).sum())} not so, on"
            f" {int((confirmed == -1).sum())} it cannot tell"
        )
    warnings = [f"! {line}" for line in str(about.get("warnings", "")).splitlines()]
    lines = [f"{'; '.join(parts)}.", *warnings]
    return "".join(f"<p>{html.escape(line)}</p>" for line in lines)


def _table_of_answers(results: AdviceResults) -> str:
    rows = []
    answers = results.answers
    for a in np.flatnonzero(results.shown):
        measured, error = answers["measured"][a], answers["standard_error"][a]
        confidence = answers["confidence"][a]
        rows.append(
            [
                f"{answers['rows'][a]}",
                str(answers["signal"][a]),
                str(answers["tuning"][a]),
                f"{answers['noise'][a]:.3g}",
                str(answers["words"][a]),
                "-" if math.isnan(confidence) else f"{100 * confidence:.0f} %",
                "-" if math.isnan(measured) else f"{100 * measured:.1f} ± {100 * error:.1f} %",
                "-" if math.isnan(measured) else SAID[int(answers["confirmed"][a])],
            ]
        )
    header = ("rows", "signal", "tuning", "noise", "answer", "confidence",
              "less risk in the trial", "")  # fmt: skip
    return pieces.table(header, rows)


def _tests_on_labels(results: AdviceResults) -> str:
    """Without those of the best time, as on the terminal; nothing where there are none."""
    columns = results.labels
    if not columns:
        return ""
    shown = np.isfinite(columns["predicted"] + columns["measured"]) & (columns["tuning"] != TIME)
    rows = [
        [
            f"{columns['rows'][t]}",
            str(columns["preconditioner"][t]),
            str(columns["tuning"][t]),
            f"{columns['predicted'][t]:.4f}",
            f"{columns['measured'][t]:.4f} ± {columns['standard_error'][t]:.4f}",
        ]
        for t in np.flatnonzero(shown)
    ]
    means = "<p>Mean square error on other rows, over the labels' variance.</p>"
    header = ("rows", "P", "tuning", "predicted", "measured")
    return means + pieces.table(header, rows)


def _drawings(results: AdviceResults) -> list[Drawing]:
    out = [_over_noise(results, *at) for at in _problems(results)[:MOST_FIGURES]]
    if results.labels:
        out.append(_labels(results))
    out.append(_spectrum(results))
    return out


def _problems(results: AdviceResults) -> list[tuple[int, str, str]]:
    """Rows, signals and tunings whose preconditioners differ, those first that were tried."""
    columns = results.predictions
    found = []
    for rows, signal in dict.fromkeys(
        zip(columns["rows"].tolist(), columns["signal"].tolist(), strict=True)
    ):
        here = (columns["rows"] == rows) & (columns["signal"] == signal)
        tried = bool((columns["replicas"][here] > 0).any())
        many = columns["gamma"][here][0] <= 1
        for tuning in (RIDGE,) if many else (RIDGE, "none"):
            found.append((not tried, rows, signal, tuning))
    return [at[1:] for at in sorted(found, key=lambda at: at[0])]


def _over_noise(results: AdviceResults, rows: int, signal: str, tuning: str) -> Drawing:
    columns = results.predictions
    here = (columns["rows"] == rows) & (columns["signal"] == signal) & (columns["tuning"] == tuning)
    names = list(dict.fromkeys(columns["preconditioner"][here].tolist()))
    gamma = columns["gamma"][here][0]
    replicas = int(results.about["replicas"])

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for name, colour in zip(names, style.CYCLE, strict=False):
            at = here & (columns["preconditioner"] == name) & (columns["noise"] > 0)
            noise = columns["noise"][at]
            axes.loglog(noise, columns["risk"][at], color=colour, linewidth=1, label=name)
            whole = columns["replicas"][at] == replicas
            if replicas > 0 and whole.any():
                axes.errorbar(
                    noise[whole], columns["measured"][at][whole],
                    2 * columns["standard_error"][at][whole],
                    fmt="o", markersize=2.5, color=colour, linewidth=0.8,
                )  # fmt: skip
        if results.noise is not None:
            axes.axvline(results.noise, color=style.GUIDE, linestyle=":", linewidth=0.9)
        axes.set_xlabel("noise over signal")
        axes.set_ylabel("risk over that of predicting 0")
        style.legend_above(axes)

    means = {"none": "to the end of the flow", RIDGE: "each with its best ridge"}[tuning]
    caption = f"Risk against noise: {rows} rows, d/n = {gamma:.3g}, signal '{signal}', {means}."
    if results.noise is not None:
        caption += f" Dotted: the labels' noise, {results.noise:.3g}."
    words = f"rows_{rows}.{signal.replace(' ', '')}.{tuning.replace(' ', '_')}"
    return Drawing(f"noise.{words}", 2.8, caption, draw)


def _labels(results: AdviceResults) -> Drawing:
    columns = results.labels

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        ridge = columns["tuning"] == RIDGE
        for name, colour in zip(
            dict.fromkeys(columns["preconditioner"].tolist()), style.CYCLE, strict=False
        ):
            at = ridge & (columns["preconditioner"] == name)
            axes.errorbar(
                columns["predicted"][at], columns["measured"][at],
                2 * columns["standard_error"][at],
                fmt="o", markersize=3, color=colour, linewidth=0.8, label=name,
            )  # fmt: skip
        low = float(min(columns["predicted"][ridge].min(), columns["measured"][ridge].min()))
        axes.plot([low, 1], [low, 1], color=style.GUIDE, linewidth=0.7)
        axes.set_xlabel("predicted error over variance of labels")
        axes.set_ylabel("on rows that are held out")
        style.legend_above(axes)

    caption = "Errors of ridge regression on labels of other rows, predicted and measured."
    return Drawing("labels", 2.8, caption, draw)


def _spectrum(results: AdviceResults) -> Drawing:
    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        number = np.arange(1, results.population.size + 1)
        positive = results.sample > 0
        axes.semilogy(number[positive], results.sample[positive], ".", markersize=3,
                      color=style.GUIDE, label="of the rows")  # fmt: skip
        axes.semilogy(number, results.population, ".", markersize=3, color=style.ESTIMATE,
                      label="of their population")  # fmt: skip
        axes.set_xlabel("number")
        axes.set_ylabel("eigenvalue of the covariance")
        style.legend_above(axes)

    return Drawing("spectrum", 2.6, "Eigenvalues, mean 1.", draw)

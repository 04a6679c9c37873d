# SPDX-License-Identifier: BSD-3-Clause
"""One self-contained HTML page for an ensemble: results, figures, cost, provenance and the deck."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from typing import Any

from driftwood_post import layout, pieces
from driftwood_post.laws import Known, Law, Reference
from driftwood_post.pieces import Picture
from driftwood_post.results import FirstPassage, Results

MOST_MOMENT_ROWS = 20


def page(results: Results, known: Known, pictures: Sequence[Picture]) -> str:
    """The whole page as text; it needs nothing outside itself."""
    title = _title(results)
    sections = [
        _warnings(results),
        pieces.section("Key results", _key_results(results, known.formulas)),
        pieces.section("Levels", _levels(results)),
        pieces.section("First passages", _first_passages(results, known)),
        pieces.section("Moments", _moments(results, known.components)),
        pieces.section("Figures", "".join(pieces.figure(picture) for picture in pictures)),
        pieces.section("Cost", pieces.table(("", ""), pieces.cost(results))),
        pieces.section("Provenance", pieces.table(("", ""), pieces.provenance(results))),
        pieces.section("Deck", pieces.preformatted(results.deck.given)),
    ]
    return pieces.document(title, f"{_summary(results)}{''.join(sections)}")


# ---------------------------------------------------------------- sections


def _title(results: Results) -> str:
    model = str(results.deck.table("model").get("name", ""))
    return _TITLES.get(model) or model.replace("_", " ").capitalize() or "Ensemble"


_TITLES = {
    "geometric_brownian_motion": "Geometric Brownian motion",
    "heston": "Heston model",
    "ornstein_uhlenbeck": "Ornstein-Uhlenbeck process",
}


def _summary(results: Results) -> str:
    time = results.deck.table("time")
    parts = []
    levels = results.multilevel
    if levels is not None:
        parts.append(pieces.plural(levels.level.size, "level"))
        parts.append(f"{pieces.count(int(levels.samples.sum()))} samples")
    elif layout.PATH_COUNT in results.provenance:
        parts.append(f"{pieces.count(results.provenance[layout.PATH_COUNT])} paths")
    if "scheme" in time:
        parts.append(f"scheme {time['scheme']}")
    if levels is not None:
        parts.append(f"means at t = {results.time[-1]:.6g}")
    else:
        times = pieces.plural(results.time.size, "output time")
        parts.append(f"{times} up to {results.time[-1]:.6g}")
    return f"<p>{html.escape(', '.join(parts))}.</p>" if parts else ""


def _warnings(results: Results) -> str:
    notes = []
    if results.path.suffix == ".failed":
        notes.append("This run failed: more paths became non-finite than the deck allows.")
    lost = _lost_paths(results)
    if lost > 0:
        notes.append(f"{pieces.count(lost)} paths became non-finite; statistics are over the others.")
    notes += _missed_histograms(results)
    return "".join(f'<p class="warning">{html.escape(note)}</p>' for note in notes)


def _missed_histograms(results: Results) -> list[str]:
    """A note for each histogram that misses most of the paths at the last time."""
    notes = []
    for name, histogram in results.histograms.items():
        outside = float(histogram.below[-1] + histogram.above[-1])
        share = outside / max(1.0, float(histogram.total[-1]))
        if share > 0.5:
            low, high = histogram.edges[-1][0], histogram.edges[-1][-1]
            notes.append(
                f"The histogram of {name} misses {100 * share:.4g} % of the paths at the last time:"
                f" they lie outside of [{low:.6g}, {high:.6g}]. Change 'range' in its deck."
            )
    return notes


def _lost_paths(results: Results) -> int:
    """Paths that are not finite at the last time."""
    paths = results.provenance.get(layout.PATH_COUNT)
    if results.finite_paths is None or not isinstance(paths, int | float):
        return 0
    return int(paths - results.finite_paths[-1])


def _key_results(results: Results, references: Mapping[str, Reference]) -> str:
    """Every formula at the last time: estimate, 95 % interval, and the reference where known."""
    end = float(results.time[-1])
    rows, sources = [], []
    for name, formula in results.formulas.items():
        mean, error = float(formula.mean[-1]), float(formula.standard_error[-1])
        row = [name, *pieces.estimate(mean, error), "", ""]
        reference = references.get(name)
        value = reference.value(end) if reference is not None else None
        if reference is not None and value is not None:
            row[3] = f"{value:.8g}"
            row[4] = f"{(mean - value) / error:+.2f}" if error > 0 else ""
            sources.append(f"{name}: {reference.source}")
        rows.append(row)
    if not rows:
        return ""
    header = ["", f"estimate at t = {end:.6g}", "95 % interval", "reference", "z"]
    if not sources:
        header, rows = header[:3], [row[:3] for row in rows]
    note = ""
    if sources:
        note = f"<p>Reference: {html.escape('; '.join(sources))}. {_Z_NOTE}</p>"
    return pieces.table(header, rows) + note


_Z_NOTE = (
    "z is the estimate less the exact value in standard errors; it holds the error of the time "
    "steps beside that of the sampling."
)


def _levels(results: Results) -> str:
    """A multilevel estimate, and what each level adds to it and takes."""
    levels = results.multilevel
    if levels is None:
        return ""
    estimate, error = levels.estimate, levels.standard_error
    root = math.hypot(error, levels.bias)
    lead = f"{levels.quantity or 'mean'} = {pieces.estimate(estimate, error)[0]} (standard error)"
    lead += f"; what levels beyond the last would add: about {levels.bias:.2g}"
    lead += f"; both together: {root:.2g}"
    accuracy = results.deck.table("task").get("accuracy")
    if isinstance(accuracy, int | float):
        lead += f", where {accuracy:.6g} was asked for"
    errors = levels.standard_errors
    rows = [
        [
            pieces.count(levels.level[k].item()),
            pieces.count(levels.steps[k].item()),
            pieces.count(levels.samples[k].item()),
            pieces.estimate(float(levels.mean[k]), float(errors[k]))[0],
            f"{float(levels.variance[k]):.4g}",
            pieces.count(levels.cost[k].item()),
            f"{100 * float(levels.share[k]):.3g} %",
        ]
        for k in range(levels.level.size)
    ]
    header = ["level", "steps", "samples", "mean", "variance", "cost per sample", "share of work"]
    return f"<p>{html.escape(lead)}.</p>{pieces.table(header, rows)}<p>{_LEVELS_NOTE}</p>"


_LEVELS_NOTE = (
    "Mean and variance are those of a sample: at level 0 of a path, above of the difference between "
    "a path of so many steps and one of half of them. Costs are in steps."
)


def _first_passages(results: Results, known: Known) -> str:
    """Every event: the probability to have passed, and the mean time to that, or to the end."""
    rows = []
    end = float(results.time[-1])
    for name, passage in results.first_passages.items():
        law = known.passages.get(name)
        last = float(passage.time_edges[-1])
        probability, error = _passed(results, name, passage)
        row = [name, _event(results, name), f"{last:.6g}", pieces.estimate(probability, error)[0], "", ""]
        if law is not None:
            row[4:] = _against(probability, error, float(law.cdf(passage.time_edges[-1:])[0]))
        wait = results.formulas.get(f"{name}_time")
        row += ["", "", ""]
        if wait is not None:
            mean, error = float(wait.mean[-1]), float(wait.standard_error[-1])
            row[6] = pieces.estimate(mean, error)[0]
            if law is not None:
                row[7:] = _against(mean, error, law.mean_wait(end))
        rows.append(row)
    if not rows:
        return ""
    header = ["", "event", "end", "passed by then", "exact", "z", "mean wait", "exact", "z"]
    note = f"The wait is the time to the first passage, or {end:.6g} where that is earlier."
    if known.passages.keys() & results.first_passages.keys():
        note += f" {_Z_NOTE}"
    return pieces.table(*pieces.without_empty_columns(header, rows)) + f"<p>{note}</p>"


def _passed(results: Results, event: str, passage: FirstPassage) -> tuple[float, float]:
    """The probability to have passed by the end, with its standard error: the one in the file where
    it is of the same number, as it knows of antithetic pairs."""
    probability, error = float(passage.cumulative[-1]), float(passage.standard_error[-1])
    formula = results.formulas.get(event)
    if formula is not None and math.isclose(formula.mean[-1], probability, rel_tol=1e-9):
        error = float(formula.standard_error[-1])
    return probability, error


def _event(results: Results, name: str) -> str:
    """What an event is, such as `x up to 1, record`; empty where the deck does not say."""
    event: Any = results.deck.table("events").get(name)
    if not isinstance(event, dict) or "level" not in event:
        return ""
    only = results.components[0] if len(results.components) == 1 else ""
    component, direction = event.get("component", only), event.get("direction", "up")
    return f"{component} {direction} to {event['level']}, {event.get('policy', 'record')}".strip()


def _against(mean: float, error: float, exact: float) -> list[str]:
    """The exact value, and how many standard errors the estimate is above it."""
    return [f"{exact:.6g}", f"{(mean - exact) / error:+.2f}" if error > 0 else ""]


def _moments(results: Results, laws: Mapping[str, Law]) -> str:
    """Mean and standard deviation of every component at the last time, with the exact ones."""
    moments = results.moments
    if moments is None:
        return ""
    rows = []
    for index, name in enumerate(results.components[:MOST_MOMENT_ROWS]):
        mean, error = float(moments.mean[-1, index]), float(moments.standard_error[-1, index])
        law = laws.get(name)
        variance = math.nan if moments.variance is None else float(moments.variance[-1, index])
        row = [
            name,
            pieces.estimate(mean, error)[0],
            _exact(law.mean if law else None, results),
            _z(mean, error, law.mean if law else None, results),
            f"{math.sqrt(variance):.6g}" if variance >= 0 else "",
            _exact(law.variance if law and variance >= 0 else None, results, math.sqrt),
        ]
        for extra in (moments.skewness, moments.kurtosis):
            row.append("" if extra is None else f"{float(extra[-1, index]):.4g}")
        rows.append(row)
    header = ["", "mean", "exact mean", "z", "sd", "exact sd", "skewness", "kurtosis"]
    left_out = len(results.components) - len(rows)
    note = f"<p>{left_out} more components are in the file.</p>" if left_out > 0 else ""
    lead = f"<p>At t = {float(results.time[-1]):.6g}.</p>"
    if any(row[3] for row in rows):
        note = f"<p>{_Z_NOTE}</p>" + note
    return lead + pieces.table(*pieces.without_empty_columns(header, rows)) + note


def _exact(moment: object, results: Results, of: object = None) -> str:
    if not callable(moment):
        return ""
    value = float(moment(results.time[-1:])[0])
    return f"{of(value) if callable(of) else value:.6g}"


def _z(mean: float, error: float, moment: object, results: Results) -> str:
    """How many standard errors the mean is above the exact one."""
    if not callable(moment) or not error > 0:
        return ""
    return f"{(mean - float(moment(results.time[-1:])[0])) / error:+.2f}"

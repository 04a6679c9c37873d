# SPDX-License-Identifier: BSD-3-Clause
"""Writes the figures and the report of runs of langevin_chains."""

from __future__ import annotations

import functools
import html
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from driftwood_post import chain_comparison, chain_plots, chain_progress, layout, pieces
from driftwood_post.chain_comparison import CLEAR, KINDS, Comparison
from driftwood_post.chain_progress import Progress
from driftwood_post.chain_reference import ChainReference
from driftwood_post.chains import ChainResults, concerns, distance_concerns
from driftwood_post.pieces import Picture
from driftwood_post.present import draw_all, stem_of, write_report

MOST_ROWS = 30  # of the summary, as in the terminal

NO_DRAWS = (
    "No draws are stored, so that there are no traces, ranks, marginals and autocorrelations. To"
    " store some, run the deck again with [chains] draws = { thin = 1, chains = 64 }."
)


def write_one(
    results: ChainResults,
    reference: ChainReference | None,
    folder: Path,
    *,
    dpi: int = 300,
    file_format: str = "png",
    names: Sequence[str] | None = None,
) -> list[Path]:
    """Figures and the report of one run into `folder`; their paths, the report's first."""
    made = chain_plots.drawings(results, reference, names)

    def page(pictures: Sequence[Picture]) -> str:
        return _page(results, reference, pictures, names)

    stem = stem_of(results.path)
    return write_report(stem, folder, made, page, dpi=dpi, file_format=file_format)


def write_comparison(
    comparison: Comparison, folder: Path, *, dpi: int = 300, file_format: str = "png"
) -> list[Path]:
    """Figures and the report of several runs into `folder`; their paths, the report's first."""
    made = chain_comparison.drawings(comparison)
    page = functools.partial(_comparison_page, comparison)
    return write_report("comparison", folder, made, page, dpi=dpi, file_format=file_format)


def write_progress(
    progress: Sequence[Progress],
    reference: ChainReference,
    folder: Path,
    *,
    dpi: int = 300,
    file_format: str = "png",
) -> list[Path]:
    """Figures of how errors fall with the steps into `folder`; their paths."""
    made = chain_progress.drawings(progress, reference.source)
    return draw_all(made, folder, "comparison", dpi=dpi, file_format=file_format)[1]


# ---------------------------------------------------------------- one run


def _page(
    results: ChainResults,
    reference: ChainReference | None,
    pictures: Sequence[Picture],
    names: Sequence[str] | None,
) -> str:
    sections = [
        _verdict(results),
        pieces.section("Summary", _summary(results, names)),
        pieces.section("Against the reference", _against(results, reference, names)),
        pieces.section("Bias of the step size", _bias(results, names)),
        pieces.section("Distance from the target", _distances(results)),
        pieces.section("Parallel tempering", _tempering(results)),
        pieces.section("Figures", "".join(pieces.figure(picture) for picture in pictures)),
        pieces.section("How chains moved", pieces.table(("", ""), _sampling(results))),
        pieces.section("Cost", pieces.table(("", ""), pieces.cost(results))),
        pieces.section("Provenance", pieces.table(("", ""), pieces.provenance(results))),
        pieces.section("Deck", pieces.preformatted(results.deck.given)),
        pieces.section("Deck with every default", pieces.preformatted(results.deck.effective)),
    ]
    return pieces.document(_title(results), f"{_lead(results)}{''.join(sections)}")


def _title(results: ChainResults) -> str:
    target = str(results.deck.table("target").get("name", "")).replace("_", " ")
    return f"Chains on the target '{target}'" if target else "Markov chains"


def _lead(results: ChainResults) -> str:
    parts = [pieces.plural(results.count(layout.CHAIN_COUNT), "chain")]
    if results.sampler:
        parts.append(f"sampler {results.sampler}")
    steps, warmup = results.count(layout.STEPS), results.count(layout.WARMUP_STEPS)
    parts.append(f"{pieces.count(steps)} steps after {pieces.count(warmup)} of warm-up")
    parts.append(pieces.plural(len(results.names), "parameter"))
    return f"<p>{html.escape(', '.join(parts))}.</p>"


def _verdict(results: ChainResults) -> str:
    """What the findings mean, and what the report lacks."""
    found = concerns(results) + distance_concerns(results)
    notes = [f"{note[0].upper()}{note[1:]}." for note in found]
    if results.path.suffix == ".failed":
        notes.insert(0, "This run failed: more chains became non-finite than the deck allows.")
    out = "".join(f'<p class="warning">{html.escape(note)}</p>' for note in notes)
    if not notes:
        text = "No sign of trouble: chains agree, and there are enough effective draws."
        out = f'<p class="good">{text}</p>'
    if results.draws is None:
        out += f"<p>{html.escape(NO_DRAWS)}</p>"
    return out


def _summary(results: ChainResults, names: Sequence[str] | None) -> str:
    """A line for each number, of the worst where there are many."""
    s = results.summary
    places = sorted(results.worst_first(names)[:MOST_ROWS])
    rows = [
        [
            results.names[i],
            _number(s.mean[i]),
            _number(s.mcse[i]),
            _number(s.sd[i]),
            _number(s.q5[i]),
            _number(s.median[i]),
            _number(s.q95[i]),
            _effective(s.ess_bulk[i]),
            _effective(s.ess_tail[i]),
            _ratio(s.rhat[i]),
        ]
        for i in places
    ]
    header = ["", "mean", "mcse", "sd", "5%", "50%", "95%", "ess_bulk", "ess_tail", "rhat"]
    for title, values, form in (
        ("nested", results.nested_rhat, _ratio),
        ("steps per independent draw", results.autocorrelation_time, _number),
    ):
        if values is not None:
            header.append(title)
            for row, i in zip(rows, places, strict=True):
                row.append(form(values[i]))
    more = len(results.names) - len(places)
    note = f"<p>{more} more are in the file.</p>" if more > 0 and names is None else ""
    return pieces.table(header, rows) + note + f"<p>{_SUMMARY_NOTE}</p>"


_SUMMARY_NOTE = (
    "mcse is the standard error of the mean, sd the standard deviation of all draws; ess_bulk and"
    " ess_tail are the numbers of independent draws that middle and tails are worth; rhat compares"
    " chains with each other, and is 1 where they agree. None of them sees the bias of a step size,"
    " nor a mode that no chain has found."
)


def _against(
    results: ChainResults, reference: ChainReference | None, names: Sequence[str] | None
) -> str:
    """z-scores of means, and ratios of standard deviations."""
    if reference is None:
        return ""
    s = results.summary
    both = [i for i in results.worst_first(names) if results.names[i] in reference.known]
    if not both:
        return f"<p>{html.escape(reference.source)} knows none of the parameters.</p>"
    z = {i: z_score(results, reference, i) for i in both}
    both.sort(key=lambda i: -abs(z[i]) if math.isfinite(z[i]) else -math.inf)
    rows = []
    for i in both[:MOST_ROWS]:
        known = reference.known[results.names[i]]
        rows.append(
            [
                results.names[i],
                pieces.estimate(float(s.mean[i]), float(s.mcse[i]))[0],
                pieces.estimate(known.mean, known.mcse)[0],
                f"{z[i]:+.2f}" if math.isfinite(z[i]) else "-",
                f"{s.sd[i] / known.sd:.4f}" if known.sd > 0 else "",
            ]
        )
    header = ["", "mean", "reference", "z", "sd / reference"]
    scores = np.array([value for value in z.values() if math.isfinite(value)])
    lead = f"Reference: {reference.source}. "
    if scores.size:
        over = int((np.abs(scores) > CLEAR).sum())
        lead += (
            f"Root mean square of z over {pieces.plural(scores.size, 'parameter')}:"
            f" {math.sqrt(float(np.mean(scores**2))):.2f}, which is about 1 where the means are right;"
            f" beyond {CLEAR}: {over}."
        )
    left = len(both) - len(rows)
    note = f"<p>{left} more are nearer to the reference.</p>" if left > 0 else ""
    table = pieces.table(*pieces.without_empty_columns(header, rows))
    return f"<p>{html.escape(lead)}</p>{table}{note}<p>{_Z_NOTE}</p>"


_Z_NOTE = (
    "z is the mean less that of the reference, over the root of the squared standard errors of both;"
    " of a sampler that accepts every step it holds the bias of the step size, too."
)


def z_score(results: ChainResults, reference: ChainReference, i: int) -> float:
    """Of the mean of number i; NaN without standard errors."""
    known = reference.known[results.names[i]]
    noise = math.hypot(float(results.summary.mcse[i]), known.mcse)
    return (float(results.summary.mean[i]) - known.mean) / noise if noise > 0 else math.nan


def _bias(results: ChainResults, names: Sequence[str] | None) -> str:
    """What the run itself found out of its bias."""
    out = ""
    for kind, bias in results.bias.items():
        size = {
            i: abs(float(bias.estimate[i])) / max(float(bias.standard_error[i]), 1e-300)
            for i in results.worst_first(names)
        }
        places = sorted(size, key=lambda i: -size[i] if math.isfinite(size[i]) else math.inf)
        rows = [
            [
                results.names[i],
                pieces.estimate(float(bias.estimate[i]), float(bias.standard_error[i]))[0],
                _number(bias.extrapolated[i]),
            ]
            for i in places[:MOST_ROWS]
        ]
        header = ["", "bias", "extrapolated to steps of size 0"]
        out += f"<p>Of the {kind.replace('_', ' ')}:</p>{pieces.table(header, rows)}"
    return out


def _distances(results: ChainResults) -> str:
    """KSD and W2 with their floors."""
    rows = []
    if (ksd := results.ksd) is not None:
        rows.append(["KSD", f"{ksd.value:.4g}", f"{ksd.floor:.4g}", f"{ksd.value / ksd.floor:.2f}",
                     pieces.count(ksd.points)])  # fmt: skip
    if (w2 := results.w2) is not None:
        for k, kind in enumerate(w2.kind):
            rows.append([f"W2 {kind}", f"{w2.value[k]:.4g}", f"{w2.floor[k]:.4g}",
                         f"{w2.value[k] / w2.floor[k]:.2f}", pieces.count(w2.points)])  # fmt: skip
    if not rows:
        return ""
    table = pieces.table(["", "distance", "floor", "ratio", "points"], rows)
    return f"{table}<p>{_DISTANCE_NOTE}</p>"


_DISTANCE_NOTE = (
    "The floor is that of independent draws. Up to 1.5 floors the last states are indistinguishable"
    " from draws of the target by so many points, which is not to say that they are right. KSD hardly"
    " sees the weights of separate modes."
)


def _tempering(results: ChainResults) -> str:
    """What the ladder says in numbers."""
    t = results.tempering
    if t is None:
        return ""
    rows = [
        ["rungs", pieces.count(t.beta.size)],
        ["barrier", f"{t.barrier:.4g}"],
        ["rounds of swaps of each ladder", pieces.count(t.rounds)],
        ["round trips of all replicas", pieces.count(t.round_trips)],
        ["log evidence", pieces.estimate(t.log_evidence, t.log_evidence_error)[0]],
        ["the same by thermodynamic integration", f"{t.thermodynamic_integral:.6g}"],
    ]
    return pieces.table(("", ""), rows)


def _sampling(results: ChainResults) -> list[list[str]]:
    s = results.sampling
    rows = [
        ["sampler", results.sampler],
        ["step size", f"{s.step_size:.6g}"],
        ["mean probability of acceptance", f"{s.acceptance:.4f}"],
        ["steps that diverged", pieces.count(s.divergences)],
        ["chains that R-hat and effective draws are taken from", pieces.count(s.judged_chains)],
        ["draws of each of these", pieces.count(s.judged_draws)],
        ["gradients per chain", pieces.count(results.gradients_per_chain)],
    ]
    if s.ebfmi is not None and s.low_ebfmi_chains is not None:
        rows.append(["energy fraction of missing information (E-BFMI)", f"{s.ebfmi:.3f}"])
        rows.append(["chains of which it is below 0.3", pieces.count(s.low_ebfmi_chains)])
    if s.scale.size and not (s.scale == 1).all():
        spread = f"{s.scale.min():.4g} to {s.scale.max():.4g}"
        rows.append(["scales of the coordinates", spread])
    if results.draws is not None:
        stored = f"{pieces.count(results.draws.draws)} draws of each of {results.draws.chains} chains"
        rows.append(["stored", stored])
    return rows


def _ratio(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.3f}"


def _number(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.4g}"


def _effective(value: float) -> str:
    if not math.isfinite(value):
        return "-"
    return f"{value:.0f}" if value < 1e7 else f"{value:.2e}"


# ---------------------------------------------------------------- several runs


def _comparison_page(comparison: Comparison, pictures: Sequence[Picture]) -> str:
    lead = (
        f"{len(comparison.runs)} runs on one target; reference: {comparison.reference.source}."
        " Errors are root mean squares over"
        f" {pieces.plural(len(comparison.names), 'parameter')}: of the mean in standard"
        " deviations of the reference, of the second moment about its mean in variances."
    )
    sections = [
        _worries(comparison),
        pieces.section("Errors", _errors_table(comparison)),
        pieces.section("Figures", "".join(pieces.figure(picture) for picture in pictures)),
    ]
    for run in comparison.runs:
        sections.append(pieces.section(f"Deck of {run.path.name}", pieces.preformatted(run.deck.given)))
    return pieces.document("Errors of chains", f"<p>{html.escape(lead)}</p>{''.join(sections)}")


def _worries(comparison: Comparison) -> str:
    """The runs that one should not trust."""
    notes = [f"{run.path.name}: {note}." for run in comparison.runs for note in concerns(run)]
    return "".join(f'<p class="warning">{html.escape(note)}</p>' for note in notes)


def _errors_table(comparison: Comparison) -> str:
    rows = []
    for sampler in comparison.samplers:
        for i in comparison.of(sampler):
            run = comparison.runs[i]
            row = [run.path.name, sampler, f"{run.sampling.step_size:.4g}"]
            row.append(pieces.count(round(run.gradients_per_chain)))
            for kind in KINDS:
                errors = comparison.errors[kind]
                text = pieces.estimate(float(errors.error[i]), float(errors.standard_error[i]))[0]
                row.append(text if errors.clear[i] else f"{text} (noise)")
            rows.append(row)
    header = ["", "sampler", "step size", "gradients per chain", "error of the mean",
              "error of the second moment"]  # fmt: skip
    return pieces.table(header, rows)

# SPDX-License-Identifier: BSD-3-Clause
"""Writes the figures and the report of pose_search: of one run, or of several that are compared."""

from __future__ import annotations

import functools
import html
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from driftwood_post import pieces, pose_peers, pose_plots, pose_study_plots, pose_sweep, pose_words
from driftwood_post.origin import page_of
from driftwood_post.pieces import Picture
from driftwood_post.pose_peers import Peer
from driftwood_post.pose_sweep import Line, PoseSweep
from driftwood_post.poses import LIMIT, OPTIMAL, RULES, SURROGATE, PoseResults
from driftwood_post.present import stem_of, write_report

MOST_ROWS = 100


def write_one(
    results: PoseResults,
    folder: Path,
    *,
    chosen: Sequence[int] = (),
    photograph: Path | None = None,
    peers: Sequence[Peer] = (),
    dpi: int = 300,
    file_format: str = "png",
) -> list[Path]:
    """Figures and the report into `folder`; their paths, the report's first. `chosen` problems have
    figures of their own, else those of which least is proven."""
    numbers = chosen or results.by_doubt()[: pose_plots.MOST_PROBLEMS]
    made = [
        *pose_study_plots.drawings(results),
        *(pose_peers.drawings(peers) if peers else ()),
        *pose_plots.drawings(results, numbers, photograph),
    ]
    page = functools.partial(_page, results, peers)
    stem = stem_of(results.path)
    return write_report(stem, folder, made, page, dpi=dpi, file_format=file_format)


def write_sweep(of: PoseSweep, folder: Path, *, dpi: int, file_format: str) -> list[Path]:
    """The same of several runs, under the name `comparison`."""
    page = functools.partial(_sweep_page, of)
    made = pose_sweep.drawings(of)
    return write_report("comparison", folder, made, page, dpi=dpi, file_format=file_format)


# ---------------------------------------------------------------- one run


def _page(results: PoseResults, peers: Sequence[Peer], pictures: Sequence[Picture]) -> str:
    sections = [
        _lead(results),
        pieces.section("What is proven", _verdict(results)),
        pieces.section("Problems", _problems(results)),
        pieces.section("Other programs", _peers(results, peers)),
        pieces.section("Effort", _effort(results)),
        pieces.section("Certificate", _certificate(results)),
    ]
    return page_of(results, "Camera poses", sections, pictures)


def _lead(results: PoseResults) -> str:
    low, high = results.count.min(), results.count.max()
    matches = f"{low}" if low == high else f"{low} to {high}"
    text = f"{pieces.plural(results.problems, 'problem')} of {matches} matches, mode {results.mode}."
    return f"<p>{html.escape(text)}</p>"


def _verdict(results: PoseResults) -> str:
    good, bad = pose_words.proofs(results), pose_words.doubts(results)
    notes = filter(None, (pose_words.matches(results), pose_words.refinement(results), _MEANING))
    return (
        _marked("good", good)
        + _marked("warning", bad)
        + "".join(f"<p>{html.escape(text)}</p>" for text in notes)
    )


_MEANING = (
    "What is proven is the number of inliers: matches seen within their thresholds of where a pose has"
    " them, over all rotations and all camera centres. It is no proof that the matches are right, nor of how"
    " near the pose is to the camera's; the covariance of the refined pose is for that."
)


def _marked(kind: str, sentences: Sequence[str]) -> str:
    return "".join(f'<p class="{kind}">{html.escape(text)}</p>' for text in sentences)


def _problems(results: PoseResults) -> str:
    header = [
        "", "matches", "inliers", "bound", "proven", "boxes", "seconds", "rms", "sd of rotation",
        "sd of centre", "rotation off by", "centre off by", "right found", "wrong taken", "second pose",
    ]  # fmt: skip
    order = results.by_doubt() if results.problems > MOST_ROWS else range(results.problems)
    rows = [_row(results, p) for p in list(order)[:MOST_ROWS]]
    more = results.problems - len(rows)
    note = f"<p>{more} more are in the file; these are the ones of which least is proven.</p>" if more > 0 else ""
    return pieces.table(*pieces.without_empty_columns(header, rows)) + note


def _row(results: PoseResults, p: int) -> list[str]:
    effort, matches = results.effort, results.matches[p]
    wrong = str(int((matches.is_inlier & (matches.is_right == 0)).sum())) if matches.has_truth else ""
    rotation, centre = results.truth.rotation_error[p], results.truth.centre_error[p]
    spread = _spread(results, p)
    return [
        results.names[p],
        str(results.count[p]),
        str(results.best.consensus[p]),
        str(results.upper_bound[p]),
        _proven(results, p),
        pieces.count(int(effort.nodes[p])),
        f"{effort.seconds[p]:.3g}",
        f"{np.rad2deg(results.rms[p]):.3g}°",
        spread[0],
        spread[1],
        f"{rotation:.3g}°" if math.isfinite(rotation) else "",
        f"{100 * centre:.3g} %" if math.isfinite(centre) else "",
        f"{100 * matches.recall:.4g} %" if math.isfinite(matches.recall) else "",
        wrong,
        str(results.second.consensus[p]) if results.second.consensus[p] > 0 else "",
    ]


def _proven(results: PoseResults, p: int) -> str:
    status = results.status[p]
    if status == OPTIMAL:
        return "the most"
    if results.is_proven[p]:
        return f"to {results.gap[p]}"
    return {SURROGATE: "nothing", LIMIT: "bound; time is up"}.get(status, "bound; boxes open")


def _spread(results: PoseResults, p: int) -> tuple[str, str]:
    """Standard deviations of the refined pose: root of the sum over axes."""
    if not results.is_determined[p]:
        return "not determined", "not determined"
    variance = np.diag(results.covariance[p])
    turn, shift = np.sqrt(variance[:3].sum()), np.sqrt(variance[3:].sum())
    return f"{np.rad2deg(turn):.2g}°", f"{shift:.2g}"


def _effort(results: PoseResults) -> str:
    effort = results.effort
    rows = [
        ["boxes of rotations bounded", *_ends(effort.nodes)],
        ["of these any search must branch", *_ends(effort.critical_nodes)],
        ["bounded by degrees of pairs", *_ends(effort.h_index)],
        ["bounded by cores", *_ends(effort.core)],
        ["searched over camera centres", *_ends(effort.nested)],
        ["cells of camera centres", *_ends(effort.cells)],
        ["matches of a block", *_ends(effort.block)],
        ["seconds", *_ends(effort.seconds)],
        ["of these for a first pose", *_ends(effort.seed_seconds)],
    ]
    if results.provenance.get("ranks", 1) != 1:
        rows += [
            ["messages with boxes", *_ends(effort.steals)],
            ["boxes in them", *_ends(effort.nodes_moved)],
            ["share of time without work", *_ends(effort.idle)],
            ["most boxes of a rank by their mean", *_ends(effort.imbalance)],
        ]
    if results.problems == 1:
        return pieces.table(("", ""), [row[:2] for row in rows])
    return pieces.table(("", "median", "least", "most"), rows)


def _ends(values: np.ndarray) -> list[str]:
    return [
        pieces.count(float(f"{value:.4g}") if value < 1e4 else round(float(value)))
        for value in (np.median(values), values.min(), values.max())
    ]


def _certificate(results: PoseResults) -> str:
    good, bad = pose_words.certificate(results)
    name = html.escape(results.path.name)
    lead = (
        f"<p>To prove all this anew, without mpirun and without the search: <code>pose_verify {name}</code>."
        " It exits 0 where everything is proven, 1 where something is not, and 2 where it cannot read the"
        " file, which holds all it needs: the matches with their thresholds, the pose with its inliers, and"
        " boxes of rotations, each with a bound, the argument it has it by, and a checksum of it all. It"
        " counts the inliers again, sees whether the boxes tile all rotations, and computes every bound by"
        " code of its own in double precision.</p>"
    )
    return lead + _marked("good", good) + _marked("warning", bad) + _rules(results)


def _rules(results: PoseResults) -> str:
    """Boxes of all problems, by argument."""
    rows = []
    for rule, words in enumerate(RULES):
        number = [int((leaves.rule == rule).sum()) for leaves in results.leaves]
        if not sum(number):
            continue
        levels = [
            leaves.boxes.level[leaves.rule == rule]
            for leaves, some in zip(results.leaves, number, strict=True)
            if some
        ]
        low, high = min(level.min() for level in levels), max(level.max() for level in levels)
        rows.append([f"by {words}", pieces.count(sum(number)), f"{low} to {high}"])
    return pieces.table(("", "boxes", "levels"), rows)


def _peers(results: PoseResults, peers: Sequence[Peer]) -> str:
    if not peers:
        return ""
    header = ("", "problems", "success", "rotation error", "centre error", "inliers beyond ours", "seconds")
    rows, bad = [], []
    for peer in peers:
        more = peer.inliers - results.best.consensus[peer.problem]
        rows.append(
            [
                peer.name,
                str(peer.problem.size),
                f"{100 * peer.success_rate:.4g} %" if math.isfinite(peer.success_rate) else "",
                _median(peer.rotation_error, "{:.3g}°"),
                _median(100 * peer.centre_error, "{:.3g} %"),
                _median(more, "{:+.3g}"),
                _median(peer.seconds, "{:.3g}"),
            ]
        )
        for p in pose_peers.beyond_bound(peer, results)[:1]:
            bad.append(
                f"{peer.name} says to have more inliers of {results.names[p]} than the bound"
                f" {results.upper_bound[p]}: it counts otherwise, or the bound is wrong."
            )
    note = "<p>Medians over problems. The others prove nothing of the poses that they find.</p>"
    return _marked("warning", bad) + pieces.table(*pieces.without_empty_columns(header, rows)) + note


def _median(values: np.ndarray, form: str) -> str:
    known = values[np.isfinite(values)]
    return form.format(float(np.median(known))) if known.size else ""


# ---------------------------------------------------------------- several runs


def _sweep_page(of: PoseSweep, pictures: Sequence[Picture]) -> str:
    body = [
        pieces.section("What it takes", _growth(of)),
        pieces.section("Runs", "".join(_runs(of, line) for line in of.lines)),
        pieces.section("Figures", "".join(pieces.figure(picture) for picture in pictures)),
    ]
    body += [
        pieces.section(f"Deck of {run.path.name}", pieces.preformatted(run.deck.effective))
        for run in of.runs
    ]
    return pieces.document(f"Camera poses against {of.over}", "".join(body))


def _growth(of: PoseSweep) -> str:
    out = []
    for line in of.lines:
        lead = f"{line.label}: " if line.label else ""
        if of.over == "points":
            for name, what in (("nodes", "boxes"), ("seconds", "seconds")):
                fit = pose_sweep.slope(line.x, getattr(line, name).median)
                if fit is None:
                    continue
                ends = f"N from {line.x[0]:g} to {line.x[-1]:g}"
                out.append(f"{lead}{what} grow like N to the {fit}, {ends}.")
        else:
            first, last = line.seconds.median[[0, -1]]
            fewest, most = (pieces.count(round(float(n))) for n in line.nodes.median[[0, -1]])
            out.append(
                f"{lead}from {100 * line.x[0]:.3g} % to {100 * line.x[-1]:.3g} % outliers the median search"
                f" takes {first:.3g} s to {last:.3g} s, and {fewest} to {most} boxes."
            )
        missing = int(line.problems.sum() - line.proven.sum())
        if missing:
            which = f"{missing} of {int(line.problems.sum())} problems"
            out.append(f"{lead}of {which} it is not proven what the deck asks for.")
    return "".join(f"<p>{html.escape(text)}</p>" for text in out)


def _runs(of: PoseSweep, line: Line) -> str:
    header = (
        "", of.over, "problems", "proven", "right", "boxes", "seconds", "rotation off by", "gap",
    )  # fmt: skip
    rows = []
    for k, run in enumerate(line.runs):
        x = f"{100 * line.x[k]:.3g} %" if of.over == "outliers" else f"{line.x[k]:g}"
        gap = run.gap / np.maximum(run.best.consensus, 1)
        rows.append(
            [
                run.path.name,
                x,
                str(run.problems),
                str(line.proven[k]),
                f"{line.met[k]} of {line.known[k]}" if line.known[k] else "",
                pieces.count(round(float(line.nodes.median[k]))),
                f"{line.seconds.median[k]:.3g}",
                _median(run.truth.rotation_error, "{:.3g}°"),
                f"{100 * np.median(gap):.2g} %",
            ]
        )
    title = f"<p>{html.escape(line.label)}</p>" if line.label else ""
    note = "<p>Boxes, seconds, angles and gaps are medians over problems.</p>"
    return title + pieces.table(*pieces.without_empty_columns(header, rows)) + note

# SPDX-License-Identifier: BSD-3-Clause
"""What results of pose_search mean, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from driftwood_post import pieces
from driftwood_post.arrays import Array
from driftwood_post.chains import shortened
from driftwood_post.poses import (
    LIMIT,
    OPTIMAL,
    RIGHT_CENTRE,
    RIGHT_DEGREES,
    SURROGATE,
    PoseResults,
)

MOST_NAMES = 6


def named(results: PoseResults, chosen: Array) -> str:
    """The problems that are chosen (P), as many as one reads."""
    names = [results.names[p] for p in np.flatnonzero(chosen)]
    return shortened(names, MOST_NAMES)


def of_all(results: PoseResults, chosen: Array) -> str:
    """How many are chosen, such as `Of 3 of 49 problems`."""
    if results.problems == 1:
        return "Of the problem"
    if chosen.all():
        return f"Of all {results.problems} problems"
    return f"Of {int(chosen.sum())} of {results.problems} problems"


def proofs(results: PoseResults) -> list[str]:
    """What is proven."""
    out = []
    optimal = np.array([s == OPTIMAL for s in results.status])
    within = results.is_proven & ~optimal
    if optimal.any():
        out.append(f"{of_all(results, optimal)} it is proven that no pose has more inliers than the one found.")
    if within.any():
        share = 100 * (results.gap[within] / np.maximum(results.best.consensus[within], 1)).max()
        most = pieces.plural(int(results.gap[within].max()), "inlier")
        whole = "" if results.problems == 1 else "at most "
        out.append(
            f"{of_all(results, within)} it is proven that no pose has more than {whole}{most}, or"
            f" {share:.2g} %, beyond those of the one found, which the deck allows."
        )
    return out


def doubts(results: PoseResults) -> list[str]:
    """What is not proven, and what else one should look at."""
    return [*_unproven(results), *_other_poses(results), *_against_truth(results)]


def _unproven(results: PoseResults) -> list[str]:
    out = []
    status = np.array(results.status)
    surrogate = status == SURROGATE
    if surrogate.any():
        out.append(
            f"{of_all(results, surrogate)} nothing is proven: the pose is the best for a surrogate, the"
            " number of consistent pairs."
        )
    limit = ~results.is_proven & (status == LIMIT)
    left = ~results.is_proven & ~surrogate & ~limit
    for chosen, why in (
        (limit, "time or boxes were up: the pose is the best found until then"),
        (left, "boxes of the smallest size stayed open: the pose may not be the best"),
    ):
        if not chosen.any():
            continue
        worst = int(np.flatnonzero(chosen)[np.argmax(results.gap[chosen])])
        which = "" if results.problems == 1 else f" The widest gap is of {results.names[worst]}:"
        which = which or " There are"
        out.append(
            f"{of_all(results, chosen)} {why}, and the bound above holds.{which}"
            f" {int(results.best.consensus[worst])} inliers found, and at most"
            f" {int(results.upper_bound[worst])} possible."
        )
    return out


def _other_poses(results: PoseResults) -> list[str]:
    out = []
    if results.has_second.any():
        p = int(np.flatnonzero(results.has_second)[np.argmax(results.second.consensus[results.has_second])])
        out.append(
            f"Another pose explains nearly as many matches, to be told apart by other means:"
            f" {named(results, results.has_second)}. Of {results.names[p]} it has"
            f" {int(results.second.consensus[p])} inliers beside {int(results.best.consensus[p])}."
        )
    loose = ~results.is_determined
    if loose.any():
        out.append(f"The inliers leave more than one pose: {named(results, loose)}.")
    return out


def _against_truth(results: PoseResults) -> list[str]:
    out = []
    truth = results.truth
    missed = truth.is_known & ~truth.is_met
    if missed.any():
        p = int(np.flatnonzero(missed)[np.argmax(truth.rotation_error[missed])])
        out.append(
            f"{of_all(results, missed)} the refined pose is more than {RIGHT_DEGREES:g} degree or"
            f" {100 * RIGHT_CENTRE:g} % of the median distance from the known one:"
            f" {named(results, missed)}. The largest angle is {truth.rotation_error[p]:.3g} degrees"
            f" ({results.names[p]})."
        )
        if (missed & results.is_proven).any():
            out.append(
                "Where the number of inliers is proven nevertheless, the known pose has no more of them:"
                " it is less exact than the thresholds, or the matches do not tell the two apart."
            )
    return out


def refinement(results: PoseResults) -> str:
    """What least squares cost in inliers; empty where nothing."""
    lost = results.best.consensus - results.refined.consensus
    if not (lost > 0).any():
        return ""
    worst = int(np.argmax(lost))
    return (
        f"{of_all(results, lost > 0)} the refined pose, least squares over the inliers, has fewer of them"
        f" than the pose of the proof, at most {pieces.plural(int(lost[worst]), 'inlier')} fewer"
        f" ({results.names[worst]})."
    )


def matches(results: PoseResults) -> str:
    """How right and wrong matches were told apart; empty where nothing is known of them."""
    known = [m for m in results.matches if m.has_truth]
    if not known:
        return ""
    taken = sum(int(m.is_inlier.sum()) for m in known)
    wrong = sum(int((m.is_inlier & (m.is_right == 0)).sum()) for m in known)
    right = sum(int((m.is_right == 1).sum()) for m in known)
    found = taken - wrong
    out = f"{pieces.count(found)} of {pieces.count(right)} right matches are inliers"
    if not wrong:
        return f"{out}, and no wrong one is."
    return (
        f"{out}, and {pieces.count(wrong)} of {pieces.count(taken)} inliers are wrong matches, which lie"
        " within their thresholds of the pose by chance or because they are nearly right."
    )


def certificate(results: PoseResults) -> tuple[list[str], list[str]]:
    """What the certificate holds, and what is wrong with it as far as counting can tell."""
    certified = [p for p in range(results.problems) if results.leaves[p].keys.size]
    if not certified:
        return ["The file holds no certificate."], []
    good, bad = [], []
    open_ = _names(results, [p for p in certified if not results.leaves[p].tile_all])
    over = [p for p in certified if results.leaves[p].bound.max() > results.upper_bound[p]]
    number = sum(results.leaves[p].keys.size for p in certified)
    if open_:
        bad.append(f"Boxes do not tile all rotations: {open_}. The certificate proves nothing there.")
    else:
        good.append(f"Its {pieces.count(number)} boxes tile all rotations of each problem.")
    if over:
        bad.append(f"Boxes may hold more inliers than the upper bound: {_names(results, over)}.")
    else:
        good.append("No box claims more inliers than the upper bound.")
    without = results.problems - len(certified)
    if without:
        bad.append(f"{pieces.plural(without, 'problem')} without a certificate.")
    return good, bad


def _names(results: PoseResults, problems: Sequence[int]) -> str:
    chosen = np.zeros(results.problems, dtype=bool)
    chosen[list(problems)] = True
    return named(results, chosen)

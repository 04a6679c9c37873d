# SPDX-License-Identifier: BSD-3-Clause
"""The figures of energies, and of distances of the last states from the target."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from driftwood_post import style
from driftwood_post.chain_records import INDISTINGUISHABLE, Ksd, W2
from driftwood_post.chain_statistics import finite_chains
from driftwood_post.chains import GOOD_EBFMI, ChainResults
from driftwood_post.drawing import Drawing

MOST_MARGINALS = 20  # parameters that have a bar of their own


def energies(results: ChainResults) -> Drawing | None:
    """What energies chains have, and how far they move in a step; None where they are not stored,
    or not of every step."""
    if results.draws is None or not results.draws.has_energy or results.thin != 1:
        return None
    energy = finite_chains(results.draws.of("energy"))
    if energy.shape[0] == 0 or energy.shape[1] < 2:
        return None
    spread = (energy - energy.mean()).ravel()
    moves = np.diff(energy, axis=1).ravel()
    low, high = np.quantile(np.concatenate([spread, moves]), [0.002, 0.998])
    edges = np.linspace(low, max(high, low + 1e-9), 50)

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        for values, colour, label in (
            (spread, style.ESTIMATE, "energy less its mean"),
            (moves, style.REFERENCE, "change in a step"),
        ):
            density = np.histogram(values, edges)[0] / values.size / np.diff(edges)
            axes.stairs(density, edges, fill=True, color=colour, alpha=0.4, lw=0, label=label)
        axes.set_ylim(bottom=0)
        axes.set_xlim(edges[0], edges[-1])
        axes.set_xlabel("energy")
        axes.set_ylabel("probability density")
        style.legend_above(axes, columns=2)

    said = "" if results.sampling.ebfmi is None else f" E-BFMI is {results.sampling.ebfmi:.2f}."
    caption = (
        "Energies of the stored chains, and how much they change from step to step. Where changes are"
        " much narrower, velocities move the energy too little, and tails are reached slowly: E-BFMI"
        f" is then below {GOOD_EBFMI}.{said}"
    )
    return Drawing("energy", 2.4, caption, draw)


def distances(results: ChainResults) -> Drawing | None:
    """KSD and W2 with their floors; None where neither was asked for."""
    rows = _rows(results.ksd, results.w2)
    if not rows:
        return None

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        at = np.arange(len(rows))[::-1]
        for shift, k, colour, label in (
            (0.2, 0, style.ESTIMATE, "last states"),
            (-0.2, 2, style.GUIDE, "floor"),
        ):
            values = [row[1][k] for row in rows]
            errors = [row[1][k + 1] for row in rows]
            axes.barh(at + shift, values, 0.36, xerr=errors, color=colour, alpha=0.7, label=label,
                      error_kw={"lw": 0.8})  # fmt: skip
        axes.plot([INDISTINGUISHABLE * row[1][2] for row in rows], at + 0.2, "|", ms=11,
                  color=style.REFERENCE, label=f"{INDISTINGUISHABLE} floors")  # fmt: skip
        axes.set_yticks(at, [row[0] for row in rows])
        axes.set_xlim(left=0)
        axes.set_xlabel("distance")
        style.legend_above(axes)

    caption = (
        "How far the last states are from the target, next to what independent draws have, the floor;"
        f" with standard deviations over sets. Up to {INDISTINGUISHABLE} floors so many points cannot be"
        " told from draws of the target. KSD is of coordinates in units of their standard deviations,"
        " and hardly sees the weights of separate modes."
    )
    return Drawing("distances", 1.0 + 0.35 * len(rows), caption, draw)


def _rows(ksd: Ksd | None, w2: W2 | None) -> list[tuple[str, tuple[float, float, float, float]]]:
    """Names; value, its spread, floor, its spread."""
    rows = []
    if ksd is not None:
        rows.append(("KSD", (ksd.value, 0.0, ksd.floor, ksd.floor_sd)))
    if w2 is not None:
        for k, kind in enumerate(w2.kind):
            numbers = (w2.value[k], w2.value_sd[k], w2.floor[k], w2.floor_sd[k])
            rows.append((f"W2 {kind}", tuple(map(float, numbers))))
    return [row for row in rows if np.isfinite(row[1]).all()]


def marginals(results: ChainResults) -> Drawing | None:
    """W2 of the parameters one by one, in floors, the furthest first; None without W2."""
    if results.w2 is None or len(results.names) < 2:
        return None
    ratio = results.w2.marginal / results.w2.marginal_floor
    order = [int(i) for i in np.argsort(-ratio) if np.isfinite(ratio[i])][:MOST_MARGINALS]
    if not order:
        return None

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        at = np.arange(len(order))[::-1]
        axes.barh(at, ratio[order], 0.6, color=style.ESTIMATE, alpha=0.7)
        axes.axvline(INDISTINGUISHABLE, ls="--", lw=0.8, color=style.REFERENCE)
        axes.set_yticks(at, [results.names[i] for i in order])
        axes.set_xlabel("W2 / floor")

    caption = "W2 of each parameter alone, over its floor; dashed: what is still indistinguishable."
    if len(order) < len(results.names):
        caption += f" The {len(order)} that are furthest away of {len(results.names)}."
    return Drawing("marginal_distances", 0.9 + 0.16 * len(order), caption, draw)

# SPDX-License-Identifier: BSD-3-Clause
"""The figures of parallel tempering: where replicas go, how often swaps are refused, and what the log
evidence is made of."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from driftwood_post import style
from driftwood_post.chain_records import Tempering
from driftwood_post.drawing import Drawing

MOST_REPLICAS = 3  # in the figure of the index process
MOST_ROWS = 150  # draws of it


def drawings(tempering: Tempering) -> list[Drawing]:
    """All that the ladder allows."""
    made = [rejection(tempering), evidence(tempering)]
    process = index(tempering)
    return made if process is None else [process, *made]


def index(tempering: Tempering) -> Drawing | None:
    """Rungs of some replicas of the first ladder over time; None where none are stored."""
    if tempering.index is None:
        return None
    rungs = tempering.index[0, :MOST_ROWS]
    replicas = np.unique(np.linspace(0, rungs.shape[1] - 1, MOST_REPLICAS).astype(int))

    def draw(figure: Figure) -> None:
        for axes, replica in zip(
            figure.subplots(len(replicas), 1, sharex=True, squeeze=False)[:, 0], replicas, strict=True
        ):
            axes.step(np.arange(len(rungs)), rungs[:, replica], where="mid", lw=0.7,
                      color=style.ESTIMATE)  # fmt: skip
            axes.set_ylim(rungs.shape[1] - 0.5, -0.5)
            axes.set_xlim(0, max(len(rungs) - 1, 1))
            axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))
            axes.set_ylabel(f"rung of {replica}")
        axes.set_xlabel("stored draw")

    caption = (
        f"Rungs of replicas {', '.join(str(r) for r in replicas)} of the first ladder; the cold rung, 0,"
        " is on top. Replicas that wander from top to bottom and back carry what the hot end finds to"
        " the target; one that stays marks a bottleneck."
    )
    return Drawing("tempering.index", 0.5 + 0.9 * len(replicas), caption, draw)


def rejection(tempering: Tempering) -> Drawing:
    """Of swaps between neighbours, and its sum from the hot end, the barrier."""
    refused = 1 - tempering.swap_acceptance
    beta = tempering.beta

    def draw(figure: Figure) -> None:
        left, right = figure.subplots(1, 2)
        left.bar(np.arange(refused.size), refused, width=0.8, color=style.ESTIMATE, alpha=0.6)
        left.axhline(refused.mean(), ls="--", lw=0.8, color=style.REFERENCE)
        left.set_ylim(0, 1)
        left.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        left.set_xlabel("rung, with the next")
        left.set_ylabel("swaps refused")
        sums = np.concatenate([[0.0], np.cumsum(refused[::-1])])
        right.plot(beta[::-1], sums, "o-", ms=3)
        right.set_xlim(0, 1)
        right.set_ylim(bottom=0)
        right.set_xlabel("inverse temperature β")
        right.set_ylabel("barrier Λ(β)")

    caption = (
        "How often swaps between neighbouring rungs are refused (dashed: the mean), as often between"
        " all where the ladder has adapted; and the sum of this from the hot end on, the barrier:"
        f" Λ = {tempering.barrier:.3g}, for which about {max(2, np.ceil(2 * tempering.barrier)):.0f}"
        " rungs are a good choice. Steep parts are where the law changes most."
    )
    return Drawing("tempering.rejection", 2.2, caption, draw)


def evidence(tempering: Tempering) -> Drawing:
    """The integrand of thermodynamic integration."""
    shown = np.isfinite(tempering.difference)
    beta = tempering.beta[shown]
    values = -tempering.difference[shown]

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        axes.plot(beta, values, "o-", ms=3)
        axes.fill_between(beta, values, color=style.ESTIMATE, alpha=0.2, lw=0)
        axes.axhline(0, lw=0.5, color=style.GUIDE)
        if values.size and np.abs(values).max() > 100 * max(np.abs(values).min(), 1.0):
            axes.set_yscale("symlog", linthresh=10 * max(float(np.abs(values).min()), 1.0))
        axes.set_xlim(0, 1)
        axes.set_xlabel("inverse temperature β")
        axes.set_ylabel("−⟨V⟩")

    left_out = "" if shown.all() else " Rungs where it is not finite are left out."
    caption = (
        "The integrand of the log evidence, minus the mean potential V of the target less that of the"
        f" reference, by β. The area is {tempering.thermodynamic_integral:.5g} by the trapezoidal rule;"
        f" stepping stones give {tempering.log_evidence:.5g} ± {tempering.log_evidence_error:.1g}. Where"
        f" the two differ, rungs are too few for the steep part.{left_out}"
    )
    return Drawing("tempering.evidence", 2.4, caption, draw)

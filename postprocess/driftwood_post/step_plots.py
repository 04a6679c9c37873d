# SPDX-License-Identifier: BSD-3-Clause
"""The figure of the sizes of steps that adapt."""

from __future__ import annotations

from matplotlib.figure import Figure

from driftwood_post import style
from driftwood_post.drawing import Drawing
from driftwood_post.results import Results


def step_sizes(results: Results) -> Drawing | None:
    """How many steps of which sizes were accepted and rejected; None where all steps are equal."""
    steps = results.step_sizes
    if steps is None or steps.accepted.sum() == 0:
        return None

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        # A bar covers its bin: from a power of two to the next. Rejected ones hide nothing.
        bars = {"width": steps.size, "align": "edge"}
        look = {"color": style.ESTIMATE, "edgecolor": "white", "linewidth": 0.3}
        axes.bar(steps.size, steps.accepted, label="accepted", **bars, **look)
        look = {"facecolor": "none", "edgecolor": style.REFERENCE, "linewidth": 1.0}
        axes.bar(steps.size, steps.rejected, label="rejected", **bars, **look)
        axes.set_xscale("log", base=2)
        axes.set_yscale("log")
        axes.set_ylim(bottom=0.5)
        units = results.units.get("step_sizes/size") or results.units.get("time")
        axes.set_xlabel(style.with_units("size of the step", units))
        axes.set_ylabel("steps of all paths")
        style.legend_above(axes)

    tried = steps.accepted.sum() + steps.rejected.sum()
    caption = (
        f"Sizes of the {tried:.3g} steps that were tried, in bins of powers of two;"
        f" {100 * steps.rejected.sum() / tried:.3g} % of them were rejected"
    )
    if steps.forced > 0:
        caption += f" and {steps.forced} accepted with too large an error, as the smallest"
    return Drawing("step_sizes", 2.4, f"{caption}.", draw)

# SPDX-License-Identifier: BSD-3-Clause
"""The figures of one study of networks by natgrad_sweep."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from driftwood_post import style
from driftwood_post.drawing import Drawing
from driftwood_post.networks import Line, NetworkResults

MOST_LINES = 8
MOST_PANELS = 4


def drawings(results: NetworkResults) -> list[Drawing]:
    """Those that the study has enough settings for."""
    made = (_risk(results), _difference(results), _mixtures(results), _curves(results))
    return [drawing for drawing in made if drawing is not None]


def _others(results: NetworkResults) -> list[Line]:
    """All but gradient descent and mixtures, which have a figure of their own."""
    lines = [
        line
        for line in results.lines
        if line.preconditioner != "gd" and not line.preconditioner.startswith("population_mix")
    ]
    return lines[: MOST_LINES - 1]


def _risk(results: NetworkResults) -> Drawing | None:
    if len(results.levels) < 2:
        return None

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for k, line in enumerate([results.plain, *_others(results)]):
            axes.errorbar(
                results.noise[line.points],
                results.risk[line.points],
                yerr=2 * results.standard_error[line.points],
                color=style.CYCLE[k],
                label=line.label,
                linestyle="--" if line.preconditioner.startswith("sample") else "-",
                linewidth=1,
                marker="o",
                markersize=2.5,
            )
        axes.set_xlabel("noise of the labels, in variances of the teacher")
        axes.set_ylabel("risk, in variances of the teacher")
        style.legend_above(axes, columns=2)

    return Drawing("risk", 2.9, "Risk against noise, with bars of two standard errors.", draw)


def _difference(results: NetworkResults) -> Drawing | None:
    lines = _others(results)
    if not lines or len(results.levels) < 2:
        return None

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        axes.axhline(0, color=style.GUIDE, linewidth=0.8)
        for k, line in enumerate(lines, start=1):
            axes.errorbar(
                results.noise[line.points],
                results.difference[line.points],
                yerr=results.half_width[line.points],
                color=style.CYCLE[k],
                label=line.label,
                linewidth=1,
                marker="o",
                markersize=2.5,
                capsize=2,
            )
        axes.set_xlabel("noise of the labels, in variances of the teacher")
        axes.set_ylabel("risk less that of gd")
        style.legend_above(axes, columns=2)

    caption = (
        f"Risk less that of gradient descent in the same replica, mean over {results.replicas} with"
        " intervals of 95 %. Natural gradient is worse above the line, better below."
    )
    return Drawing("difference", 2.9, caption, draw)


def _mixtures(results: NetworkResults) -> Drawing | None:
    amounts = sorted({line.unlabelled for line in results.lines if line.unlabelled > 0})
    chosen = [(amount, results.weights(amount)) for amount in amounts]
    chosen = [(amount, weights) for amount, weights in chosen if len(weights) >= 3][:MOST_PANELS]
    if not chosen:
        return None
    levels = results.levels[:MOST_LINES]

    def draw(figure: Figure) -> None:
        panels = figure.subplots(len(chosen), 1, sharex=True, squeeze=False)[:, 0]
        for axes, (amount, weights) in zip(panels, chosen, strict=True):
            x = [weight for weight, _ in weights]
            for k, level in enumerate(levels):
                places = [line.points[results.levels.index(level)] for _, line in weights]
                risk = results.risk[places]
                axes.errorbar(
                    x,
                    risk,
                    yerr=2 * results.standard_error[places],
                    color=style.CYCLE[k],
                    label=f"noise {level:g}",
                    linewidth=1,
                    marker="o",
                    markersize=2.5,
                )
                best = int(np.argmin(risk))
                axes.plot(x[best], risk[best], "v", color=style.CYCLE[k], markersize=6)
            axes.set_xscale("symlog", linthresh=x[1])
            axes.set_yscale("log")
            axes.set_ylabel(f"risk, {amount} unlabelled")
        panels[-1].set_xlabel(r"a of $(aF/m + (1-a)I)^{-1}$")
        style.legend_above(panels[0], columns=2)

    caption = (
        "Risk between gradient descent (0) and natural gradient (1); triangles are least, bars two"
        " standard errors."
    )
    return Drawing("mixtures", 1.4 + 1.6 * len(chosen), caption, draw)


def _curves(results: NetworkResults) -> Drawing | None:
    curves = results.curves
    if curves is None:
        return None
    moves = np.flatnonzero(np.any(np.diff(curves.mean, axis=1) != 0, axis=0))
    shown = min(int(moves[-1]) + 2 if moves.size else 1, curves.step.size)  # what all have ended by
    step = curves.step[:shown]
    levels = results.levels
    chosen = levels if len(levels) <= 2 else [levels[0], levels[-1]]

    def draw(figure: Figure) -> None:
        panels = figure.subplots(len(chosen), 1, sharex=True, squeeze=False)[:, 0]
        for axes in panels[:-1]:
            axes.tick_params(axis="x", which="both", bottom=False)
        for axes, level in zip(panels, chosen, strict=True):
            for k, line in enumerate([results.plain, *_others(results)]):
                p = line.points[levels.index(level)]
                mean, error = curves.mean[p], 2 * curves.standard_error[p]
                axes.plot(step, mean[:shown], color=style.CYCLE[k], label=line.label, linewidth=1)
                low, high = (mean - error)[:shown], (mean + error)[:shown]
                axes.fill_between(step, low, high, color=style.CYCLE[k], alpha=0.2, linewidth=0)
            axes.set_xscale("symlog", linthresh=1)
            axes.set_xlim(0, step[-1])
            axes.set_yscale("log")
            axes.set_ylabel(f"risk, noise {level:g}")
        panels[-1].set_xlabel("step")
        style.legend_above(panels[0], columns=2)

    caption = (
        "Risk on tests while networks are trained, and after the end of training the last one; bands of"
        " two standard errors. Where it falls and rises, it is best to stop early."
    )
    return Drawing("curves", 1.4 + 1.6 * len(chosen), caption, draw)

# SPDX-License-Identifier: BSD-3-Clause
"""The figures of one run of natgrad_sweep: lines are theory, points with bars are drawn designs."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from driftwood_post import style
from driftwood_post.arrays import Array
from driftwood_post.drawing import Drawing
from driftwood_post.sweep import SweepResults

MOST_FIGURES = 6  # of one kind, one for each alignment and gamma
MOST_LINES = len(style.CYCLE)
# Lines that lie on each other are seen through the gaps of those above.
DASHES = ("-", (0, (5, 2)), (0, (3, 2)), (0, (5, 1.5, 1, 1.5)), (0, (1, 1.5)))
MOST_ERRORS = 8.0  # standard errors that the figure of agreement shows


def drawings(results: SweepResults) -> list[Drawing]:
    """Those that the grid has enough points for."""
    out = []
    for alignment, gamma in _problems(results):
        for make in (_over_noise, _over_interpolation, _over_time):
            drawing = make(results, alignment, gamma)
            if drawing is not None:
                out.append(drawing)
    phases = _phases(results)
    if phases is not None:
        out.append(phases)
    if results.ensemble:
        out.append(_agreement(results))
    return out


def _problems(results: SweepResults) -> list[tuple[int, int]]:
    """Places of alignment and gamma."""
    pairs = [
        (a, g)
        for a in range(len(results.axes["alignment"]))
        for g in range(len(results.axes["gamma"]))
    ]
    return pairs if len(pairs) <= MOST_FIGURES else pairs[:: math.ceil(len(pairs) / MOST_FIGURES)]


def _where(results: SweepResults, alignment: int, gamma: int) -> tuple[str, str]:
    """Part of a file name, and words."""
    r, g = results.alignments[alignment], results.numbers("gamma")[gamma]
    return f"alignment_{r.replace('/', '_')}.gamma_{g:g}", f"alignment {r}, d/n = {g:g}"


def _line(
    axes: Axes, results: SweepResults, x: Sequence[float], at: tuple, place: int, label: str
) -> None:
    colour, dashes = style.CYCLE[place], DASHES[place % len(DASHES)]
    axes.plot(x, results.theory["risk"][at], color=colour, label=label, linewidth=1, ls=dashes)
    if results.ensemble:
        drawn = results.ensemble["risk"]
        axes.errorbar(
            x,
            drawn.mean[at],
            yerr=2 * drawn.standard_error[at],
            fmt="o",
            markersize=2.5,
            color=colour,
            elinewidth=0.7,
        )


def _over_noise(results: SweepResults, alignment: int, gamma: int) -> Drawing | None:
    noise = results.numbers("noise")
    names = results.preconditioners
    if len(noise) < 3 or len(names) > MOST_LINES or len(results.axes["time"]) > 3:
        return None
    name, words = _where(results, alignment, gamma)
    ridge, time = results.plain
    crossing = results.crossing(alignment, gamma)

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for p, preconditioner in enumerate(names):
            at = (alignment, gamma, p, ridge, time, slice(None))
            _line(axes, results, noise, at, p, preconditioner)
        if crossing is not None and min(noise) < crossing < max(noise):
            axes.axvline(crossing, color=style.GUIDE, linestyle=":", linewidth=0.9)
            axes.annotate(
                f" {crossing:.3f}", (crossing, 0.02), xycoords=("data", "axes fraction"), fontsize=7
            )
        axes.set_xlabel("noise of the labels, variance")
        axes.set_ylabel("risk")
        style.legend_above(axes)

    caption = f"Risk against noise, {words}."
    if crossing is not None and 0 < crossing < math.inf:
        caption += f" Natural gradient has the lower risk above {crossing:.4f}."
    return Drawing(f"noise.{name}", 2.6, caption, draw)


def _weights(results: SweepResults, kind: str) -> list[tuple[float, int]]:
    """Interpolations of a kind, and their places."""
    found = [
        (float(name.partition(":")[2]), p)
        for p, name in enumerate(results.preconditioners)
        if name.startswith(f"{kind}:")
    ]
    return sorted(found)


def _over_interpolation(results: SweepResults, alignment: int, gamma: int) -> Drawing | None:
    kinds = {kind: _weights(results, kind) for kind in ("pow", "add")}
    kinds = {kind: weights for kind, weights in kinds.items() if len(weights) >= 3}
    if not kinds:
        return None
    name, words = _where(results, alignment, gamma)
    ridge, time = results.plain
    noise = results.numbers("noise")[:MOST_LINES]

    def draw(figure: Figure) -> None:
        panels = figure.subplots(1, len(kinds), sharey=True, squeeze=False)[0]
        for axes, (kind, weights) in zip(panels, kinds.items(), strict=True):
            x = [a for a, _ in weights]
            places = [p for _, p in weights]
            for k, level in enumerate(noise):
                at = (alignment, gamma, places, ridge, time, k)
                _line(axes, results, x, at, k, f"noise {level:g}")
                risk = results.theory["risk"][at]
                best = int(np.argmin(risk))
                axes.plot(x[best], risk[best], "v", color=style.CYCLE[k], markersize=5)
            formula = r"$\Sigma_X^{-a}$" if kind == "pow" else r"$(a\Sigma_X + (1-a)I)^{-1}$"
            axes.set_xlabel(f"a of {formula}")
        panels[0].set_ylabel("risk")
        style.legend_above(panels[0], columns=2)

    caption = (
        f"Risk between gradient descent (0) and natural gradient (1), {words}; triangles are least."
    )
    return Drawing(f"interpolation.{name}", 2.9, caption, draw)


def _over_time(results: SweepResults, alignment: int, gamma: int) -> Drawing | None:
    time = results.numbers("time")
    finite = [i for i in np.argsort(time) if 0 < time[i] < math.inf]
    if len(finite) < 3:
        return None
    name, words = _where(results, alignment, gamma)
    ridge, _ = results.plain
    noise = results.numbers("noise")
    x = [time[i] for i in finite]
    levels = [0, len(noise) - 1] if len(noise) > 1 else [0]
    styles = ("-", "--")

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for p, preconditioner in enumerate(results.preconditioners[:MOST_LINES]):
            for k, level in enumerate(levels):
                at = (alignment, gamma, p, ridge, finite, level)
                _line(axes, results, x, at, p, f"{preconditioner}, noise {noise[level]:g}")
                axes.lines[-1 if not results.ensemble else -2].set_linestyle(styles[k])
                risk = results.theory["risk"][at]
                best = int(np.argmin(risk))
                if best < len(x) - 1:
                    axes.plot(x[best], risk[best], "v", color=style.CYCLE[p], markersize=5)
        axes.set_xscale("log")
        axes.set_xlabel("time of the flow")
        axes.set_ylabel("risk")
        style.legend_above(axes, columns=2)

    caption = f"Risk along the flow, {words}; triangles are where it is best to stop."
    return Drawing(f"time.{name}", 2.9, caption, draw)


def _winners(results: SweepResults, alignment: int) -> Array:
    """(gamma, noise) places of the preconditioner with the least risk by theory."""
    ridge, time = results.plain
    return results.least(results.theory["risk"][alignment, :, :, ridge, time, :], axis=1)


def _phases(results: SweepResults) -> Drawing | None:
    gamma, noise = results.numbers("gamma"), results.numbers("noise")
    names = results.preconditioners
    if len(gamma) < 3 or len(noise) < 3 or not 2 <= len(names) <= MOST_LINES:
        return None
    alignments = results.axes["alignment"][:6]
    rows = math.ceil(len(names) / 3)  # of the legend

    def draw(figure: Figure) -> None:
        panels = figure.subplots(1, len(alignments), sharey=True, squeeze=False)[0]
        colours = ListedColormap(style.CYCLE[: len(names)])
        for a, axes in enumerate(panels):
            axes.pcolormesh(
                gamma,
                noise,
                _winners(results, a).T,
                cmap=colours,
                vmin=-0.5,
                vmax=len(names) - 0.5,
                shading="nearest",
            )
            r = alignments[a]
            axes.set_title(r if isinstance(r, str) else f"r = {r:g}", fontsize=7)
            axes.tick_params(labelsize=6)
        panels[0].set_ylabel("noise")
        figure.supxlabel("d / n", fontsize=8)
        handles = [Patch(color=style.CYCLE[p], label=name) for p, name in enumerate(names)]
        figure.suptitle("\n".join([" "] * rows))  # keeps room for the legend
        figure.legend(handles=handles, loc="upper center", ncol=min(3, len(names)), fontsize=7)

    caption = "Which preconditioner has the least risk by theory, for each alignment r."
    return Drawing("phases", 2.2 + 0.2 * rows, caption, draw)


def _agreement(results: SweepResults) -> Drawing:
    """Ensembles against theory, in standard errors."""
    z = {what: results.standard_errors(what)[..., 0].ravel() for what in ("bias", "variance")}
    z = {what: values[np.isfinite(values)] for what, values in z.items()}
    beyond = sum(int((np.abs(values) > MOST_ERRORS).sum()) for values in z.values())
    z = {what: np.clip(values, -MOST_ERRORS, MOST_ERRORS) for what, values in z.items()}

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        limit = max([4.5, *(float(np.abs(v).max()) for v in z.values() if v.size)])
        edges = np.linspace(-limit, limit, 31)
        for colour, (what, values) in zip(style.CYCLE, z.items(), strict=False):
            axes.hist(values, edges, histtype="step", color=colour, label=what)
        axes.set_xlabel("ensemble above theory [standard errors]")
        axes.set_ylabel("settings")
        style.legend_above(axes)

    caption = (
        "Ensembles against theory. Settings share their designs, so that a shift is of all of them;"
        " theory is of infinitely many rows."
    )
    if beyond:
        caption += f" {beyond} beyond {MOST_ERRORS:g} standard errors are shown there."
    return Drawing("agreement", 2.2, caption, draw)

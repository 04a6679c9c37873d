# SPDX-License-Identifier: BSD-3-Clause
"""One look for all figures: column width, 8-point type, the Okabe-Ito colour-blind-safe palette."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from driftwood_post.arrays import Array

COLUMN_WIDTH = 3.5  # inches, one column of a two-column page

ESTIMATE = "#0072B2"
REFERENCE = "#D55E00"
PATH = "#6B6B6B"
GUIDE = "#8A8A8A"

CYCLE = (ESTIMATE, REFERENCE, "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442")

_SETTINGS = {
    "axes.prop_cycle": cycler(color=CYCLE),
    "figure.constrained_layout.use": True,
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "mathtext.fontset": "dejavusans",
    "axes.labelsize": 8,
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.formatter.use_mathtext": True,
    "axes.formatter.limits": (-3, 4),
    "axes.formatter.useoffset": False,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "legend.handlelength": 1.6,
    "lines.linewidth": 1.2,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "pdf.fonttype": 42,
}


@contextmanager
def figure(height: float) -> Iterator[Figure]:
    """A figure of column width and `height` inches in the common look, closed afterwards."""
    with matplotlib.rc_context(_SETTINGS):
        drawn = plt.figure(figsize=(COLUMN_WIDTH, height))
        try:
            yield drawn
        finally:
            plt.close(drawn)


def legend_above(axes: Axes, columns: int = 3) -> None:
    """A legend over the axes, so that it hides no data, and over a power of ten that stands there.

    Call it when everything is drawn.
    """
    ticks = axes.yaxis.get_major_formatter()
    ticks.set_locs(axes.get_yticks())
    height = 1.09 if ticks.get_offset() else 1.0
    handles, labels = axes.get_legend_handles_labels()
    if handles:
        axes.legend(
            handles,
            labels,
            loc="lower left",
            bbox_to_anchor=(0, height),
            ncol=min(columns, len(labels)),
            borderaxespad=0.2,
            columnspacing=1.2,
        )


def plain_log_axis(axes: Axes, values: Array, which: str = "y") -> None:
    """A logarithmic axis, y unless said otherwise, around positive `values`, its numbers written out:
    0.5, 1, 2, 5."""
    low, high = values.min() / 1.3, values.max() * 1.3
    axes.set(**{f"{which}scale": "log", f"{which}lim": (low, high)})
    steps = (1.0,) if high / low > 100 else (1.0, 2.0, 5.0)
    axis = axes.yaxis if which == "y" else axes.xaxis
    axis.set_major_locator(LogLocator(subs=steps))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def padded(values: Array) -> Array:
    """Values of at least 1e-6, with numbers around them that make a logarithmic axis as long as two or
    three of its ticks are apart."""
    values = np.maximum(values.ravel(), 1e-6)
    middle = np.sqrt(values.min() * values.max())
    return np.append(values, (middle / 2, middle * 2))


def with_units(label: str, units: str | None) -> str:
    """`label` followed by its units in brackets, where it has any."""
    return f"{label} [{units}]" if units and units not in ("1", label) else label

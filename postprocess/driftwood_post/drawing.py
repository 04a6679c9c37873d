# SPDX-License-Identifier: BSD-3-Clause
"""What a figure is, and what all figures share."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from matplotlib.figure import Figure

from driftwood_post import style
from driftwood_post.results import Results


@dataclasses.dataclass(frozen=True)
class Drawing:
    """A figure to be drawn: `name` is its part of the file name, `height` its inches at column
    width, `caption` a sentence or two for the report."""

    name: str
    height: float
    caption: str
    draw: Callable[[Figure], None]


def time_label(results: Results) -> str:
    """The label of a time axis."""
    return style.with_units("time", results.units.get("time"))

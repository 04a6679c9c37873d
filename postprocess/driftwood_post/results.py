# SPDX-License-Identifier: BSD-3-Clause
"""What a result file holds, as plain values.

Shapes: T times, C components, Q probabilities, B bins.
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from driftwood_post.arrays import Array

Scalar = str | int | float | bool


@dataclasses.dataclass(frozen=True)
class Moments:
    """Ensemble moments per time and component, each (T, C); the last two may be absent."""

    mean: Array
    variance: Array
    standard_error: Array
    skewness: Array | None = None
    kurtosis: Array | None = None


@dataclasses.dataclass(frozen=True)
class Running:
    """An estimate as it formed: after `paths` (N) paths, its mean and standard error (N)."""

    paths: Array
    mean: Array
    standard_error: Array


@dataclasses.dataclass(frozen=True)
class Formula:
    """Mean, variance over paths and standard error of a formula or payoff, each (T)."""

    mean: Array
    variance: Array
    standard_error: Array
    running: Running | None = None


@dataclasses.dataclass(frozen=True)
class Quantiles:
    """`value` (T, Q, C) at `probability` (Q); `method` says whether exact or binned."""

    value: Array
    probability: Array
    method: str = ""


@dataclasses.dataclass(frozen=True)
class Histogram:
    """Counts of one component: `edges` (T, B+1), `count` (T, B), `below` and `above` (T)."""

    edges: Array
    count: Array
    below: Array
    above: Array

    @property
    def total(self) -> Array:
        """Number of samples per time (T), those outside the edges included."""
        return self.count.sum(axis=1) + self.below + self.above

    @property
    def density(self) -> Array:
        """Probability density per bin (T, B), in 1/[component]; samples outside count as mass."""
        total = np.maximum(self.total, 1)[:, None]
        width = np.diff(self.edges, axis=1)
        return np.divide(self.count / total, width, out=np.zeros(width.shape), where=width > 0)


class Paths:
    """Saved paths: the path ids `id` (path) and, read from the file when asked for, `value`."""

    def __init__(self, id: Array, read_rows: Callable[[int], Array]) -> None:
        self.id = id
        self._read_rows = read_rows

    @cached_property
    def value(self) -> Array:
        """All saved paths (path, T, C)."""
        return self._read_rows(self.id.size)

    def first(self, count: int) -> Array:
        """The first `count` saved paths (count, T, C), without reading the others."""
        return self._read_rows(min(count, self.id.size))


@dataclasses.dataclass(frozen=True)
class Deck:
    """The input deck: its text as given, and with every default filled in."""

    given: str = ""
    effective: str = ""

    @cached_property
    def tables(self) -> Mapping[str, Any]:
        """The effective deck parsed, or the given one without it; empty where neither parses."""
        for text in (self.effective, self.given):
            try:
                tables = tomllib.loads(text)
            except tomllib.TOMLDecodeError:
                continue
            if tables:
                return tables
        return {}

    def table(self, name: str) -> Mapping[str, Any]:
        """One table of the deck, empty where it is missing."""
        found = self.tables.get(name, {})
        return found if isinstance(found, dict) else {}


@dataclasses.dataclass(frozen=True)
class Results:
    """One `sde_ensemble` result file. What the run did not record is None or empty.

    `finite_paths` (T) counts the paths that the statistics are over; `units` and `long_names` hold
    the labels of datasets by name, such as "moments/mean".
    """

    path: Path
    format_version: int
    provenance: Mapping[str, Scalar]
    deck: Deck
    time: Array
    components: tuple[str, ...]
    moments: Moments | None = None
    covariance: Array | None = None
    formulas: Mapping[str, Formula] = dataclasses.field(default_factory=dict)
    quantiles: Quantiles | None = None
    histograms: Mapping[str, Histogram] = dataclasses.field(default_factory=dict)
    paths: Paths | None = None
    finite_paths: Array | None = None
    units: Mapping[str, str] = dataclasses.field(default_factory=dict)
    long_names: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def component_index(self, name: str) -> int:
        """Position of a component; KeyError with the names there are."""
        if name not in self.components:
            raise KeyError(f"no component '{name}'; there are {', '.join(self.components)}")
        return self.components.index(name)

    def dataset(self) -> Any:
        """The statistics as one `xarray.Dataset`; ImportError with advice without xarray."""
        from driftwood_post import labelled

        return labelled.dataset(self)

# SPDX-License-Identifier: BSD-3-Clause
"""What a result file holds, as plain values.

Shapes: T times, C components, Q probabilities, B bins, L levels.
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
    """Ensemble moments per time and component, each (T, C); the last two may be absent, and of a
    multilevel estimate the variance too."""

    mean: Array
    variance: Array | None
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
    """Mean, variance over paths and standard error of a formula or payoff, each (T). A multilevel
    estimate has no variance."""

    mean: Array
    variance: Array | None
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


@dataclasses.dataclass(frozen=True)
class FirstPassage:
    """First passage times of one event: `count` (B) paths between `time_edges` (B+1), and the
    number of paths that did `never` pass until the end."""

    time_edges: Array
    count: Array
    never: int

    @property
    def total(self) -> int:
        """Number of paths, those that did not pass included."""
        return int(self.count.sum()) + self.never

    @property
    def density(self) -> Array:
        """Probability per bin and unit of time (B), in 1/[time]; it integrates to `cumulative[-1]`."""
        return self.count / max(self.total, 1) / np.diff(self.time_edges)

    @property
    def cumulative(self) -> Array:
        """Probability to have passed by each of `time_edges` (B+1)."""
        return np.append(0, np.cumsum(self.count)) / max(self.total, 1)

    @property
    def standard_error(self) -> Array:
        """Standard error of `cumulative` (B+1), for independent paths."""
        return np.sqrt(self.cumulative * (1 - self.cumulative) / max(self.total, 1))


@dataclasses.dataclass(frozen=True)
class StepSizes:
    """How many steps of all paths were accepted and rejected at sizes from `size` to twice that,
    each (B); `forced` of them were accepted with too large an error."""

    size: Array
    accepted: Array
    rejected: Array
    forced: int


@dataclasses.dataclass(frozen=True)
class Multilevel:
    """What each level adds to the mean of `quantity`, each (L): `mean` and `variance` of one of
    its `samples`, which takes `cost` steps; the finer paths take `steps`. `bias` is what levels
    beyond the last would add, by the decay of those there are."""

    quantity: str
    level: Array
    steps: Array
    mean: Array
    variance: Array
    cost: Array
    samples: Array
    bias: float

    @property
    def estimate(self) -> float:
        """The mean on the finest grid, which the levels add up to."""
        return float(self.mean.sum())

    @property
    def standard_errors(self) -> Array:
        """Standard error of `mean` (L)."""
        return np.sqrt(self.variance / np.maximum(self.samples, 1))

    @property
    def standard_error(self) -> float:
        """Standard error of `estimate`."""
        return float(np.sqrt((self.standard_errors**2).sum()))

    @property
    def share(self) -> Array:
        """The part of all steps that each level takes (L)."""
        work = self.samples * np.asarray(self.cost, dtype=float)
        return work / max(float(work.sum()), 1.0)


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
    first_passages: Mapping[str, FirstPassage] = dataclasses.field(default_factory=dict)
    multilevel: Multilevel | None = None
    step_sizes: StepSizes | None = None
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

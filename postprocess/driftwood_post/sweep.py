# SPDX-License-Identifier: BSD-3-Clause
"""Reads what natgrad_sweep found, and says what it means.

Results are arrays over a grid, of the shape (alignment, gamma, preconditioner, ridge, time, noise).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from pathlib import Path

import h5py
import numpy as np

from driftwood_post import layout
from driftwood_post.arrays import Array
from driftwood_post.origin import Origin, origin_of
from driftwood_post.read import ReadError, need, opened, run_values, text

AXES = ("alignment", "gamma", "preconditioner", "ridge", "time", "noise")


@dataclasses.dataclass(frozen=True)
class Drawn:
    """Means over designs, and their standard errors, of the shape of the grid."""

    mean: Array
    standard_error: Array


@dataclasses.dataclass(frozen=True)
class SweepResults(Origin):
    """One `natgrad_sweep` result file. `axes` are the values of each dimension; `theory` and
    `ensemble` hold bias, variance and risk, the latter empty where no designs were drawn."""

    spectrum: str
    n: int
    features: Array  # (gamma)
    axes: Mapping[str, list[float] | list[str] | list[float | str]]
    theory: Mapping[str, Array]
    ensemble: Mapping[str, Drawn]
    replicas: int

    def numbers(self, axis: str) -> list[float]:
        """The values of an axis of numbers."""
        return [float(value) for value in self.axes[axis]]

    @property
    def preconditioners(self) -> list[str]:
        return [str(name) for name in self.axes["preconditioner"]]

    @property
    def plain(self) -> tuple[int, int]:
        """The places of no ridge and no end of time, else the first ridge and the last time."""
        ridge, time = self.numbers("ridge"), self.numbers("time")
        endless = [i for i, t in enumerate(time) if math.isinf(t)]
        return ridge.index(0.0) if 0.0 in ridge else 0, endless[0] if endless else len(time) - 1

    @property
    def alignments(self) -> list[str]:
        """As one shows them: r of Sigma_theta = Sigma_X^r, or the name of a file."""
        return [v if isinstance(v, str) else f"{v:g}" for v in self.axes["alignment"]]

    def price_and_gain(self, alignment: int, gamma: int) -> tuple[float, float] | None:
        """By how much the bias of `ngd` is above that of `gd` by theory, and its variance below; None
        where the grid lacks one of them."""
        names = self.preconditioners
        if "gd" not in names or "ngd" not in names:
            return None
        ridge, time = self.plain
        at = [(alignment, gamma, names.index(name), ridge, time, 0) for name in ("gd", "ngd")]
        bias, variance = self.theory["bias"], self.theory["variance"]
        return float(bias[at[1]] - bias[at[0]]), float(variance[at[0]] - variance[at[1]])

    def crossing(self, alignment: int, gamma: int) -> float | None:
        """The noise above which `ngd` has a lower risk than `gd` by theory; None where the grid lacks
        one of them, infinity where there is no such noise."""
        found = self.price_and_gain(alignment, gamma)
        if found is None:
            return None
        price, gain = found
        if gain > 0:
            return max(price / gain, 0.0)
        return 0.0 if gain == 0 and price < 0 else math.inf

    def standard_errors(self, what: str) -> Array:
        """By how many an ensemble's mean is above theory; NaN where it has none."""
        drawn = self.ensemble[what]
        with np.errstate(divide="ignore", invalid="ignore"):
            z = (drawn.mean - self.theory[what]) / drawn.standard_error
        exact = np.abs(drawn.mean - self.theory[what]) < 1e-10
        return np.where(exact, np.nan, z)

    def _allowed(self, what: str) -> Array:
        """How far an ensemble's mean may be from theory: 4 standard errors, and what n rows instead
        of infinitely many may make, 3/n of the value."""
        return 4 * self.ensemble[what].standard_error + 3 / self.n * np.abs(self.theory[what])

    def disagrees(self) -> Array:
        """Where an ensemble is not what theory says."""
        out = np.zeros(self.theory["bias"].shape[:-1], dtype=bool)
        for what in ("bias", "variance"):
            apart = np.abs(self.ensemble[what].mean - self.theory[what])
            out |= (~(apart <= self._allowed(what) + 1e-12)).any(axis=-1)
        return out

    def unclear(self) -> Array:
        """Where an ensemble may be so far from theory that agreement says nothing."""
        return np.asarray((self._allowed("variance") > 0.5 * self.theory["variance"]).any(axis=-1))

    @staticmethod
    def least(risk: Array, axis: int) -> Array:
        """Places of the least along an axis, the first of those that differ by rounding alone."""
        least = risk.min(axis=axis, keepdims=True)
        return np.argmax(risk <= least + 1e-9 * np.abs(least), axis=axis)


def _values(point: h5py.Group, name: str) -> list[float] | list[str] | list[float | str]:
    """Of all points. Alignments of files are their names."""
    values = need(point, name)
    if name == "preconditioner":
        return [text(v) for v in values]
    if name == "alignment" and layout.ALIGNMENT_FILE in point:
        files = need(point, layout.ALIGNMENT_FILE)
        return [text(f) or float(v) for f, v in zip(files, values, strict=True)]
    return [float(v) for v in values]


def open_sweep(path: Path | str) -> SweepResults:
    """Reads the file; raises ReadError for one that is not a whole result of natgrad_sweep."""
    path = Path(path)
    with opened(path) as file:
        run = run_values(file)
        for group in (layout.POINT, layout.THEORY):
            if group not in file:
                driver = run.get("driver")
                other = driver and driver != "natgrad_sweep"
                why = f"it is one of {driver}" if other else f"it has no /{group}"
                raise ReadError(f"{path}: not a result of natgrad_sweep ({why})")
        point = file[layout.POINT]
        order = text(point.attrs[layout.ORDER]).split(", ")
        axes = {name: list(dict.fromkeys(_values(point, name))) for name in order}
        shape = [len(axes[name]) for name in order]
        if sorted(order) != sorted(AXES) or math.prod(shape) != need(point, "noise").size:
            raise ReadError(f"{path}: /point is no grid of its values; the file is damaged")

        def grid(values: Array) -> Array:
            turned = np.asarray(values).reshape(shape)
            return turned.transpose([order.index(name) for name in AXES])

        theory = {what: grid(need(file[layout.THEORY], what)) for what in layout.RISKS}
        ensemble, replicas = {}, 0
        if layout.ENSEMBLE in file:
            group = file[layout.ENSEMBLE]
            replicas = int(need(group, "replicas")[0])
            for what in layout.RISKS:
                ensemble[what] = Drawn(
                    grid(need(group[what], "mean")), grid(need(group[what], "standard_error"))
                )
        return SweepResults(
            **origin_of(file, path),
            spectrum=text(need(point, "spectrum")[0]),
            n=int(need(point, "n")[0]),
            features=grid(need(point, "d"))[0, :, 0, 0, 0, 0],
            axes={name: axes[name] for name in AXES},
            theory=theory,
            ensemble=ensemble,
            replicas=replicas,
        )

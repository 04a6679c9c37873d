# SPDX-License-Identifier: BSD-3-Clause
"""Reads what natgrad_sweep found of networks."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from driftwood_post import layout
from driftwood_post.arrays import Array
from driftwood_post.origin import Origin, origin_of
from driftwood_post.read import ReadError, need, opened, text


@dataclasses.dataclass(frozen=True)
class Line:
    """One preconditioner and number of unlabelled inputs. `points` are its places among settings, by
    rising noise."""

    preconditioner: str
    unlabelled: int
    label: str
    points: list[int]


@dataclasses.dataclass(frozen=True)
class Curves:
    """Risks of all settings while they are trained, (setting, step)."""

    step: Array
    mean: Array
    standard_error: Array


@dataclasses.dataclass(frozen=True)
class NetworkResults(Origin):
    """One result file of networks. Arrays are of settings; `risks` is (replica, setting), and
    `half_width` of intervals of 95 %."""

    noise: Array
    risk: Array
    standard_error: Array
    difference: Array
    half_width: Array
    risks: Array
    lines: list[Line]
    curves: Curves | None
    loss: Array | None  # (replica, setting), of training

    @property
    def compares(self) -> bool:
        """Not where no training reached its tolerance: networks are on their way then."""
        tolerance = self.deck.tables.get("network", {}).get("training", {}).get("tolerance", 0)
        return self.loss is None or tolerance == 0 or bool((self.loss <= tolerance).any())

    @property
    def replicas(self) -> int:
        return int(self.risks.shape[0])

    @property
    def levels(self) -> list[float]:
        """Of noise, rising."""
        return sorted(set(map(float, self.noise)))

    @property
    def plain(self) -> Line:
        return next(line for line in self.lines if line.preconditioner == "gd")

    def is_clear(self, point: int) -> bool:
        """Whether the interval of a difference to gradient descent excludes 0."""
        return self.compares and bool(abs(self.difference[point]) > self.half_width[point])

    def weights(self, unlabelled: int) -> list[tuple[float, Line]]:
        """Lines of `population_mix:A` by A, with gradient descent as A = 0."""
        mixed = [
            (float(line.preconditioner.partition(":")[2]), line)
            for line in self.lines
            if line.preconditioner.startswith("population_mix:") and line.unlabelled == unlabelled
        ]
        if not any(weight == 0 for weight, _ in mixed):
            mixed.append((0.0, self.plain))
        return sorted(mixed, key=lambda pair: pair[0])


def open_networks(path: Path) -> NetworkResults:
    """Reads a result file. Raises ReadError."""
    with opened(path) as file:
        if layout.NETWORK not in file:
            raise ReadError(f"{path}: no networks in it (it has no /{layout.NETWORK})")
        group = file[layout.NETWORK]
        names = [text(value) for value in need(group, "preconditioner")]
        unlabelled = [int(value) for value in need(group, "unlabelled")]
        noise = np.asarray(need(group, "noise"), dtype=float)
        curves = None
        if "curve" in group:
            curves = Curves(
                np.asarray(need(group, "step")),
                np.asarray(need(group["curve"], "mean")),
                np.asarray(need(group["curve"], "standard_error")),
            )
        return NetworkResults(
            **origin_of(file, path),
            noise=noise,
            risk=np.asarray(need(group["risk"], "mean")),
            standard_error=np.asarray(need(group["risk"], "standard_error")),
            difference=np.asarray(need(group["difference"], "mean")),
            half_width=np.asarray(need(group["difference"], "half_width")),
            risks=np.asarray(need(group["risk"], "value")),
            lines=_lines(names, unlabelled, noise),
            curves=curves,
            loss=np.asarray(need(group, "training/loss")) if "training" in group else None,
        )


def _lines(names: list[str], unlabelled: list[int], noise: Array) -> list[Line]:
    pairs = list(dict.fromkeys(zip(names, unlabelled, strict=True)))
    out = []
    for name, more in pairs:
        points = [p for p in range(len(names)) if (names[p], unlabelled[p]) == (name, more)]
        several = sum(other == name for other, _ in pairs) > 1
        label = f"{name} +{more}" if several else name
        out.append(Line(name, more, label, sorted(points, key=lambda p: float(noise[p]))))
    return out

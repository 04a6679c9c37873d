# SPDX-License-Identifier: BSD-3-Clause
"""What runs of langevin_chains found out when they were asked to: distances of their last states from
the target, and how replicas at a ladder of temperatures moved.

Shapes: N numbers that are drawn, M kinds of distances, K rungs.
"""

from __future__ import annotations

import dataclasses

import h5py
import numpy as np

from driftwood_post import layout
from driftwood_post.arrays import Array
from driftwood_post.read import ReadError, need, scalar_of, text

# As `judged` in src/mcmc/discrepancy.cpp.
INDISTINGUISHABLE = 1.5  # floors


def is_apart(value: float, floor: float, floor_sd: float) -> bool:
    """Whether a distance is clearly above what independent draws have."""
    return value > INDISTINGUISHABLE * floor and value > floor + 3 * floor_sd


@dataclasses.dataclass(frozen=True)
class Ksd:
    """Kernel Stein discrepancy of the last states, and of as many independent draws."""

    value: float
    floor: float
    floor_sd: float
    points: int


@dataclasses.dataclass(frozen=True)
class W2:
    """Wasserstein distances of the last states from sets of reference draws, by `kind` (M), with
    standard deviations over sets; `floor` is that of two sets. `marginal` (N) is of each parameter."""

    kind: tuple[str, ...]
    value: Array
    value_sd: Array
    floor: Array
    floor_sd: Array
    marginal: Array
    marginal_floor: Array
    points: int
    repeats: int


@dataclasses.dataclass(frozen=True)
class Tempering:
    """Rungs from the cold one on: inverse temperatures `beta` (K), mean probabilities of a swap with
    the next rung (K - 1), mean `difference` of the potentials of target and reference (K). `index`
    are rungs over time, (ladder, draw, replica); None where none are stored."""

    beta: Array
    swap_acceptance: Array
    difference: Array
    barrier: float
    rounds: int
    round_trips: int
    log_evidence: float
    log_evidence_error: float
    thermodynamic_integral: float
    index: Array | None


def read_ksd(file: h5py.File) -> Ksd | None:
    """None where it was not asked for."""
    if layout.KSD not in file:
        return None
    group = file[layout.KSD]
    numbers = [float(scalar_of(group, name)) for name in ("value", "floor", "floor_sd")]
    return Ksd(*numbers, points=int(scalar_of(group, "points")))


def read_w2(file: h5py.File, numbers: int) -> W2 | None:
    """None where it was not asked for."""
    if layout.W2 not in file:
        return None
    group = file[layout.W2]
    kind = tuple(text(name) for name in need(group, "kind"))
    by_kind = {n: need(group, n) for n in ("value", "value_sd", "floor", "floor_sd")}
    by_number = {n: need(group, n) for n in ("marginal", "marginal_floor")}
    for name, value in by_kind.items():
        _check(file, f"{layout.W2}/{name}", value, (len(kind),))
    for name, value in by_number.items():
        _check(file, f"{layout.W2}/{name}", value, (numbers,))
    counts = {n: int(scalar_of(group, n)) for n in ("points", "repeats")}
    return W2(kind=kind, **by_kind, **by_number, **counts)


def read_tempering(file: h5py.File) -> Tempering | None:
    """None where there are no replicas."""
    if layout.TEMPERING not in file:
        return None
    group = file[layout.TEMPERING]
    beta = need(group, "beta")
    swaps = need(group, "swap_acceptance")
    difference = need(group, "difference")
    _check(file, f"{layout.TEMPERING}/swap_acceptance", swaps, (beta.size - 1,))
    _check(file, f"{layout.TEMPERING}/difference", difference, (beta.size,))
    index = need(group, "index") if "index" in group else None
    if index is not None and index.size == 0:
        index = None
    if index is not None and (index.ndim != 3 or index.shape[2] != beta.size):
        _check(file, f"{layout.TEMPERING}/index", index, (*index.shape[:2], beta.size))
    return Tempering(
        beta=beta,
        swap_acceptance=swaps,
        difference=difference,
        barrier=float(scalar_of(group, "barrier")),
        rounds=int(scalar_of(group, "rounds")),
        round_trips=int(scalar_of(group, "round_trips")),
        log_evidence=float(scalar_of(group, "log_evidence")),
        log_evidence_error=float(scalar_of(group, "log_evidence_standard_error")),
        thermodynamic_integral=float(scalar_of(group, "thermodynamic_integral")),
        index=None if index is None else np.asarray(index),
    )


def _check(file: h5py.File, name: str, value: Array, expected: tuple[int, ...]) -> None:
    if value.shape != expected:
        raise ReadError(
            f"{file.filename}: /{name} has shape {value.shape} and should have {expected}; the file"
            " is damaged"
        )

# SPDX-License-Identifier: BSD-3-Clause
"""Boxes of rotations, as `src/pose/geometry/box.hpp` numbers them: cubes in four gnomonic charts of
unit quaternions.

Shapes: L boxes.
"""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np

from driftwood_post.arrays import Array

CHARTS = 4
DEEPEST_LEVEL = 18
ALL_UNITS = CHARTS << (3 * DEEPEST_LEVEL)

_PATH_BITS = 54
_COARSE = 2  # levels below it have sides over which the density of rotations changes much


@dataclasses.dataclass(frozen=True)
class Boxes:
    """`chart` and `level`, each (L); `place` (L, 3) counts cubes of that level along each axis."""

    chart: Array
    level: Array
    place: Array

    @property
    def half(self) -> Array:
        """Half of their sides (L)."""
        return np.ldexp(1.0, -self.level)

    @property
    def share(self) -> Array:
        """Of all rotations, by Haar's measure (L); they add up to 1 where boxes tile all.

        A cube has the measure of its quaternions on the unit sphere, the integral of
        (1 + |x|^2)^-2, and all four charts have pi^2.
        """
        half = self.half[:, None]
        centre = (2 * self.place + 1) * half - 1
        out = np.empty(self.level.shape)
        for chosen, points in ((self.level < _COARSE, 8), (self.level >= _COARSE, 2)):
            out[chosen] = _integral(centre[chosen], half[chosen], points)
        return out / np.pi**2


def boxes_of(keys: Array) -> Boxes:
    """The boxes with these keys (L), unsigned 64-bit numbers."""
    keys = np.asarray(keys, dtype=np.uint64)
    chart = (keys >> np.uint64(59)).astype(np.int64)
    level = ((keys >> np.uint64(_PATH_BITS)) & np.uint64(31)).astype(np.int64)
    place = np.zeros((keys.size, 3), dtype=np.int64)
    for above in range(int(level.max(initial=0))):
        for axis in range(3):
            bit = (keys >> np.uint64(3 * above + axis)) & np.uint64(1)
            place[:, axis] |= bit.astype(np.int64) << above
    return Boxes(chart, level, place)


def tile_all(keys: Array) -> bool:
    """Whether these boxes hold every rotation, and no two of them the same."""
    keys = np.asarray(keys, dtype=np.uint64)
    level = (keys >> np.uint64(_PATH_BITS)) & np.uint64(31)
    if keys.size == 0 or level.max() > DEEPEST_LEVEL or (keys >> np.uint64(61)).any():
        return False
    path = keys & np.uint64((1 << _PATH_BITS) - 1)
    if (path >> (np.uint64(3) * level)).any():
        return False
    units = np.uint64(1) << (np.uint64(3) * (np.uint64(DEEPEST_LEVEL) - level))
    first = ((keys >> np.uint64(59)) << np.uint64(3 * DEEPEST_LEVEL)) + path * units
    order = np.argsort(first)
    first, units = first[order], units[order]
    ends = first + units
    return bool(first[0] == 0 and ends[-1] == ALL_UNITS and (ends[:-1] == first[1:]).all())


def _integral(centre: Array, half: Array, points: int) -> Array:
    """Of (1 + |x|^2)^-2 over cubes, by Gauss and Legendre's rule along each axis."""
    nodes, weights = np.polynomial.legendre.leggauss(points)
    out = np.zeros(half.shape[0])
    for at in itertools.product(range(points), repeat=3):
        x = centre + half * nodes[list(at)]
        out += weights[list(at)].prod() / (1 + (x**2).sum(axis=1)) ** 2
    return out * half[:, 0] ** 3

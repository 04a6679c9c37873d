# SPDX-License-Identifier: BSD-3-Clause
"""Where correspondences are in the image, and where a pose says they should be seen.

Shapes: N correspondences of one problem.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from driftwood_post.arrays import Array
from driftwood_post.poses import Matches

MOST_OFF = 0.5  # pixels; a lens that is fitted worse draws no residuals
STEEPEST = 75.0  # degrees from the axis; beyond, an image of focal length 1 is too wide to look at


@dataclasses.dataclass(frozen=True)
class Picture:
    """`seen` (N, 2), right and down, in `units`; `expected` (N, 2) by the pose, not a number where that
    cannot be said."""

    seen: Array
    expected: Array
    units: str


def picture_of(matches: Matches, rotation: Array, centre: Array) -> Picture:
    """In pixels where they are known, else in angles or in an image of focal length 1."""
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = (matches.point - centre) @ rotation.T
    if np.isfinite(matches.pixel).all():
        return Picture(matches.pixel, _through_lens(matches, expected), "pixel")
    if _angles(matches.bearing).max(initial=0) < np.deg2rad(STEEPEST):
        return Picture(flat(matches.bearing), flat(expected), "focal length")
    return Picture(_turned(matches.bearing), _turned(expected), "degree")


def flat(directions: Array) -> Array:
    """On the plane z = 1 (N, 2); not a number behind the camera."""
    with np.errstate(invalid="ignore", divide="ignore"):
        out = directions[:, :2] / directions[:, 2:]
    return np.where(directions[:, 2:] > 0, out, np.nan)


def _angles(directions: Array) -> Array:
    """From the camera's axis [rad]."""
    return np.arctan2(np.hypot(directions[:, 0], directions[:, 1]), directions[:, 2])


def _turned(directions: Array) -> Array:
    """As far from the middle as they are from the axis in degrees, to the side that they are on."""
    across = np.hypot(directions[:, 0], directions[:, 1])
    scale = np.rad2deg(_angles(directions)) / np.where(across > 0, across, 1)
    return np.asarray(directions[:, :2] * scale[:, None])


def _through_lens(matches: Matches, expected: Array) -> Array:
    """Pixels (N, 2), by a lens f (1 + k1 r^2 + k2 r^4) along each axis that is fitted to pixels and
    bearings."""
    nowhere = np.full(matches.pixel.shape, np.nan)
    seen = flat(matches.bearing)
    if not np.isfinite(seen).all():
        return nowhere
    at = flat(expected)
    out = np.empty(seen.shape)
    powers, powers_at = (_powers(x) for x in (seen, at))
    for axis in range(2):
        design = seen[:, [axis]] * powers
        fitted = np.linalg.lstsq(design, matches.pixel[:, axis], rcond=None)[0]
        if np.abs(design @ fitted - matches.pixel[:, axis]).max(initial=0) > MOST_OFF:
            return nowhere
        out[:, axis] = (at[:, [axis]] * powers_at) @ fitted
    return out


def _powers(x: Array) -> Array:
    square = (x**2).sum(axis=1)
    return np.stack([np.ones(square.shape), square, square**2], axis=1)

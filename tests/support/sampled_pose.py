# SPDX-License-Identifier: BSD-3-Clause
"""The most inliers that poses of triples have, by brute force and apart from the library.

Poses of three correspondences by Grunert's quartic, as in Haralick et al., Int. J. Computer Vision
13, 331 (1994), table 1.
"""
import itertools

import numpy as np

STEPS = 12  # of improvement of each pose


def _dot(a, b):
    return np.sum(a * b, axis=-1)


def _cross_matrix(v):
    out = np.zeros(v.shape + (3,))
    out[..., 0, 1], out[..., 0, 2], out[..., 1, 2] = -v[..., 2], v[..., 1], -v[..., 0]
    return out - np.swapaxes(out, -1, -2)


def _exp(w):
    """Rotations by vectors (M, 3)."""
    angle = np.linalg.norm(w, axis=-1)[:, None, None] + 1e-300
    k = _cross_matrix(w) / angle
    return np.eye(3) + np.sin(angle) * k + (1 - np.cos(angle)) * (k @ k)


def poses_of_triples(x, f):
    """(M, 3, 3) rotations and (M, 3) centres, of triples (T, 3, 3) of points and of unit bearings.

    Of complex solutions the real parts are kept, as good a start as any.
    """
    x1, x2, x3 = np.moveaxis(x, 1, 0)
    f1, f2, f3 = np.moveaxis(f, 1, 0)
    a2, b2, c2 = _dot(x2 - x3, x2 - x3), _dot(x1 - x3, x1 - x3), _dot(x1 - x2, x1 - x2)
    ca, cb, cg = _dot(f2, f3), _dot(f1, f3), _dot(f1, f2)
    minus, plus = (a2 - c2) / b2, (a2 + c2) / b2
    quartic = np.stack([
        (minus - 1) ** 2 - 4 * c2 / b2 * ca**2,
        4 * (minus * (1 - minus) * cb - (1 - plus) * ca * cg + 2 * c2 / b2 * ca**2 * cb),
        2 * (minus**2 - 1 + 2 * minus**2 * cb**2 + 2 * (b2 - c2) / b2 * ca**2
             - 4 * plus * ca * cb * cg + 2 * (b2 - a2) / b2 * cg**2),
        4 * (-minus * (1 + minus) * cb + 2 * a2 / b2 * cg**2 * cb - (1 - plus) * ca * cg),
        (1 + minus) ** 2 - 4 * a2 / b2 * cg**2,
    ], axis=1)  # fmt: skip
    lead = np.where(np.abs(quartic[:, :1]) < 1e-12, 1e-12, quartic[:, :1])
    companion = np.zeros((len(x), 4, 4))
    companion[:, 0, :] = -quartic[:, 1:] / lead
    companion[:, [1, 2, 3], [0, 1, 2]] = 1
    v = np.linalg.eigvals(companion).real  # (T, 4): third depth by the first
    ca, cb, cg, minus, b2 = (t[:, None] for t in (ca, cb, cg, minus, b2))
    with np.errstate(all="ignore"):
        u = ((minus - 1) * v**2 - 2 * minus * cb * v + 1 + minus) / (2 * (cg - v * ca))
        first = np.sqrt(b2 / (1 + v**2 - 2 * v * cb))
        depths = np.stack([first, u * first, v * first], axis=-1)  # (T, 4, 3)
    valid = np.isfinite(depths).all(axis=-1) & (np.abs(depths) < 1e6).all(axis=-1)
    there = depths[valid][..., None] * np.repeat(f[:, None], 4, axis=1)[valid]  # (M, 3, 3)
    here = np.repeat(x[:, None], 4, axis=1)[valid]
    # Kabsch.
    there_mean, here_mean = there.mean(axis=1), here.mean(axis=1)
    moment = np.swapaxes(there - there_mean[:, None], 1, 2) @ (here - here_mean[:, None])
    left, _, right = np.linalg.svd(moment)
    sign = np.ones((len(moment), 3))
    sign[:, 2] = np.linalg.det(left @ right)
    rotation = (left * sign[:, None, :]) @ right
    centre = here_mean - np.einsum("mji,mj->mi", rotation, there_mean)
    return rotation, centre


def residuals(rotation, centre, x, f):
    """(M, N) angles [rad] between bearings and where points are seen."""
    y = np.einsum("mij,mnj->mni", rotation, x[None] - centre[:, None])
    return np.arctan2(np.linalg.norm(np.cross(f[None], y), axis=-1), _dot(f[None], y))


def _moved(rotation, centre, x, f, weight):
    """A Gauss-Newton step of weighted least squares of f x direction, for each pose."""
    y = np.einsum("mij,mnj->mni", rotation, x[None] - centre[:, None])
    length = np.linalg.norm(y, axis=-1, keepdims=True) + 1e-12
    d = y / length
    across = (np.eye(3) - d[..., :, None] * d[..., None, :]) / length[..., None]
    to_direction = np.concatenate(
        [-across @ _cross_matrix(y), -across @ rotation[:, None]], axis=-1
    )
    slope = _cross_matrix(np.broadcast_to(f, d.shape)) @ to_direction  # (M, N, 3, 6)
    error = np.cross(f[None], d)
    matrix = np.einsum("mn,mnki,mnkj->mij", weight, slope, slope) + 1e-9 * np.eye(6)
    vector = np.einsum("mn,mnki,mnk->mi", weight, slope, error)
    step = -np.linalg.solve(matrix, vector[..., None])[..., 0]
    step *= np.minimum(1, 0.5 / (np.linalg.norm(step[:, :3], axis=1) + 1e-300))[:, None]
    return _exp(step[:, :3]) @ rotation, centre + step[:, 3:]


def most_inliers(x, f, threshold):
    """Of points (N, 3), unit bearings (N, 3) and thresholds (N,) [rad]: the most that a pose of a triple
    has, or one that local improvement makes of it: least squares over what is nearly within the threshold,
    and weights by residuals after Lawson, which make the largest of them less.
    """
    triples = np.array(list(itertools.combinations(range(len(x)), 3)))
    rotation, centre = poses_of_triples(x[triples], f[triples])
    most = 0
    for widening in (1.0, 1.5, 3.0):
        r, c = rotation, centre
        weight = None
        for _ in range(STEPS):
            ratio = residuals(r, c, x, f) / threshold
            most = max(most, int(np.max(np.sum(ratio <= 1, axis=1))))
            member = ratio <= widening
            if weight is None:
                weight = member.astype(float)
            else:
                weight = np.where(member, np.maximum(weight, 1e-3) * (0.1 + ratio), 0.0)
                weight /= np.max(weight, axis=1, keepdims=True) + 1e-300
            r, c = _moved(r, c, x, f, weight)
            kept = np.isfinite(r).all(axis=(1, 2)) & np.isfinite(c).all(axis=1)
            r, c, weight = r[kept], c[kept], weight[kept]
    return most

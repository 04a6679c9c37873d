# SPDX-License-Identifier: BSD-3-Clause
"""Statistics of stored draws (C, D), for figures: those in the file are the driver's own.

After Vehtari, Gelman, Simpson, Carpenter & Buerkner (2021), Bayesian Analysis 16, 667.
"""

from __future__ import annotations

import numpy as np

from driftwood_post.arrays import Array


def finite_chains(draws: Array) -> Array:
    """The chains (C, D) all of whose draws are finite."""
    return draws[np.isfinite(draws).all(axis=1)]


def ranks(draws: Array) -> Array:
    """The place (C, D) of each draw among all, from 0 to less than 1; equal draws share theirs."""
    values, inverse, counts = np.unique(draws, return_inverse=True, return_counts=True)
    first = np.cumsum(counts) - counts
    return ((first + (counts - 1) / 2)[inverse] / draws.size).reshape(draws.shape)


def rank_counts(draws: Array, bins: int) -> Array:
    """How many draws of each chain have their rank among all chains in each of the bins (C, bins)."""
    bin_of = np.minimum((ranks(draws) * bins).astype(int), bins - 1)
    return np.stack([np.bincount(row, minlength=bins) for row in bin_of])


def autocovariance(draws: Array) -> Array:
    """Of each chain, (C, D), with 1/D before the sum."""
    count = draws.shape[1]
    padded = 2 ** int(np.ceil(np.log2(2 * count)))
    spectrum = np.fft.rfft(draws - draws.mean(axis=1, keepdims=True), padded, axis=1)
    return np.fft.irfft(np.abs(spectrum) ** 2, padded, axis=1)[:, :count] / count


def autocorrelation(draws: Array) -> Array:
    """Of all chains together (D): what separates chains counts as correlation. NaN where draws do
    not vary."""
    count = draws.shape[1]
    covariance = autocovariance(draws).mean(axis=0)
    within = covariance[0] * count / (count - 1)
    total = covariance[0]
    if len(draws) > 1:
        total = total + draws.mean(axis=1).var(ddof=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = 1 - (within - covariance) / total
    found[0] = 1 if total > 0 else np.nan
    return found


def autocorrelation_time(draws: Array) -> float:
    """1 + 2 (sum of autocorrelations) up to Geyer's (1992) first negative pair, made monotone [stored
    draws]."""
    rho = autocorrelation(draws)
    pairs = rho[: rho.size // 2 * 2].reshape(-1, 2).sum(axis=1)
    if np.isnan(pairs).any():
        return float("nan")
    end = int(np.argmax(pairs < 0)) if (pairs < 0).any() else pairs.size
    time = -1 + 2 * np.minimum.accumulate(pairs[:end]).sum() if end > 0 else 0.0
    return float(max(time, 1 / np.log10(draws.size)))


def standard_error(draws: Array) -> float:
    """Of the mean of all draws; NaN where it cannot be told."""
    return float(np.sqrt(draws.var() * autocorrelation_time(draws) / draws.size))

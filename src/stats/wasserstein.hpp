// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <span>

#include "stats/point_set.hpp"

/// Distances W2 between samples: W2^2 is the least mean squared distance over all couplings (Peyre
/// & Cuturi 2019, Computational Optimal Transport). Also two independent samples of one law are
/// apart: what is not clearly above that floor is indistinguishable, not equal.
namespace driftwood::stats {

/// Exact W2 of samples in one dimension, of any sizes, by sorting: O((m + n) log(m + n)). Throws
/// `Error` when one is empty or not finite.
[[nodiscard]] double wasserstein_1d(std::span<const double> x, std::span<const double> y);

/// Most points that `wasserstein_exact` takes; their costs then fill 128 MiB.
inline constexpr std::int64_t most_assigned_points = 4096;

/// Exact W2 of as many points on both sides, by `solve_assignment`: O(n^3) at worst, 8 n^2 bytes.
/// Throws `Error` for different numbers or dimensions of points, for more than
/// `most_assigned_points` in more than one dimension, and for values that are not finite.
[[nodiscard]] double wasserstein_exact(const PointSet& x, const PointSet& y);

/// Sliced W2: the root of the mean, over `directions`, of the squared W2 of the points' projections
/// (Bonneel, Rabin, Peyre & Pfister 2015). Not larger than W2 / sqrt(dim) for directions that fill
/// the sphere evenly. O((m + n) log(m + n)) per direction; directions need not have length 1.
/// Throws `Error` for different dimensions, a direction of length 0, and values that are not
/// finite.
[[nodiscard]] double wasserstein_sliced(const PointSet& x, const PointSet& y,
                                        const PointSet& directions);

/// A normal law: mean (dim) and covariance (dim, dim).
struct NormalLaw {
  std::span<const double> mean;
  std::span<const double> covariance;
};

/// W2 between normal laws, |m1 - m2|^2 + tr(S1 + S2 - 2 (S1^1/2 S2 S1^1/2)^1/2) = W2^2 (Bures 1969;
/// Gelbrich 1990).
///
/// The trace is computed as min |S1^1/2 - S2^1/2 U|^2 over orthogonal U, so that also a small
/// distance has an error of rounding size, not of its root. Throws `Error` when shapes do not agree
/// or a value is not finite, `NumericsError` when a covariance is not symmetric or not positive
/// semi-definite, to 1e-10 of its largest eigenvalue.
[[nodiscard]] double wasserstein_normal(const NormalLaw& x, const NormalLaw& y);

}  // namespace driftwood::stats

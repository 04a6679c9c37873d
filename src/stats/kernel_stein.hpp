// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "stats/point_set.hpp"

namespace driftwood::stats {

/// The inverse multiquadric kernel k(x, y) = (c^2 + |x - y|^2)^beta, c > 0 and -1 < beta < 0.
struct ImqKernel {
  double c = 1;
  double beta = -0.5;
};

/// Points, and at each the score of the target: the gradient of its log density. Both of shape
/// (count, dim).
struct ScoredPoints {
  PointSet points;
  PointSet scores;
};

/// Over pairs of points, of the Stein kernel and of its square.
struct SteinSums {
  double sum = 0;
  double squares = 0;
};

/// The sums of the Stein kernel over all pairs of a point of `x` and a point of `y`,
///
///     s(x) s(y) q^beta + 2 beta q^(beta - 1) (s(y) - s(x)) r
///         - 2 beta d q^(beta - 1) - 4 beta (beta - 1) |r|^2 q^(beta - 2)
///
/// with r = x - y, q = c^2 + |r|^2, scores s, dimension d (Gorham & Mackey 2017, ICML, after
/// Chwialkowski, Strathmann & Gretton 2016). O(m n d) time, no memory.
///
/// Points on several ranks are blocks: the sum over all pairs is that of the sums over pairs of
/// blocks, with the same bits on any ranks if blocks and the order of their sum are fixed. Throws
/// `Error` when shapes do not agree, a value is not finite, or the kernel is not of this family.
[[nodiscard]] SteinSums stein_block_sums(const ScoredPoints& x, const ScoredPoints& y,
                                         const ImqKernel& kernel = {});
/// The first of these alone.
[[nodiscard]] double stein_block_sum(const ScoredPoints& x, const ScoredPoints& y,
                                     const ImqKernel& kernel = {});

/// The sum of the Stein kernel over pairs of a point with itself. Throws as `stein_block_sum`.
[[nodiscard]] double stein_diagonal_sum(const ScoredPoints& x, const ImqKernel& kernel = {});

/// Squared kernel Stein discrepancies of n points from a target.
struct SteinDiscrepancy {
  double v;  ///< V-statistic, the mean over all n^2 pairs: never negative, but biased upwards
  double u;  ///< U-statistic, without the pairs of equal points: unbiased, may be negative; NaN for
             ///< n < 2
};

/// From the sums over all pairs and over the diagonal.
[[nodiscard]] SteinDiscrepancy stein_discrepancy(double all, double diagonal, std::int64_t n);

/// Of points that one caller holds, O(n^2 d). Throws as `stein_block_sum`. A small discrepancy does
/// not say that separate modes have their weights: it hardly sees them.
[[nodiscard]] SteinDiscrepancy stein_discrepancy(const ScoredPoints& x,
                                                 const ImqKernel& kernel = {});

}  // namespace driftwood::stats

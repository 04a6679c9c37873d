// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "stats/point_set.hpp"

namespace driftwood::stats {

struct SinkhornOptions {
  double relative_epsilon = 0.05;  ///< epsilon over the median squared distance of the two sets
  double tolerance = 1e-6;         ///< of marginals, in L1
  int max_iterations = 10'000;
};

struct SinkhornDivergence {
  double value;    ///< [squared distance], at least 0 but for `tolerance`
  double epsilon;  ///< [squared distance]
  int iterations;  ///< of the slowest of the three problems
};

/// The debiased entropic transport cost S = OT(x, y) - OT(x, x) / 2 - OT(y, y) / 2 for the squared
/// distance: 0 for equal sets, W2^2 for small epsilon (Feydy, Sejourne, Vialard, Amari, Trouve &
/// Peyre 2019, AISTATS).
///
/// Sinkhorn's iteration on logarithms of the scalings, so that no epsilon underflows, with
/// Anderson's acceleration, without which points that are matched alone take thousands of
/// iterations; OT is the value of the dual problem. O(m n) per iteration, 8 bytes for each of m n,
/// m^2 and n^2 in turn. If the median is 0, epsilon is relative to the mean. Throws `Error` when
/// the points' dimensions differ, a value is not finite, or an option is not positive,
/// `NumericsError` when the marginals are off after `max_iterations`.
[[nodiscard]] SinkhornDivergence sinkhorn_divergence(const PointSet& x, const PointSet& y,
                                                     const SinkhornOptions& options = {});

}  // namespace driftwood::stats

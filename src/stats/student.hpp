// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>

#include "stats/beta_quantile.hpp"

namespace driftwood::stats {

/// The t that a variate of Student's law with so many degrees of freedom, 3 or more, is below with
/// probability p in (0, 1): (1 + t / sqrt(n + t^2)) / 2 has the law Beta(n/2, n/2).
[[nodiscard]] inline double student_quantile(double p, double freedom) {
  const double x = beta_quantile(p, freedom / 2, freedom / 2);
  return std::sqrt(freedom) * (x - 0.5) / std::sqrt(x * (1 - x));
}

}  // namespace driftwood::stats

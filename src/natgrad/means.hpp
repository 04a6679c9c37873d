// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>

namespace driftwood::natgrad {

[[nodiscard]] inline double mean_of(std::span<const double> x) {
  double sum = 0;
  for (const double v : x) sum += v;
  return sum / static_cast<double>(x.size());
}

/// Of what numbers are off their mean, the sum of squares.
[[nodiscard]] inline double squares_of(std::span<const double> x) {
  const double mean = mean_of(x);
  double sum = 0;
  for (const double v : x) sum += (v - mean) * (v - mean);
  return sum;
}

}  // namespace driftwood::natgrad

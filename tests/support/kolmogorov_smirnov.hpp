// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace driftwood::test {

/// The probability that as many standard normals lie as far from their law as these values do:
/// Kolmogorov and Smirnov, by the limit for many values.
inline double ks_p_value(std::vector<double> x) {
  std::sort(x.begin(), x.end());
  const auto n = static_cast<double>(x.size());
  double d = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double f = std::erfc(-x[i] * std::numbers::sqrt2 / 2) / 2;
    d = std::max({d, f - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - f});
  }
  const double z = std::sqrt(n) * d;
  double p = 0;
  for (int k = 1; k < 100; ++k) p += 2 * (k % 2 == 1 ? 1 : -1) * std::exp(-2.0 * k * k * z * z);
  return p;
}

}  // namespace driftwood::test

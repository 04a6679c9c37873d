// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace driftwood::test {

/// The probability that as many values of the law `cdf` lie as far from it as these do: Kolmogorov
/// and Smirnov, by the limit for many values.
template <class Cdf>
double ks_p_value(std::vector<double> x, const Cdf& cdf) {
  std::sort(x.begin(), x.end());
  const auto n = static_cast<double>(x.size());
  double d = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double f = cdf(x[i]);
    d = std::max({d, f - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - f});
  }
  const double z = std::sqrt(n) * d;
  double p = 0;
  for (int k = 1; k < 100; ++k) p += 2 * (k % 2 == 1 ? 1 : -1) * std::exp(-2.0 * k * k * z * z);
  return p;
}

/// The same of standard normals.
inline double ks_p_value(const std::vector<double>& x) {
  return ks_p_value(x, [](double v) { return std::erfc(-v * std::numbers::sqrt2 / 2) / 2; });
}

}  // namespace driftwood::test

// SPDX-License-Identifier: BSD-3-Clause
#include "stats/slope.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include "base/error.hpp"

namespace driftwood::stats {

Slope fit_slope(std::span<const double> x, std::span<const double> y,
                std::span<const double> covariance) {
  const std::size_t n = x.size();
  if (y.size() != n || covariance.size() != n * n) {
    throw Error("points and covariance of a slope differ in length");
  }
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  if (n < 2) return {nan, nan};
  double total = 0;
  double mean = 0;
  std::vector<double> weight(n);
  for (std::size_t i = 0; i < n; ++i) {
    weight[i] = 1 / covariance[i * n + i];
    total += weight[i];
    mean += weight[i] * x[i];
  }
  mean /= total;
  double spread = 0;
  for (std::size_t i = 0; i < n; ++i) spread += weight[i] * (x[i] - mean) * (x[i] - mean);
  double slope = 0;
  double variance = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double of_i = weight[i] * (x[i] - mean) / spread;
    slope += of_i * y[i];
    for (std::size_t j = 0; j < n; ++j) {
      variance += of_i * weight[j] * (x[j] - mean) / spread * covariance[i * n + j];
    }
  }
  return {slope, std::sqrt(variance)};
}

}  // namespace driftwood::stats

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <limits>

namespace driftwood::natgrad {

/// The parts of E (x^T theta* - x^T theta)^2, the excess risk of an estimate theta.
struct BiasVariance {
  double bias = 0;      ///< of labels without noise
  double variance = 0;  ///< per unit of noise

  /// With labels of variance `noise` around x^T theta*. What a misspecified model leaves out, a
  /// function f(x) with E f = 0 and E x f = 0, of features that the design does not see or
  /// asymptotically uncorrelated with it, acts as noise: add its variance to `noise`, and to the
  /// risk where that is measured against x^T theta* + f(x).
  [[nodiscard]] double risk(double noise) const { return bias + noise * variance; }
};

/// The noise above which `b` has the lower risk of the two: 0 where it always has, infinity where
/// it does not whatever the noise.
[[nodiscard]] inline double crossing_noise(const BiasVariance& a, const BiasVariance& b) {
  const double gain = a.variance - b.variance;
  const double price = b.bias - a.bias;
  if (gain > 0) return std::max(price / gain, 0.0);
  return gain == 0 && price < 0 ? 0 : std::numeric_limits<double>::infinity();
}

}  // namespace driftwood::natgrad

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <span>

#include "base/error.hpp"
#include "natgrad/theory/bias_variance.hpp"

namespace driftwood::natgrad {

/// Natural gradient, to the end, with a Fisher matrix from u unlabelled rows: P = (Z^T Z)^-1, or
/// (Z^T Z + X^T X)^-1, which gives the same theta. Means over normal designs of n rows and d
/// features of any covariance; `null_risk` is tr(Sigma_X Sigma_theta) / d. Infinite u is the exact
/// Fisher matrix.
///
/// Where X = [L 0] after a rotation, theta is [I; -W22^-1 W21] L^-1 y with W = Z^T Z Wishart,
/// whence
///   variance = n / (d - n - 1) (u - 1) / (w - 1),  bias = null_risk (1 - n/d) (1 + n / (w - 1)),
/// w = u - (d - n). Throws `UsageError` unless n + 1 < d and u > d - n + 1, where both are finite.
[[nodiscard]] inline BiasVariance estimated_fisher(std::int64_t n, std::int64_t d, double u,
                                                   double null_risk = 1) {
  const auto rows = static_cast<double>(n);
  const auto columns = static_cast<double>(d);
  if (n < 1 || n + 1 >= d) {
    throw UsageError("the risk of an estimated Fisher matrix is infinite",
                     "it takes two features more than rows");
  }
  if (!(u > columns - rows + 1)) {
    throw UsageError("too few unlabelled rows to estimate a Fisher matrix",
                     "they must be more than the features less the rows, plus 1");
  }
  const double lost = columns - rows;
  // (u - 1) / (w - 1), as 1 + what is above 1
  const double growth = 1 + lost / (u - lost - 1);
  return {null_risk * (1 - rows / columns) * (1 + rows / (u - lost - 1)),
          rows / (lost - 1) * growth};
}

/// Its limit for n, d = gamma n and u = psi d -> infinity, also with gamma < 1, where P is
/// irrelevant. Throws `UsageError` for gamma = 1 and unless psi > 1 - 1 / gamma.
[[nodiscard]] inline BiasVariance estimated_fisher_limit(double gamma, double psi,
                                                         double null_risk = 1) {
  if (gamma < 1) return {0, gamma / (1 - gamma)};
  if (gamma == 1) throw UsageError("gamma is 1", "the risk is infinite", "choose another gamma");
  const double excess = psi - (1 - 1 / gamma);
  if (!(excess > 0)) {
    throw UsageError("too few unlabelled rows to estimate a Fisher matrix",
                     "they must be more than the features less the rows");
  }
  return {null_risk * (1 - 1 / gamma) * (1 + 1 / (gamma * excess)),
          (1 + (1 - 1 / gamma) / excess) / (gamma - 1)};
}

/// Eigenvalues of a white sample covariance of u rows, in the limit of u, d = ratio u -> infinity:
/// the quantiles (i - 1/2) / d of the law of Marchenko and Pastur, for 0 < ratio <= 1. With P =
/// (Z^T Z / u)^-1 their reciprocals are those of P Sigma_X, and their eigenvectors know nothing of
/// the signal.
inline void fill_white_sample(double ratio, std::span<double> x) {
  if (!(ratio > 0) || ratio > 1) {
    throw UsageError("too few unlabelled rows to invert their covariance",
                     "they must be at least as many as the features");
  }
  // x = 1 + ratio + 2 sqrt(ratio) cos(angle) has the density 2/pi sin^2(angle) / x in its angle.
  const double root = std::sqrt(ratio);
  const double tail = (1 - root) / (1 + root);
  const auto value_at = [&](double angle) {
    const double cosine = std::cos(angle / 2);
    return (1 - root) * (1 - root) + 4 * root * cosine * cosine;
  };
  const auto probability_below = [&](double angle) {
    const double half = std::atan(tail * std::tan(angle / 2));
    return ((1 + ratio) * angle - 2 * root * std::sin(angle) - 2 * (1 - ratio) * half) /
           (2 * std::numbers::pi * ratio);
  };
  double angle = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double wanted = (static_cast<double>(i) + 0.5) / static_cast<double>(x.size());
    double low = angle;
    double high = std::numbers::pi;
    // Newton's method from the quantile before, within a bracket; from 0, where the density
    // vanishes, by halves.
    for (int step = 0; step < 100; ++step) {
      const double miss = probability_below(angle) - wanted;
      (miss < 0 ? low : high) = angle;
      const double sine = std::sin(angle);
      const double newton = angle - miss * std::numbers::pi * value_at(angle) / (2 * sine * sine);
      const double next = newton > low && newton < high ? newton : low + (high - low) / 2;
      const double change = std::abs(next - angle);
      angle = next;
      if (change <= 1e-13 * angle) break;
    }
    x[i] = value_at(angle);
  }
}

}  // namespace driftwood::natgrad

// SPDX-License-Identifier: BSD-3-Clause
#include "stats/beta_quantile.hpp"

#include <cmath>

namespace driftwood::stats {
namespace {

/// The continued fraction of DLMF 8.17.22 by the method of Lentz; converges fast for x below
/// (a + 1) / (a + b + 2).
double continued_fraction(double x, double a, double b) {
  constexpr double tiny = 1e-300;
  const auto not_zero = [](double v) { return std::abs(v) < tiny ? tiny : v; };
  double c = 1;
  double d = 1 / not_zero(1 - (a + b) * x / (a + 1));
  double value = d;
  const auto step = [&](double numerator) {
    d = 1 / not_zero(1 + numerator * d);
    c = not_zero(1 + numerator / c);
    value *= d * c;
    return std::abs(d * c - 1) > 1e-15;
  };
  for (int i = 1; i < 100'000; ++i) {  // O(sqrt(max(a, b))) are needed
    const double m = i;
    step(m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)));
    if (!step(-(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)))) break;
  }
  return value;
}

}  // namespace

double beta_cdf(double x, double a, double b) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - beta_cdf(1 - x, b, a);
  const double log_factor = std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) +
                            b * std::log1p(-x) - std::log(a);
  return std::exp(log_factor) * continued_fraction(x, a, b);
}

double beta_quantile(double p, double a, double b) {
  double low = 0;
  double high = 1;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (beta_cdf(middle, a, b) < p ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace driftwood::stats

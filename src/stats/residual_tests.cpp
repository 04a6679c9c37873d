// SPDX-License-Identifier: BSD-3-Clause
#include "stats/residual_tests.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "stats/autocovariance.hpp"

namespace driftwood::stats {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double rounding = 1e-16;
constexpr int most_terms = 100'000;

/// exp(-x) x^a / gamma(a)
double weight(double a, double x) { return std::exp(a * std::log(x) - x - std::lgamma(a)); }

/// P(a, x), for x below a + 1.
double lower_series(double a, double x) {
  double term = 1 / a;
  double sum = term;
  for (int k = 1; k < most_terms && term > rounding * sum; ++k) {
    term *= x / (a + k);
    sum += term;
  }
  return weight(a, x) * sum;
}

/// Q(a, x), for x from a + 1 on; Lentz's method as in Thompson and Barnett (1986).
double upper_fraction(double a, double x) {
  double b = x + 1 - a;
  double c = 1e300;
  double d = 1 / b;
  double out = d;
  for (int k = 1; k < most_terms; ++k) {
    const double along = k * (a - k);
    b += 2;
    d = 1 / (along * d + b);
    c = b + along / c;
    out *= c * d;
    if (std::abs(c * d - 1) < rounding * 10) break;
  }
  return weight(a, x) * out;
}

}  // namespace

double chi_squared_tail(double x, double freedom) {
  if (!(freedom > 0) || std::isnan(x)) return nan;
  if (x <= 0) return 1;
  if (std::isinf(x)) return 0;
  const double a = freedom / 2;
  const double half = x / 2;
  return half < a + 1 ? 1 - lower_series(a, half) : upper_fraction(a, half);
}

TestResult ljung_box(std::span<const double> series, std::int64_t lags) {
  const auto n = static_cast<std::int64_t>(series.size());
  if (n <= lags) return {nan, nan};
  const double mean = chain_mean(series);
  const auto product = [&](std::int64_t lag) {
    double sum = 0;
    for (std::int64_t i = lag; i < n; ++i) {
      sum += (series[static_cast<std::size_t>(i)] - mean) *
             (series[static_cast<std::size_t>(i - lag)] - mean);
    }
    return sum;
  };
  const double whole = product(0);
  double sum = 0;
  for (std::int64_t k = 1; k <= lags; ++k) {
    const double rho = product(k) / whole;
    sum += rho * rho / static_cast<double>(n - k);
  }
  const double statistic = static_cast<double>(n) * static_cast<double>(n + 2) * sum;
  return {statistic, chi_squared_tail(statistic, static_cast<double>(lags))};
}

TestResult jarque_bera(std::span<const double> values) {
  const double mean = chain_mean(values);
  double m2 = 0;
  double m3 = 0;
  double m4 = 0;
  for (const double v : values) {
    const double d = v - mean;
    m2 += d * d;
    m3 += d * d * d;
    m4 += d * d * d * d;
  }
  const auto n = static_cast<double>(values.size());
  const double skewness = (m3 / n) / std::pow(m2 / n, 1.5);
  const double excess = n * m4 / (m2 * m2) - 3;
  const double statistic = n * (skewness * skewness / 6 + excess * excess / 24);
  return {statistic, chi_squared_tail(statistic, 2)};
}

TestResult kolmogorov_smirnov(std::vector<double> values) {
  if (values.empty()) return {nan, nan};
  std::sort(values.begin(), values.end());
  const auto n = static_cast<double>(values.size());
  double distance = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto below = static_cast<double>(i);
    distance = std::max({distance, values[i] - below / n, (below + 1) / n - values[i]});
  }
  const double z = distance * (std::sqrt(n) + 0.12 + 0.11 / std::sqrt(n));
  double p = 1;
  if (z > 0.2) {  // below it p is 1 to 12 digits, and the series slow
    p = 0;
    for (int k = 1; k < 100; ++k) p += 2 * (k % 2 == 1 ? 1 : -1) * std::exp(-2.0 * k * k * z * z);
  }
  return {distance, std::clamp(p, 0.0, 1.0)};
}

}  // namespace driftwood::stats

// SPDX-License-Identifier: BSD-3-Clause
/// Whether a series looks like independent draws of one law.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace driftwood::stats {

/// The probability that a chi-squared variate with so many degrees of freedom exceeds x >= 0: the
/// regularised incomplete gamma function Q(freedom / 2, x / 2), by its series (DLMF 8.11.4) or
/// continued fraction (DLMF 8.9.2), to about 1e-13. NaN for freedom <= 0.
[[nodiscard]] double chi_squared_tail(double x, double freedom);

/// A statistic, and the probability of one as extreme where the hypothesis holds.
struct TestResult {
  double statistic;
  double p_value;
};

/// No autocorrelation up to a lag: n (n + 2) sum_k rho_k^2 / (n - k), chi-squared with as many
/// degrees of freedom as lags. Ljung and Box (1978). NaN for no more values than lags.
[[nodiscard]] TestResult ljung_box(std::span<const double> series, std::int64_t lags);

/// A normal law: n (skewness^2 / 6 + (kurtosis - 3)^2 / 24), chi-squared with 2 degrees of freedom.
/// Jarque and Bera (1980).
[[nodiscard]] TestResult jarque_bera(std::span<const double> values);

/// The uniform law on [0, 1]: the largest distance of the empirical distribution, whose law is
/// Kolmogorov's with the correction for few values of Stephens (1970).
[[nodiscard]] TestResult kolmogorov_smirnov(std::vector<double> values);

}  // namespace driftwood::stats

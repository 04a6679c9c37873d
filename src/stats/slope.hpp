// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>

namespace driftwood::stats {

struct Slope {
  double value;
  double standard_error;
};

/// Slope of y against x by least squares with the weights 1 / covariance_ii, and its standard error
/// when the y have that covariance (n x n, row by row). Both NaN for fewer than two points. Throws
/// `Error` when the lengths do not agree.
[[nodiscard]] Slope fit_slope(std::span<const double> x, std::span<const double> y,
                              std::span<const double> covariance);

}  // namespace driftwood::stats

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace driftwood::stats {

/// The probability that a variate of the law Beta(a, b), a and b > 1, is below x in [0, 1]: the
/// regularised incomplete beta function, by its continued fraction (DLMF 8.17.22), to about 1e-12.
[[nodiscard]] double beta_cdf(double x, double a, double b);

/// The x at which `beta_cdf` is p in (0, 1), to about 1e-12, by bisection.
[[nodiscard]] double beta_quantile(double p, double a, double b);

}  // namespace driftwood::stats

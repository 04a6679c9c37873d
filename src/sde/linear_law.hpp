// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

namespace driftwood::sde {

/// By rows.
using Matrix = std::vector<std::vector<double>>;

/// The law of dX = -A X dt + B dW after a time h, X(h) ~ N(decay x, covariance).
struct LinearLaw {
  Matrix decay;       ///< exp(-A h)
  Matrix covariance;  ///< int_0^h exp(-A u) B B^T exp(-A u)^T du
};

/// Both by their series over a time so short that these converge at once, then by doubling it: the
/// sum of covariances is one of positive terms, unlike Van Loan's (1978) block exponential for fast
/// rates. `noise` has as many rows as `rate`.
[[nodiscard]] LinearLaw linear_law(const Matrix& rate, const Matrix& noise, double h);

/// The lower triangular L with L L^T = m, for m positive semi-definite: directions without variance
/// get columns of zeros.
[[nodiscard]] Matrix cholesky_of_semidefinite(const Matrix& m);

}  // namespace driftwood::sde

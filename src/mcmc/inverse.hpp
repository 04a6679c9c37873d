// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

namespace driftwood::mcmc {

/// The inverse of a symmetric positive definite matrix, by rows; empty where it is not.
[[nodiscard]] std::vector<double> inverse_of_positive(
    const std::vector<std::vector<double>>& matrix);

/// The lower triangular L of L L^T = matrix, by rows; empty where it is not positive definite.
[[nodiscard]] std::vector<double> factor_of_positive(
    const std::vector<std::vector<double>>& matrix);

}  // namespace driftwood::mcmc

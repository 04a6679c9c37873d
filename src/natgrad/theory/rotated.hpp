// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace driftwood::natgrad {

/// What `Companion` and `Flow` need of matrices that do not share their eigenvectors.
struct Rotated {
  std::vector<double> tau;  ///< (d) eigenvalues of G = Sigma_X^1/2 P Sigma_X^1/2, ascending
  std::vector<double>
      signal;  ///< (d) u_i^T Sigma_X^1/2 Sigma_theta Sigma_X^1/2 u_i, of its eigenvectors
};

/// Of symmetric d x d matrices, row by row. Features may lack directions, and P and Sigma_theta be
/// singular. O(d^3) time: two eigen-decompositions. Throws `UsageError` where one has another size,
/// entries that are not finite or not symmetric, or a negative eigenvalue where features have any
/// extent.
[[nodiscard]] Rotated rotate(std::size_t d, std::span<const double> features,
                             std::span<const double> preconditioner, std::span<const double> prior);

}  // namespace driftwood::natgrad

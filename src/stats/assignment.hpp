// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace driftwood::stats {

/// Which column each row gets, each column once.
struct Assignment {
  std::vector<std::int64_t> column_of_row;
  double cost;         ///< the sum of the chosen entries
  double lower_bound;  ///< of any assignment, by duality: the cost, but for rounding
};

/// The assignment of the smallest sum for a matrix of costs of shape (n, n), row by row.
///
/// Shortest augmenting paths after Jonker & Volgenant (1987), Computing 38, 325: column reduction,
/// rounds of augmenting row reduction, then one shortest path per row that is left. O(n^3) at
/// worst, O(n) memory besides the costs. Throws `Error` when there are not n x n costs or one is
/// not finite.
[[nodiscard]] Assignment solve_assignment(std::span<const double> cost, std::int64_t n);

}  // namespace driftwood::stats

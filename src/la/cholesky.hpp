// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <span>

#include "la/design_operator.hpp"
#include "la/handles.hpp"

namespace driftwood::la {

/// S = X P X^T / n + ridge, formed (n^2 doubles over all ranks) and factored: on one rank by
/// LAPACK, on several by ScaLAPACK, where PETSc has it.
class Cholesky {
 public:
  /// Throws `NumericsError` with PETSc's reason where a pivot is not positive, `Error` where
  /// several ranks lack ScaLAPACK. Collective.
  Cholesky(DesignOperator& design, std::span<const double> p, double ridge);

  /// x = S^-1 b, both (own, columns). Collective.
  void solve(std::span<const double> b, std::span<double> x, std::size_t columns);

  /// Squares of the least and the largest entry on the diagonal of the factor.
  [[nodiscard]] double least_pivot() const { return least_; }
  [[nodiscard]] double largest_pivot() const { return largest_; }
  /// Where the least is.
  [[nodiscard]] std::size_t least_at() const { return least_at_; }

 private:
  void form(std::span<const double> p, double ridge);
  void factor();
  void look_at_pivots();

  DesignOperator& design_;
  MatHandle s_{};  ///< S, then its factor
  double least_ = 0;
  double largest_ = 0;
  std::size_t least_at_ = 0;
};

}  // namespace driftwood::la

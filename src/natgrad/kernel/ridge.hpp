// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <vector>

#include "natgrad/ensemble/blas.hpp"

namespace driftwood::natgrad {

/// Kernel ridge regression by dense matrices: (K + n lambda I) a = y for labels y (n, k), of which
/// f(x) = sum_i a_i k(x, x_i) is the fit. What scikit-learn calls alpha is the shift n lambda.
struct RidgeFit {
  Dense coefficients;  ///< (n, k) a
  /// (n, k) y_i less what the other rows alone predict at x_i, exactly: a_i / [(K + n
  /// lambda)^-1]_ii. Without rows where a solver does not know it.
  Dense left_out;
  double inverse_trace = 0;  ///< tr (K + n lambda I)^-1

  /// What generalised cross-validation takes for the mean square of `left_out`, of each column: as
  /// if all diagonal entries of the inverse were their mean (Golub, Heath and Wahba 1979).
  [[nodiscard]] std::vector<double> cross_validated() const;
};

/// Every shift of one kernel matrix, by its eigenvalues: n^3 once, then n^2 (k + 1) a shift.
class RidgePath {
 public:
  /// Of the lower triangle of K.
  explicit RidgePath(Dense gram);

  /// Throws `NumericsError` where K + shift I is singular: nothing is regularised that nobody asked
  /// for. Negative eigenvalues of K are rounding, and taken as 0.
  [[nodiscard]] RidgeFit operator()(const Dense& y, double shift) const;

 private:
  std::vector<double> values_;
  Dense vectors_;  ///< by columns
};

/// One shift, by a Cholesky factor: n^3 / 3, and as much twice again for what is left out. Throws
/// `NumericsError` with the pivot where K + shift I is singular.
[[nodiscard]] RidgeFit solve_ridge(Dense gram, const Dense& y, double shift);

}  // namespace driftwood::natgrad

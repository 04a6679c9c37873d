// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "natgrad/ensemble/blas.hpp"

namespace driftwood::natgrad {

/// A preconditioner P = F^-1 as it meets a design: its eigenvalues in the basis of the features, or
/// the factor L of a Fisher matrix F = L L^T of rows that are not diagonal in it.
class Preconditioned {
 public:
  /// P is diagonal. Throws `UsageError` where an eigenvalue is negative or not finite.
  void set_diagonal(std::span<const double> p);
  /// P = (L L^T)^-1.
  void set_factor(Dense lower);
  /// P commutes with the Gram matrix of the only rows x that it is to meet, as the Fisher matrix of
  /// these does: x P = H^2 x with a symmetric H (n, n).
  void set_of_rows(Dense symmetric);

  /// (d) eigenvalues of P, empty where it is not diagonal
  [[nodiscard]] std::span<const double> diagonal() const { return p_; }
  [[nodiscard]] bool is_diagonal() const { return !p_.empty(); }
  /// Whether it lacks directions.
  [[nodiscard]] bool is_singular() const;

  // P = R R^T. What R is, is its own business: a diagonal, or L^-T, or what makes x R = H x.

  /// to = x R, of rows x (n, d)
  void times_root(const Dense& x, Dense& to) const;
  /// x = x R^T, which of x R makes x P
  void times_root_transposed(Dense& x) const;
  /// x = x R^-1, but for P of rows. A direction that P lacks becomes 0.
  void times_inverse_root(Dense& x) const;

 private:
  std::vector<double> p_{};
  std::vector<double> root_{};
  Dense lower_{};
  Dense of_rows_{};  ///< H; empty but for P of rows
};

/// Multiplies column j by scales[j].
void scale_columns(Dense& x, std::span<const double> scales);

/// (d) square roots
void fill_roots(std::span<const double> of, std::vector<double>& roots);

}  // namespace driftwood::natgrad

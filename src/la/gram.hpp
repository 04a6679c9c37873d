// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <span>
#include <string_view>
#include <vector>

#include "la/design_operator.hpp"
#include "la/handles.hpp"

namespace driftwood::la {

/// S = X P X^T / n + ridge, never formed, on k vectors at once: a matrix shell on (own, k) numbers
/// of each rank, S on each of k columns. So one solver works on all of them together, and X is
/// read (or drawn) once for all.
///
/// Stays where it is, as PETSc keeps its address. The design must outlive it.
class Gram {
 public:
  /// P = diag(p). Collective, as are products.
  Gram(DesignOperator& design, std::span<const double> p, double ridge, std::size_t columns);
  Gram(const Gram&) = delete;
  Gram& operator=(const Gram&) = delete;

  [[nodiscard]] Mat get() const { return shell_.get(); }
  [[nodiscard]] DesignOperator& design() const { return design_; }
  [[nodiscard]] std::size_t columns() const { return columns_; }
  /// Numbers on this rank.
  [[nodiscard]] std::size_t size() const { return design_.own() * columns_; }
  /// Products until now, of all columns each.
  [[nodiscard]] std::int64_t products() const { return products_; }

  /// to = S from, both (own, k)
  void multiply(std::span<const double> from, std::span<double> to);

  /// As `la::check`; what a product threw inside of PETSc is thrown again.
  void check(PetscErrorCode code, std::string_view doing);

  /// A vector of PETSc on numbers of this rank, which stay the caller's.
  [[nodiscard]] VecHandle borrow(std::span<const double> values) const;

 private:
  static PetscErrorCode mat_mult(Mat shell, Vec from, Vec to) noexcept;

  DesignOperator& design_;
  std::vector<double> scales_;  ///< p / n
  double ridge_;
  std::size_t columns_;
  std::vector<double> features_{};  ///< (d, k) between the two products
  std::int64_t products_ = 0;
  std::exception_ptr failure_{};
  MatHandle shell_{};
};

}  // namespace driftwood::la

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The calls of BLAS and LAPACK that designs take, on dense matrices by columns.

#include <cstddef>
#include <span>
#include <vector>

namespace driftwood::natgrad {

/// A dense matrix by columns, without gaps.
class Dense {
 public:
  Dense() = default;
  Dense(std::size_t rows, std::size_t columns) { shape(rows, columns); }

  /// Makes it of that size; what it holds is then anything.
  void shape(std::size_t rows, std::size_t columns) {
    rows_ = rows;
    columns_ = columns;
    values_.resize(rows * columns);
  }

  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t columns() const { return columns_; }
  [[nodiscard]] double* data() { return values_.data(); }
  [[nodiscard]] const double* data() const { return values_.data(); }
  [[nodiscard]] std::span<double> column(std::size_t j) {
    return std::span(values_).subspan(j * rows_, rows_);
  }
  [[nodiscard]] std::span<const double> column(std::size_t j) const {
    return std::span(values_).subspan(j * rows_, rows_);
  }
  double& operator()(std::size_t i, std::size_t j) { return values_[i + j * rows_]; }
  double operator()(std::size_t i, std::size_t j) const { return values_[i + j * rows_]; }

 private:
  std::size_t rows_ = 0;
  std::size_t columns_ = 0;
  std::vector<double> values_{};
};

namespace blas {

/// Has BLAS compute in the calling thread alone, where it is one that can be told: ranks share the
/// cores of a node, and sums over threads would depend on how many there are.
void hold_one_thread();

enum class Side : char { left = 'L', right = 'R' };
enum class Form : char { plain = 'N', transposed = 'T' };

/// to = a op(x) op(y) + b to. `to` has its final shape unless b = 0.
void multiply(Form of_x, const Dense& x, Form of_y, const Dense& y, Dense& to, double a = 1,
              double b = 0);

/// The lower triangle of to = a x x^T + b to, or of a x^T x + b to where `form` is transposed. `to`
/// has its final shape unless b = 0.
void square(Form form, const Dense& x, Dense& to, double a = 1, double b = 0);

/// The lower triangle of x becomes L, x = L L^T. Returns 0, or k + 1 where pivot k is not positive;
/// column k then holds it on the diagonal.
[[nodiscard]] std::size_t factor(Dense& x);

/// The lower triangle of x, positive semidefinite, becomes L of P^T x P = L L^T in its first
/// columns, as many as returned: the largest pivot that is left comes next, until none is above
/// `least` times the first. `order` then says which row and column of x is which of the permuted
/// ones.
[[nodiscard]] std::size_t factor_by_pivots(Dense& x, double least, std::vector<std::size_t>& order);

/// to = op(L)^-1 to, or to op(L)^-1, of a lower triangle L.
void solve(Side side, Form form, const Dense& lower, Dense& to);

/// to = op(L) to, or to op(L).
void multiply_by_triangle(Side side, Form form, const Dense& lower, Dense& to);

/// The inverse of a lower triangle, in its place. No entry of the diagonal is 0.
void invert_triangle(Dense& lower);

/// Rows that `decompose` takes: LAPACK counts what it works in, 2 n^2 + 6 n + 1 numbers, by an int.
inline constexpr std::size_t most_decomposed = 32'766;

/// Eigenvalues of the symmetric matrix whose lower triangle x holds, in ascending order; columns of
/// x become its eigenvectors. Throws `NumericsError` where LAPACK does not converge, or x has more
/// rows than that.
void decompose(Dense& x, std::vector<double>& eigenvalues);

/// x^T S x of a symmetric S, by its lower triangle.
[[nodiscard]] double quadratic(const Dense& symmetric, std::span<const double> x);

}  // namespace blas
}  // namespace driftwood::natgrad

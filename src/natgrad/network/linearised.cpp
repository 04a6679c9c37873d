// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/network/linearised.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "natgrad/ensemble/pivots.hpp"

namespace driftwood::natgrad {
namespace {

using blas::Form;
using blas::Side;

/// The first rows and columns.
Dense corner(const Dense& x, std::size_t rows, std::size_t columns) {
  Dense out(rows, columns);
  for (std::size_t j = 0; j < columns; ++j) {
    std::copy_n(x.column(j).begin(), rows, out.column(j).begin());
  }
  return out;
}

void factor_or_throw(Dense& x) {
  Pivots pivots;
  if (blas::factor(x) == 0) {
    for (std::size_t i = 0; i < x.rows(); ++i) pivots.note(static_cast<int>(i), x(i, i) * x(i, i));
    if (!pivots.are_too_small()) return;
  }
  throw NumericsError("products of rows of the Jacobian are singular",
                      "inputs are alike, or the network has too few parameters",
                      "take a wider network, fewer rows or more damping");
}

/// to = (L L^T)^-1 to.
void solve(const Dense& lower, Dense& to) {
  blas::solve(Side::left, Form::plain, lower, to);
  blas::solve(Side::left, Form::transposed, lower, to);
}

}  // namespace

Dense plain_limit(const RowProducts& of, const Dense& labels) {
  const std::size_t n = labels.rows();
  Dense among = corner(of.among, n, n);
  factor_or_throw(among);
  Dense weights = labels;
  solve(among, weights);
  Dense out;
  blas::multiply(Form::plain, corner(of.to_tests, of.to_tests.rows(), n), Form::plain, weights,
                 out);
  return out;
}

Dense natural_limit(const RowProducts& of, std::size_t rows, double damping, const Dense& labels) {
  const std::size_t n = labels.rows();
  Dense damped = corner(of.among, rows, rows);
  for (std::size_t i = 0; i < rows; ++i) damped(i, i) += static_cast<double>(rows) * damping;
  factor_or_throw(damped);
  // Columns of (J_q J_q^T + N damping I)^-1 of the rows that are learnt from. N cancels.
  Dense columns(rows, n);
  std::fill_n(columns.data(), rows * n, 0.0);
  for (std::size_t i = 0; i < n; ++i) columns(i, i) = 1;
  solve(damped, columns);
  Dense among;  // J P J^T
  blas::multiply(Form::plain, corner(of.among, n, rows), Form::plain, columns, among);
  factor_or_throw(among);
  Dense weights = labels;
  solve(among, weights);
  Dense mixed;
  blas::multiply(Form::plain, columns, Form::plain, weights, mixed);
  Dense out;
  blas::multiply(Form::plain, corner(of.to_tests, of.to_tests.rows(), rows), Form::plain, mixed,
                 out);
  return out;
}

}  // namespace driftwood::natgrad

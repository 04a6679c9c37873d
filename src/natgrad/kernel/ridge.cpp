// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/kernel/ridge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/error.hpp"
#include "natgrad/ensemble/singular.hpp"
#include "natgrad/theory/sums.hpp"

namespace driftwood::natgrad {
namespace {

using blas::Form;
using blas::Side;

[[noreturn]] void refuse(const char* kind, std::size_t at, double least, double largest,
                         double shift) {
  throw NumericsError(
      fmt::format("the kernel matrix plus {:.3g} on its diagonal is singular: {} {} is {:.3g}, and "
                  "the largest is {:.3g}",
                  shift, kind, at, least, largest),
      "", "take a larger lambda, a shorter length, or drop rows that are twice there");
}

/// What follows from the diagonal of the inverse.
void leave_out(const std::vector<double>& diagonal, RidgeFit& fit) {
  fit.inverse_trace = std::accumulate(diagonal.begin(), diagonal.end(), 0.0);
  fit.left_out.shape(fit.coefficients.rows(), fit.coefficients.columns());
  for (std::size_t k = 0; k < fit.left_out.columns(); ++k) {
    for (std::size_t i = 0; i < fit.left_out.rows(); ++i) {
      fit.left_out(i, k) = fit.coefficients(i, k) / diagonal[i];
    }
  }
}

}  // namespace

std::vector<double> RidgeFit::cross_validated() const {
  const auto n = static_cast<double>(coefficients.rows());
  std::vector<double> out;
  for (std::size_t k = 0; k < coefficients.columns(); ++k) {
    const auto a = coefficients.column(k);
    out.push_back(n * product(a, a) / (inverse_trace * inverse_trace));
  }
  return out;
}

RidgePath::RidgePath(Dense gram) : vectors_(std::move(gram)) {
  blas::decompose(vectors_, values_);
  for (double& v : values_) v = std::max(v, 0.0);
}

RidgeFit RidgePath::operator()(const Dense& y, double shift) const {
  const std::size_t n = values_.size();
  if (!(values_.front() + shift >= least_pivot * (values_.back() + shift))) {
    refuse("eigenvalue", 0, values_.front() + shift, values_.back() + shift, shift);
  }
  Dense turned;
  blas::multiply(Form::transposed, vectors_, Form::plain, y, turned);
  for (std::size_t k = 0; k < y.columns(); ++k) {
    for (std::size_t i = 0; i < n; ++i) turned(i, k) /= values_[i] + shift;
  }
  RidgeFit out;
  blas::multiply(Form::plain, vectors_, Form::plain, turned, out.coefficients);
  std::vector<double> diagonal(n, 0.0);
  for (std::size_t j = 0; j < n; ++j) {
    const double inverse = 1 / (values_[j] + shift);
    const auto vector = vectors_.column(j);
    for (std::size_t i = 0; i < n; ++i) diagonal[i] += vector[i] * vector[i] * inverse;
  }
  leave_out(diagonal, out);
  return out;
}

RidgeFit solve_ridge(Dense gram, const Dense& y, double shift) {
  const std::size_t n = gram.rows();
  for (std::size_t i = 0; i < n; ++i) gram(i, i) += shift;
  const Pivots found = factor_noting_pivots(gram);
  if (found.are_too_small()) {
    refuse("pivot", static_cast<std::size_t>(found.at), found.least, found.largest, shift);
  }
  RidgeFit out;
  out.coefficients = y;
  blas::solve(Side::left, Form::plain, gram, out.coefficients);
  blas::solve(Side::left, Form::transposed, gram, out.coefficients);
  blas::invert_triangle(gram);
  std::vector<double> diagonal(n, 0.0);  // of L^-T L^-1
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = i; k < n; ++k) diagonal[i] += gram(k, i) * gram(k, i);
  }
  leave_out(diagonal, out);
  return out;
}

}  // namespace driftwood::natgrad

// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/ensemble/preconditioned.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.hpp"

namespace driftwood::natgrad {

void scale_columns(Dense& x, std::span<const double> scales) {
  for (std::size_t j = 0; j < scales.size(); ++j) {
    for (double& value : x.column(j)) value *= scales[j];
  }
}

void fill_roots(std::span<const double> of, std::vector<double>& roots) {
  roots.resize(of.size());
  std::transform(of.begin(), of.end(), roots.begin(), [](double v) { return std::sqrt(v); });
}

void Preconditioned::set_diagonal(std::span<const double> p) {
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (p[i] >= 0 && std::isfinite(p[i])) continue;
    throw UsageError("the preconditioner is not positive definite",
                     fmt::format("its eigenvalue {} is {}", i, p[i]),
                     "look at the eigenvalues of features and prior that it is made of");
  }
  of_rows_ = {};
  p_.assign(p.begin(), p.end());
  fill_roots(p, root_);
}

void Preconditioned::set_factor(Dense lower) {
  p_.clear();
  of_rows_ = {};
  lower_ = std::move(lower);
}

void Preconditioned::set_of_rows(Dense symmetric) {
  p_.clear();
  of_rows_ = std::move(symmetric);
}

bool Preconditioned::is_singular() const {
  return std::any_of(p_.begin(), p_.end(), [](double p) { return p == 0; });
}

void Preconditioned::times_root(const Dense& x, Dense& to) const {
  if (of_rows_.rows() > 0) {
    blas::multiply(blas::Form::plain, of_rows_, blas::Form::plain, x, to);
    return;
  }
  if (!is_diagonal()) {
    to = x;
    blas::solve(blas::Side::right, blas::Form::transposed, lower_, to);
    return;
  }
  to.shape(x.rows(), x.columns());
  for (std::size_t j = 0; j < root_.size(); ++j) {
    const double root = root_[j];
    const auto from = x.column(j);
    std::transform(from.begin(), from.end(), to.column(j).begin(),
                   [root](double v) { return root * v; });
  }
}

void Preconditioned::times_root_transposed(Dense& x) const {
  if (of_rows_.rows() > 0) {
    const Dense root = x;
    blas::multiply(blas::Form::plain, of_rows_, blas::Form::plain, root, x);
  } else if (is_diagonal()) {
    scale_columns(x, root_);
  } else {
    blas::solve(blas::Side::right, blas::Form::plain, lower_, x);
  }
}

void Preconditioned::times_inverse_root(Dense& x) const {
  if (!is_diagonal()) {
    blas::multiply_by_triangle(blas::Side::right, blas::Form::transposed, lower_, x);
    return;
  }
  std::vector<double> inverse(root_.size());
  std::transform(root_.begin(), root_.end(), inverse.begin(),
                 [](double root) { return root > 0 ? 1 / root : 0; });
  scale_columns(x, inverse);
}

}  // namespace driftwood::natgrad

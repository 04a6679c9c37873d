// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/ensemble/factored.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "natgrad/theory/sums.hpp"

namespace driftwood::natgrad {
namespace {

using blas::Form;
using blas::Side;

/// The tau of P Sigma_X = tau I.
std::optional<double> white(std::span<const double> p, std::span<const double> features) {
  constexpr double rounding = 4 * std::numeric_limits<double>::epsilon();
  if (p.empty()) return std::nullopt;
  const double tau = p[0] * features[0];
  for (std::size_t j = 1; j < p.size(); ++j) {
    if (!(std::abs(p[j] * features[j] - tau) <= rounding * tau)) return std::nullopt;
  }
  return tau;
}

/// Above the diagonal.
void clear_upper(Dense& x) {
  for (std::size_t j = 1; j < x.columns(); ++j) {
    std::fill_n(x.column(j).begin(), std::min(j, x.rows()), 0.0);
  }
}

/// |.|^2 of a lower triangle.
double lower_square(const Dense& x) {
  double sum = 0;
  for (std::size_t j = 0; j < x.columns(); ++j) {
    const auto below = x.column(j).subspan(j);
    sum += product(below, below);
  }
  return sum;
}

/// The whole of a symmetric matrix from its lower triangle.
void mirror(Dense& x) {
  for (std::size_t j = 1; j < x.columns(); ++j) {
    for (std::size_t i = 0; i < j; ++i) x(i, j) = x(j, i);
  }
}

}  // namespace

void Factored::compute(const Dense& x, std::span<const double> features, const Preconditioned& p,
                       double ridge, const Design& of, Losses& out) {
  const std::size_t n = x.rows();
  const std::size_t d = x.columns();
  p.times_root(x, e_);
  blas::square(Form::plain, e_, k_);
  for (std::size_t i = 0; i < n; ++i) k_(i, i) += static_cast<double>(n) * ridge;
  factor_or_throw(k_, "the matrix X P X^T", of);
  w_ = x;
  blas::solve(Side::left, Form::plain, k_, w_);

  learnt_.resize(d);
  const auto diagonal = p.diagonal();
  if (p.is_diagonal()) {
    for (std::size_t j = 0; j < d; ++j)
      learnt_[j] = diagonal[j] * product(w_.column(j), w_.column(j));
    const auto tau = ridge == 0 ? white(diagonal, features) : std::nullopt;
    if (tau) return finish_white(features, *tau, out);
    e_ = w_;
    scale_columns(e_, diagonal);
  } else {
    p.times_root_transposed(e_);
    blas::solve(Side::left, Form::plain, k_, e_);
    for (std::size_t j = 0; j < d; ++j) learnt_[j] = product(w_.column(j), e_.column(j));
  }
  finish(features, out);
}

void Factored::finish_white(std::span<const double> features, double tau, Losses& out) {
  out.bias.resize(features.size());
  for (std::size_t j = 0; j < features.size(); ++j) out.bias[j] = features[j] * (1 - learnt_[j]);
  blas::invert_triangle(k_);
  out.variance = tau * lower_square(k_);
}

void Factored::finish(std::span<const double> features, Losses& out) {
  const std::size_t d = features.size();
  std::vector<double> roots;
  fill_roots(features, roots);
  scale_columns(e_, roots);
  blas::square(Form::plain, e_, s_);
  out.bias.resize(d);
  const auto set_bias = [&](std::size_t j, double square) {
    out.bias[j] = features[j] - 2 * features[j] * learnt_[j] + square;
  };
  const Dense whole = s_;
  if (blas::factor(s_) == 0) {
    blas::multiply_by_triangle(Side::left, Form::transposed, s_, w_);
    for (std::size_t j = 0; j < d; ++j) set_bias(j, product(w_.column(j), w_.column(j)));
    clear_upper(s_);
    blas::solve(Side::left, Form::transposed, k_, s_);
    out.variance =
        product({s_.data(), s_.rows() * s_.columns()}, {s_.data(), s_.rows() * s_.columns()});
    return;
  }
  // S lacks directions, as where P or Sigma_X does: without its factor
  s_ = whole;
  mirror(s_);
  blas::multiply(Form::plain, s_, Form::plain, w_, e_);
  for (std::size_t j = 0; j < d; ++j) set_bias(j, product(w_.column(j), e_.column(j)));
  blas::invert_triangle(k_);
  clear_upper(k_);
  blas::multiply(Form::plain, s_, Form::plain, k_, e_);
  out.variance =
      product({k_.data(), k_.rows() * k_.columns()}, {e_.data(), e_.rows() * e_.columns()});
}

double least_squares_variance(const Dense& x, std::span<const double> features, const Design& of) {
  Dense lower;
  blas::square(Form::transposed, x, lower);
  factor_or_throw(lower, "the matrix X^T X", of);
  blas::invert_triangle(lower);
  double sum = 0;
  for (std::size_t j = 0; j < features.size(); ++j) {
    const auto below = lower.column(j).subspan(j);
    sum += features[j] * product(below, below);
  }
  return sum;
}

}  // namespace driftwood::natgrad

// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/ensemble/decomposed.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "natgrad/theory/sums.hpp"

namespace driftwood::natgrad {
namespace {

using blas::Form;

/// f: what the flow has made of 1 / (s + ridge).
double filter(double shifted, double time) {
  return shifted > 0 ? -std::expm1(-time * shifted) / shifted : time;
}

/// g = 1 - s f: what it has left.
double left_of(double s, double ridge, double time) {
  const double shifted = s + ridge;
  if (!(shifted > 0)) return 1;
  return (ridge + s * std::exp(-time * shifted)) / shifted;
}

}  // namespace

void Decomposed::decompose(const Dense& x, std::span<const double> features,
                           const Preconditioned& p, const Design& of) {
  of_ = of;
  by_rows_ = x.rows() <= x.columns();
  priors_.clear();
  if (by_rows_) {
    decompose_rows(x, p);
  } else {
    decompose_features(x, p);
  }
  for (double& s : values_) s = std::max(s, 0.0);  // what is below is rounding
  std::vector<double> roots;
  fill_roots(features, roots);
  Dense scaled = e_;
  scale_columns(scaled, roots);
  blas::square(Form::plain, scaled, s_);
}

void Decomposed::decompose_rows(const Dense& x, const Preconditioned& p) {
  const double per_row = 1 / static_cast<double>(x.rows());
  Dense root;
  p.times_root(x, root);
  Dense u;
  blas::square(Form::plain, root, u, per_row);
  blas::decompose(u, values_);
  blas::multiply(Form::transposed, u, Form::plain, x, y_);
  if (p.is_diagonal()) {
    e_ = y_;
    std::vector<double> scales(p.diagonal().begin(), p.diagonal().end());
    for (double& v : scales) v *= per_row;
    scale_columns(e_, scales);
  } else {
    p.times_root_transposed(root);
    blas::multiply(Form::transposed, u, Form::plain, root, e_, per_row);
  }
}

void Decomposed::decompose_features(const Dense& x, const Preconditioned& p) {
  Dense root;
  p.times_root(x, root);
  Dense u;
  blas::square(Form::transposed, root, u, 1 / static_cast<double>(x.rows()));
  blas::decompose(u, values_);
  e_.shape(u.columns(), u.rows());
  for (std::size_t j = 0; j < u.columns(); ++j) {
    for (std::size_t i = 0; i < u.rows(); ++i) e_(j, i) = u(i, j);
  }
  y_ = e_;
  p.times_root_transposed(e_);
  p.times_inverse_root(y_);
}

const Decomposed::Known& Decomposed::known(std::span<const double> features,
                                           std::span<const double> prior) {
  for (const Known& k : priors_) {
    if (std::equal(prior.begin(), prior.end(), k.prior.begin(), k.prior.end())) return k;
  }
  Known out{.prior = {prior.begin(), prior.end()}};
  const std::size_t size = values_.size();
  out.learnt.assign(size, 0.0);
  for (std::size_t j = 0; j < prior.size(); ++j) {
    const double weight = prior[j] * features[j];
    out.null_risk += weight;
    for (std::size_t k = 0; k < size; ++k) out.learnt[k] += weight * e_(k, j) * y_(k, j);
  }
  std::vector<double> roots;
  fill_roots(prior, roots);
  Dense scaled = y_;
  scale_columns(scaled, roots);
  blas::square(Form::plain, scaled, out.squares);
  for (std::size_t j = 0; j < size; ++j) {
    for (std::size_t i = j; i < size; ++i) out.squares(i, j) *= s_(i, j);
  }
  priors_.push_back(std::move(out));
  return priors_.back();
}

BiasVariance Decomposed::operator()(std::span<const double> features, std::span<const double> prior,
                                    double ridge, double time) {
  const std::size_t size = values_.size();
  if (ridge == 0 && std::isinf(time) && !(values_.front() >= least_pivot * values_.back())) {
    throw_singular("the matrix X P X^T / n", "eigenvalue", 0, values_.front(), values_.back(), of_);
  }
  const auto d = static_cast<double>(features.size());
  const Known& of = known(features, prior);
  const auto variance = sums_over<1>(size, [&](std::size_t k) {
    const double f = filter(values_[k] + ridge, time);
    const double rows = by_rows_ ? 1 : values_[k] / static_cast<double>(of_.n);
    return std::array{rows * f * f * s_(k, k)};
  })[0];
  filter_.resize(size);
  for (std::size_t k = 0; k < size; ++k) {
    filter_[k] = by_rows_ ? filter(values_[k] + ridge, time) : left_of(values_[k], ridge, time);
  }
  const double squares = blas::quadratic(of.squares, filter_);
  if (!by_rows_) return {squares / d, variance};
  const auto learnt =
      sums_over<1>(size, [&](std::size_t k) { return std::array{filter_[k] * of.learnt[k]}; })[0];
  return {(of.null_risk - 2 * learnt + squares) / d, variance};
}

}  // namespace driftwood::natgrad

// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/rkhs/descent.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/error.hpp"
#include "natgrad/ensemble/singular.hpp"
#include "natgrad/rkhs/series.hpp"
#include "natgrad/theory/sums.hpp"

namespace driftwood::natgrad {
namespace {

using blas::Form;
using blas::Side;

void scale_columns_by(std::span<const double> scales, Dense& x) {
  for (std::size_t j = 0; j < x.columns(); ++j) {
    for (double& v : x.column(j)) v *= scales[j];
  }
}

/// Copies the lower triangle to the upper one.
void complete(Dense& x) {
  for (std::size_t j = 0; j < x.columns(); ++j) {
    for (std::size_t i = j + 1; i < x.rows(); ++i) x(j, i) = x(i, j);
  }
}

}  // namespace

Descents::Descents(std::vector<double> mu, std::vector<std::vector<double>> targets)
    : mu_(std::move(mu)), targets_(std::move(targets)) {
  for (const double m : mu_) roots_.push_back(std::sqrt(m));
}

void Descents::draw(const DesignKey& key, std::size_t n, double noise_sd) {
  key_ = key;
  std::vector<double> inputs(n);
  draw_uniforms(key, RowSource::design, 0, inputs);
  fill_waves(inputs, mu_.size(), waves_);
  scale_columns_by(roots_, waves_);
  noise_.resize(n);
  draw_rows(key, RowSource::hidden, FeatureLaw::normal, 0, n, std::array{noise_sd}, noise_.data());
  has_covariance_ = mu_.size() < 2 * n;
  if (!has_covariance_) return;
  blas::square(Form::transposed, waves_, covariance_, 1 / static_cast<double>(n));
  complete(covariance_);
}

void Descents::apply_covariance(const Dense& x, Dense& to) {
  if (has_covariance_) {
    blas::multiply(Form::plain, covariance_, Form::plain, x, to);
    return;
  }
  blas::multiply(Form::plain, waves_, Form::plain, x, inner_);
  blas::multiply(Form::transposed, waves_, Form::plain, inner_, to,
                 1 / static_cast<double>(noise_.size()));
}

void Descents::factor_estimates(const std::vector<DescentMethod>& methods) {
  factors_.assign(methods.size(), {});
  std::vector<std::size_t> order;
  for (std::size_t k = 0; k < methods.size(); ++k) {
    if (methods[k].alpha && methods[k].unlabelled > 0) order.push_back(k);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return methods[a].unlabelled < methods[b].unlabelled;
  });
  // Sums over the inputs so far: those of a larger set begin with those of a smaller one.
  Dense sums(mu_.size(), mu_.size());
  std::fill_n(sums.data(), mu_.size() * mu_.size(), 0.0);
  std::size_t rows = 0;
  Dense waves;
  for (const std::size_t k : order) {
    constexpr std::size_t most_at_once = 4096;
    while (rows < methods[k].unlabelled) {
      std::vector<double> inputs(std::min(most_at_once, methods[k].unlabelled - rows));
      draw_uniforms(key_, RowSource::unlabelled, rows, inputs);
      fill_waves(inputs, mu_.size(), waves);
      scale_columns_by(roots_, waves);
      blas::square(Form::transposed, waves, sums, 1, 1);
      rows += inputs.size();
    }
    Dense& factor = factors_[k] = sums;
    const double per_input = 1 / static_cast<double>(rows);
    for (std::size_t j = 0; j < factor.columns(); ++j) {
      for (double& v : factor.column(j)) v *= per_input;
      factor(j, j) += *methods[k].alpha;
    }
    factor_or_throw(factor, "the estimate of Sigma + alpha I",
                    {.key = key_, .n = rows, .d = mu_.size()});
  }
}

void Descents::precondition(const std::vector<DescentMethod>& methods, Dense& x) const {
  Dense one;
  for (std::size_t k = 0; k < methods.size(); ++k) {
    if (!methods[k].alpha) continue;
    const auto column = x.column(k);
    if (methods[k].unlabelled == 0) {
      for (std::size_t j = 0; j < column.size(); ++j) column[j] /= mu_[j] + *methods[k].alpha;
      continue;
    }
    one.shape(column.size(), 1);
    std::copy(column.begin(), column.end(), one.data());
    blas::solve(Side::left, Form::plain, factors_[k], one);
    blas::solve(Side::left, Form::transposed, factors_[k], one);
    std::copy_n(one.data(), column.size(), column.begin());
  }
}

std::vector<double> Descents::largest(const std::vector<DescentMethod>& methods) {
  constexpr int most = 10'000;
  constexpr double enough = 1e-6;
  Dense v(mu_.size(), methods.size());
  for (std::size_t k = 0; k < methods.size(); ++k) {
    std::copy(roots_.begin(), roots_.end(), v.column(k).begin());
  }
  Dense image;
  Dense before = v;  // P^-1 v, so that v.image / v.before is Rayleigh's quotient in its norm
  precondition(methods, v);
  std::vector<double> values(methods.size(), 0.0);
  for (int i = 0; i < most; ++i) {
    apply_covariance(v, image);
    double change = 0;
    for (std::size_t k = 0; k < methods.size(); ++k) {
      const double now =
          product(v.column(k), image.column(k)) / product(v.column(k), before.column(k));
      change = std::max(change, std::abs(now - values[k]) / now);
      values[k] = now;
      for (double& x : image.column(k)) x /= now;
    }
    if (change < enough) return values;
    before = image;
    v = image;
    precondition(methods, v);
  }
  throw NumericsError("the largest eigenvalue of a design was not found by power iteration");
}

Dense Descents::right_sides(const std::vector<DescentMethod>& methods) const {
  Dense labels(noise_.size(), methods.size());
  Dense target(mu_.size(), methods.size());
  for (std::size_t k = 0; k < methods.size(); ++k) {
    std::copy(noise_.begin(), noise_.end(), labels.column(k).begin());
    const std::vector<double>& c = targets_[methods[k].target];
    for (std::size_t j = 0; j < mu_.size(); ++j) target(j, k) = c[j] / roots_[j];
  }
  blas::multiply(Form::plain, waves_, Form::plain, target, labels, 1, 1);
  Dense out;
  blas::multiply(Form::transposed, waves_, Form::plain, labels, out,
                 1 / static_cast<double>(noise_.size()));
  return out;
}

std::vector<double> Descents::risks(const std::vector<DescentMethod>& methods, double step,
                                    std::int64_t steps) {
  factor_estimates(methods);
  const std::vector<double> top = largest(methods);
  const Dense right = right_sides(methods);
  const auto length = static_cast<std::size_t>(steps) + 1;
  std::vector<double> out(methods.size() * length);
  Dense theta(mu_.size(), methods.size());
  std::fill_n(theta.data(), mu_.size() * methods.size(), 0.0);
  Dense gradient;
  for (std::size_t t = 0; t < length; ++t) {
    for (std::size_t k = 0; k < methods.size(); ++k) {
      const auto at = theta.column(k);
      const std::vector<double>& c = targets_[methods[k].target];
      out[k * length + t] = sums_over<1>(mu_.size(), [&](std::size_t j) {
        const double error = roots_[j] * at[j] - c[j];
        return std::array{error * error};
      })[0];
    }
    if (t + 1 == length) break;
    apply_covariance(theta, gradient);
    for (std::size_t k = 0; k < methods.size(); ++k) {
      for (std::size_t j = 0; j < mu_.size(); ++j) gradient(j, k) -= right(j, k);
    }
    precondition(methods, gradient);
    for (std::size_t k = 0; k < methods.size(); ++k) {
      const double eta = step / top[k];
      for (std::size_t j = 0; j < mu_.size(); ++j) theta(j, k) -= eta * gradient(j, k);
    }
  }
  return out;
}

}  // namespace driftwood::natgrad

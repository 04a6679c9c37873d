// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/network/loss.hpp"

#include <algorithm>
#include <cmath>
#include <span>

namespace driftwood::natgrad {
namespace {

double softplus(double f) { return f > 0 ? f + std::log1p(std::exp(-f)) : std::log1p(std::exp(f)); }
double sigmoid(double f) { return 1 / (1 + std::exp(-f)); }

/// log(sum_k exp(f_k)).
double log_sum(std::span<const double> f) {
  const double most = *std::max_element(f.begin(), f.end());
  double sum = 0;
  for (const double v : f) sum += std::exp(v - most);
  return most + std::log(sum);
}

/// What the model expects of a label, given its output.
void fill_means(Loss loss, std::span<const double> f, std::span<double> to) {
  const double total = loss == Loss::softmax ? log_sum(f) : 0;
  for (std::size_t k = 0; k < f.size(); ++k) {
    to[k] = loss == Loss::squared    ? f[k]
            : loss == Loss::logistic ? sigmoid(f[k])
                                     : std::exp(f[k] - total);
  }
}

double loss_of(Loss loss, std::span<const double> f, std::span<const double> y) {
  double sum = loss == Loss::softmax ? log_sum(f) : 0;
  for (std::size_t k = 0; k < f.size(); ++k) {
    if (loss == Loss::squared) {
      sum += 0.5 * (f[k] - y[k]) * (f[k] - y[k]);
    } else {
      sum += (loss == Loss::logistic ? softplus(f[k]) : 0) - y[k] * f[k];
    }
  }
  return sum;
}

}  // namespace

double mean_loss(Loss loss, const Dense& f, const Dense& y) {
  double sum = 0;
  for (std::size_t i = 0; i < f.columns(); ++i) sum += loss_of(loss, f.column(i), y.column(i));
  return sum / static_cast<double>(f.columns());
}

void residuals(Loss loss, const Dense& f, const Dense& y, Dense& to) {
  to.shape(f.rows(), f.columns());
  for (std::size_t i = 0; i < f.columns(); ++i) {
    const auto at = to.column(i);
    fill_means(loss, f.column(i), at);
    for (std::size_t k = 0; k < at.size(); ++k) at[k] -= y(k, i);
  }
}

std::vector<Dense> curvature_roots(Loss loss, const Dense& f) {
  std::vector<Dense> out(f.rows(), Dense(f.rows(), f.columns()));
  std::vector<double> mean(f.rows());
  for (std::size_t i = 0; i < f.columns(); ++i) {
    fill_means(loss, f.column(i), mean);
    for (std::size_t k = 0; k < f.rows(); ++k) {
      for (std::size_t j = 0; j < f.rows(); ++j) {
        const double unit = j == k ? 1 : 0;
        out[k](j, i) = loss == Loss::squared    ? unit
                       : loss == Loss::logistic ? unit * std::sqrt(mean[k] * (1 - mean[k]))
                                                : std::sqrt(mean[k]) * (unit - mean[j]);
      }
    }
  }
  return out;
}

}  // namespace driftwood::natgrad

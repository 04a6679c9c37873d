// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/adaptation.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>

namespace driftwood::mcmc {

void StepSearch::update(double acceptance) {
  if (is_over_) return;
  const int wanted = acceptance > target_ ? 1 : -1;
  if (direction_ != 0 && wanted != direction_) {
    if (direction_ > 0) step_ *= 0.5;
    is_over_ = true;
    return;
  }
  if (++tries_ > most_tries) {
    step_ = first_;
    is_over_ = true;
    return;
  }
  direction_ = wanted;
  step_ *= wanted > 0 ? 2.0 : 0.5;
}

DualAveraging::DualAveraging(double step, double target)
    : target_(target), step_(step), centre_(std::log(2 * step)) {}

void DualAveraging::update(double acceptance) {
  constexpr double t0 = 10;
  constexpr double kappa = 0.75;
  constexpr double gamma = 0.05;
  ++count_;
  const auto t = static_cast<double>(count_);
  error_sum_ += target_ - acceptance;
  const double log_step = centre_ - error_sum_ * std::sqrt(t) / (gamma * (t + t0));
  const double weight = std::pow(t, -kappa);
  log_average_ = weight * log_step + (1 - weight) * log_average_;
  step_ = std::exp(log_step);
}

void DualAveraging::restart(double step) { *this = DualAveraging(step, target_); }

double DualAveraging::averaged() const { return count_ > 0 ? std::exp(log_average_) : step_; }

std::int64_t first_scale_step(std::int64_t warmup) { return warmup < 150 ? warmup * 15 / 100 : 75; }

std::vector<ScaleWindow> scale_windows(std::int64_t warmup) {
  if (warmup < 20) return {};
  const std::int64_t start = first_scale_step(warmup);
  std::int64_t end = 50;
  std::int64_t length = 25;
  if (warmup < 150) {
    end = warmup / 10;
    length = warmup - start - end;
  }
  std::vector<ScaleWindow> out;
  for (std::int64_t at = start; at < warmup - end; length *= 2) {
    const std::int64_t next = at + length;
    const bool is_last = next + 2 * length > warmup - end;
    out.push_back({at, is_last ? warmup - end : next});
    at = out.back().last;
  }
  return out;
}

namespace {

/// A variance of n draws, drawn towards 1e-3 as by 5 more.
double shrunk(double n, double variance) { return (n * variance + 5e-3) / (n + 5); }

/// Makes of a correlation matrix, by rows, its Cholesky factor; false where it has none.
bool factorise(std::vector<double>& a, std::size_t dim) {
  constexpr double least_pivot = 1e-12;
  for (std::size_t i = 0; i < dim; ++i) {
    double* const row = &a[i * dim];
    for (std::size_t j = 0; j <= i; ++j) {
      const double* const other = &a[j * dim];
      double sum = row[j];
      for (std::size_t k = 0; k < j; ++k) sum -= row[k] * other[k];
      if (j < i) {
        row[j] = sum / other[j];
      } else {
        if (!(sum > least_pivot)) return false;
        row[i] = std::sqrt(sum);
      }
    }
  }
  return true;
}

}  // namespace

bool looks_for_stuck(std::int64_t step, std::int64_t warmup) {
  const std::int64_t last = warmup - warmup / 10;
  return step == last || (step < last && std::has_single_bit(static_cast<std::uint64_t>(step)));
}

std::vector<double> scales_from(const std::vector<double>& sums) {
  const double n = sums[0];
  const std::size_t dim = (sums.size() - 1) / 2;
  std::vector<double> out;
  for (std::size_t i = 0; i < dim; ++i) {
    const double mean = sums[1 + i] / n;
    out.push_back(std::sqrt(shrunk(n, std::max(sums[1 + dim + i] / n - mean * mean, 0.0))));
  }
  return out;
}

Preconditioner factor_from(const std::vector<double>& sums, int dim) {
  const double n = sums[0];
  const auto size = static_cast<std::size_t>(dim);
  const auto covariance = [&](std::size_t i, std::size_t j) {
    return sums[1 + size + i * (i + 1) / 2 + j] / n - sums[1 + i] / n * (sums[1 + j] / n);
  };
  Preconditioner out;
  for (std::size_t i = 0; i < size; ++i) {
    out.scale.push_back(std::sqrt(shrunk(n, std::max(covariance(i, i), 0.0))));
  }
  std::vector<double> correlation(size * size);
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      correlation[i * size + j] = n / (n + 5) * covariance(i, j) / (out.scale[i] * out.scale[j]);
    }
    correlation[i * size + i] = 1;
  }
  out.factor = correlation;
  for (double less = 1e-9; !factorise(out.factor, size) && less < 1; less *= 10) {
    out.factor = correlation;
    for (std::size_t i = 0; i < size; ++i) {
      for (std::size_t j = 0; j < i; ++j) out.factor[i * size + j] *= 1 - less;
    }
  }
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t j = 0; j <= i; ++j) out.factor[i * size + j] *= out.scale[i];
  }
  return out;
}

}  // namespace driftwood::mcmc

// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/adaptation.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace driftwood::mcmc {

DualAveraging::DualAveraging(double step, double target) : target_(target), step_(step) {}

void DualAveraging::update(double acceptance) {
  // Doublings until the target is crossed: a start by orders of magnitude off costs few steps.
  if (direction_ != 2) {
    const int wanted = acceptance > target_ ? 1 : -1;
    if (direction_ == 0 || wanted == direction_) {
      direction_ = wanted;
      step_ *= wanted > 0 ? 2.0 : 0.5;
      return;
    }
    direction_ = 2;
    restart();
    return;
  }
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

void DualAveraging::restart() {
  if (count_ > 0) step_ = averaged();
  centre_ = std::log(2 * step_);
  error_sum_ = 0;
  log_average_ = 0;
  count_ = 0;
}

double DualAveraging::averaged() const { return count_ > 0 ? std::exp(log_average_) : step_; }

std::vector<ScaleWindow> scale_windows(std::int64_t warmup) {
  if (warmup < 20) return {};
  std::int64_t start = 75;
  std::int64_t end = 50;
  std::int64_t length = 25;
  if (warmup < start + end + length) {
    start = warmup * 15 / 100;
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

std::vector<double> scales_from(const std::vector<double>& sums) {
  const double n = sums[0];
  const std::size_t dim = (sums.size() - 1) / 2;
  std::vector<double> out;
  for (std::size_t i = 0; i < dim; ++i) {
    const double mean = sums[1 + i] / n;
    const double variance = std::max(sums[1 + dim + i] / n - mean * mean, 0.0);
    out.push_back(std::sqrt((n * variance + 5e-3) / (n + 5)));
  }
  return out;
}

}  // namespace driftwood::mcmc

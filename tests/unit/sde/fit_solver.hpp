// SPDX-License-Identifier: BSD-3-Clause
/// A solver of known derivatives to fit with, and series of the law that it has.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>
#include <string>
#include <vector>

#include "sde/gradient/solver.hpp"

namespace driftwood::test {

/// dX = rate (mean - X) dt + sigma dW over a time h, exactly.
struct OrnsteinUhlenbeckLaw {
  double rate;
  double mean;
  double sigma;

  [[nodiscard]] double next(double x, double h, double z) const {
    const double sd = sigma * std::sqrt(-std::expm1(-2 * rate * h) / (2 * rate));
    return mean + (x - mean) * std::exp(-rate * h) + sd * z;
  }
  /// Derivatives of `next` by the three parameters.
  [[nodiscard]] std::vector<double> slopes(double x, double h, double z) const {
    const double decay = std::exp(-rate * h);
    const double variance = -std::expm1(-2 * rate * h) / (2 * rate);
    const double by_rate = (2 * h * std::exp(-2 * rate * h) / (2 * rate) - variance / rate);
    return {-h * (x - mean) * decay + sigma * z * by_rate / (2 * std::sqrt(variance)), 1 - decay,
            std::sqrt(variance) * z};
  }
};

/// A series of `count` observations, one after each time h.
inline std::vector<double> series_of(const OrnsteinUhlenbeckLaw& law, double h, std::size_t count,
                                     unsigned seed) {
  std::mt19937_64 generator(seed);
  std::normal_distribution<double> normal;
  std::vector<double> out{law.mean + law.sigma / std::sqrt(2 * law.rate) * normal(generator)};
  while (out.size() < count) out.push_back(law.next(out.back(), h, normal(generator)));
  return out;
}

/// A normal for each path and seed.
inline double normal_of(std::uint64_t path, std::uint64_t seed) {
  const auto mixed = [](std::uint64_t z) {  // SplitMix64
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  };
  const std::uint64_t base = mixed(seed + 0x9e3779b97f4a7c15U) + 2 * path;
  const auto uniform = [&](std::uint64_t word) {
    return (static_cast<double>(mixed(word * 0x9e3779b97f4a7c15U) >> 11U) + 0.5) * 0x1p-53;
  };
  return std::sqrt(-2 * std::log(uniform(base))) *
         std::cos(2 * std::numbers::pi * uniform(base + 1));
}

/// Moments x', x x' and x'^2 of transitions from rows of `start`, by parameters rate, mean and
/// sigma.
class OrnsteinUhlenbeckSolver final : public sde::GradientSolver {
 public:
  static constexpr std::int64_t moments = 3;

  OrnsteinUhlenbeckSolver(std::vector<double> start, double h, const OrnsteinUhlenbeckLaw& law,
                          std::int64_t capacity, std::uint64_t seed)
      : start_(std::move(start)),
        h_(h),
        law_(law),
        seed_(seed),
        samples_("samples", static_cast<std::size_t>(rows() + 1),
                 static_cast<std::size_t>(capacity)) {}

  [[nodiscard]] std::int64_t rows() const override { return moments + moments * 3; }
  [[nodiscard]] std::vector<std::string> derivatives() const override {
    return {"rate", "mean", "sigma"};
  }
  void run(const sde::PathRange& paths) override {
    Kokkos::deep_copy(samples_, 0.0);
    for (std::int64_t c = 0; c < paths.count; ++c) {
      const std::uint64_t id = paths.first + static_cast<std::uint64_t>(c);
      const double x = start_[id % start_.size()];
      const double z = normal_of(id, seed_);
      const double y = law_.next(x, h_, z);
      const std::vector<double> dy = law_.slopes(x, h_, z);
      const double value[] = {y, x * y, y * y};
      const double by_y[] = {1, x, 2 * y};
      for (int m = 0; m < 3; ++m) {
        samples_(m, c) = value[m];
        for (int p = 0; p < 3; ++p) {
          samples_(3 + 3 * m + p, c) = by_y[m] * dy[static_cast<std::size_t>(p)];
        }
      }
      samples_(rows(), c) = std::isfinite(y) ? 1 : 0;
    }
  }
  [[nodiscard]] const sde::Channels& samples() const override { return samples_; }
  void set_parameters(const std::vector<double>& values) override {
    law_ = {values[0], values[1], values[2]};
  }
  [[nodiscard]] std::vector<double> parameters() const override {
    return {law_.rate, law_.mean, law_.sigma};
  }
  void set_weights(const std::vector<std::vector<double>>&) override {}
  [[nodiscard]] sde::GradientRecord record() const override { return {}; }

 private:
  std::vector<double> start_;
  double h_;
  OrnsteinUhlenbeckLaw law_;
  std::uint64_t seed_;
  sde::Channels samples_;
};

}  // namespace driftwood::test

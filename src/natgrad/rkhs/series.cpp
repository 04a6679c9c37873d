// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/rkhs/series.hpp"

#include <cmath>
#include <numbers>

namespace driftwood::natgrad {

void fill_decaying(double decay, std::span<double> mu) {
  for (std::size_t j = 0; j < mu.size(); ++j) mu[j] = std::pow(static_cast<double>(j + 1), -decay);
}

void fill_target(std::span<const double> mu, double source, std::span<double> c) {
  constexpr double roughness = 0.55;
  double square = 0;
  for (std::size_t j = 0; j < mu.size(); ++j) {
    const auto number = static_cast<double>(j + 1);
    const double sign = (j + 1) % 3 == 0 ? -1 : 1;
    c[j] = sign * std::pow(mu[j], source) * std::pow(number, -roughness);
    square += c[j] * c[j];
  }
  for (double& v : c) v /= std::sqrt(square);
}

void fill_waves(std::span<const double> x, std::size_t count, Dense& to) {
  to.shape(x.size(), count);
  for (std::size_t j = 0; j < count; ++j) {
    const auto frequency = static_cast<double>(j / 2 + 1);
    const auto column = to.column(j);
    for (std::size_t i = 0; i < x.size(); ++i) {
      // Turns of many waves lose no digits that turns of one have.
      const double turns = frequency * x[i];
      const double angle = 2 * std::numbers::pi * (turns - std::floor(turns));
      column[i] = std::numbers::sqrt2 * (j % 2 == 0 ? std::cos(angle) : std::sin(angle));
    }
  }
}

}  // namespace driftwood::natgrad

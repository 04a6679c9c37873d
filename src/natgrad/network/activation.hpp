// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <numbers>

namespace driftwood::natgrad {

enum class Activation { identity, tanh, relu, gelu, softplus };

/// A value of an activation and its slope.
struct Activated {
  double value;
  double slope;
};

/// At 0, relu has the slope 0. gelu is z Phi(z) of the normal distribution function Phi.
[[nodiscard]] inline Activated activated(Activation by, double z) {
  switch (by) {
    case Activation::tanh: {
      const double value = std::tanh(z);
      return {value, 1 - value * value};
    }
    case Activation::relu:
      return z > 0 ? Activated{z, 1} : Activated{0, 0};
    case Activation::gelu: {
      const double below = 0.5 * std::erfc(-z / std::numbers::sqrt2);
      const double density =
          std::exp(-0.5 * z * z) * std::numbers::inv_sqrtpi / std::numbers::sqrt2;
      return {z * below, below + z * density};
    }
    case Activation::softplus:
      return {z > 0 ? z + std::log1p(std::exp(-z)) : std::log1p(std::exp(z)),
              1 / (1 + std::exp(-z))};
    default:
      return {z, 1};
  }
}

}  // namespace driftwood::natgrad

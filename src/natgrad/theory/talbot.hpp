// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cmath>
#include <complex>
#include <cstddef>
#include <numbers>

namespace driftwood::natgrad {

/// A contour for inverse Laplace transforms of what has its singularities on the negative real axis
/// and at 0: f(t) = 2 / (5 t) sum_k Re(weight_k F(point_k / t)), with points in the upper
/// half-plane, the first of them real. Abate & Valko, Int. J. Numer. Meth. Engng. 60 (2004) 979.
struct Talbot {
  static constexpr std::size_t nodes = 16;  ///< more lose to rounding what they gain

  std::array<std::complex<double>, nodes> point{};
  std::array<std::complex<double>, nodes> weight{};

  Talbot() {
    point[0] = 2.0 * nodes / 5;
    weight[0] = 0.5 * std::exp(point[0]);
    for (std::size_t k = 1; k < nodes; ++k) {
      const double angle = static_cast<double>(k) * std::numbers::pi / nodes;
      const double cot = 1 / std::tan(angle);
      point[k] = 2 * static_cast<double>(k) * std::numbers::pi / 5 * std::complex(cot, 1.0);
      weight[k] = std::complex(1.0, angle * (1 + cot * cot) - cot) * std::exp(point[k]);
    }
  }
};

}  // namespace driftwood::natgrad

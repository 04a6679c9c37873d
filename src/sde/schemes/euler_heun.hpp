// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sde/concepts.hpp"

namespace driftwood::sde {

/// y = x + f h + (g(t, x) + g(t + h, x + g dW)) dW / 2: Euler in the drift, trapezoidal in the
/// noise. Gard (1988), "Introduction to Stochastic Differential Equations", chapter 7.
struct EulerHeun {
  static constexpr std::string_view name = "euler_heun";
  static constexpr std::string_view summary = "Euler in the drift, trapezoidal in the noise";
  static constexpr Calculus calculus = Calculus::stratonovich;
  static constexpr int evaluations = 1;
  static constexpr Increments increments(Noise) { return Increments::brownian; }
  static constexpr double strong_order(Noise n) { return order_of_increments(n); }
  static constexpr double weak_order(Noise) { return 1.0; }

  template <class F>
  struct Step {
    F field;
    double h;

    template <class Time, class X, class W>
    KOKKOS_FORCEINLINE_FUNCTION X operator()(const Time& t, const X& x, const W& w) const {
      using R = lane_of<X>;
      using T = value_of<R>;
      const auto g = field.diffusion(t, x);
      const auto half = generate(w.dw, [&](int k) { return R(T(0.5)) * w.dw[k]; });
      const auto known = fma(g, half, fma(field.drift(t, x), R(T(h)), x));
      return fma(field.diffusion(t + h, fma(g, w.dw, x)), half, known);
    }
  };
};
static_assert(Scheme<EulerHeun>);

}  // namespace driftwood::sde

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sde/concepts.hpp"

namespace driftwood::sde {

/// The trapezoidal rule for drift and noise with an Euler step as the guess. Ruemelin (1982),
/// "Numerical treatment of stochastic differential equations".
struct Heun {
  static constexpr std::string_view name = "heun";
  static constexpr std::string_view summary = "trapezoidal rule from an Euler guess";
  static constexpr Calculus calculus = Calculus::stratonovich;
  static constexpr int evaluations = 2;
  static constexpr Increments increments(Noise) { return Increments::brownian; }
  static constexpr double strong_order(Noise n) { return order_of_increments(n); }
  static constexpr double weak_order(Noise n) { return n == Noise::additive ? 2.0 : 1.0; }
  static constexpr bool adapts(Noise) { return true; }

  template <class F, class H = double>
  struct Step {
    F field;
    H h;

    template <class Time, class X, class W>
    KOKKOS_FORCEINLINE_FUNCTION X operator()(const Time& t, const X& x, const W& w) const {
      using R = lane_of<X>;
      using T = value_of<R>;
      const auto f = field.drift(t, x);
      const auto g = field.diffusion(t, x);
      const auto half = generate(w.dw, [&](int k) { return R(T(0.5)) * w.dw[k]; });
      const auto known = fma(g, half, fma(f, as_lane<R>(0.5 * h), x));
      const auto guess = fma(g, w.dw, fma(f, as_lane<R>(h), x));
      const auto drifted = fma(field.drift(t + h, guess), as_lane<R>(0.5 * h), known);
      return fma(field.diffusion(t + h, guess), half, drifted);
    }
  };
};
static_assert(Scheme<Heun>);

}  // namespace driftwood::sde

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sde/concepts.hpp"

namespace driftwood::sde {

/// A step with drift and diffusion at an Euler guess of the middle. Kloeden and Platen (1992),
/// section 4.9.
struct Midpoint {
  static constexpr std::string_view name = "midpoint";
  static constexpr std::string_view summary = "explicit midpoint rule";
  static constexpr Calculus calculus = Calculus::stratonovich;
  static constexpr int evaluations = 2;
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
      const auto half = generate(w.dw, [&](int k) { return R(T(0.5)) * w.dw[k]; });
      const auto drifted = fma(field.drift(t, x), R(T(0.5 * h)), x);
      const auto middle = fma(field.diffusion(t, x), half, drifted);
      const auto time = t + 0.5 * h;
      return fma(field.diffusion(time, middle), w.dw, fma(field.drift(time, middle), R(T(h)), x));
    }
  };
};
static_assert(Scheme<Midpoint>);

}  // namespace driftwood::sde

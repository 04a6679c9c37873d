// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sde/concepts.hpp"

namespace driftwood::sde {

/// Euler-Maruyama with the drift f h / (1 + h |f|), which cannot throw a path out of reach where f
/// grows faster than linearly. Hutzenthaler, Jentzen and Kloeden (2012), "Strong convergence of an
/// explicit numerical method for SDEs with nonglobally Lipschitz continuous coefficients".
struct TamedEulerMaruyama {
  static constexpr std::string_view name = "tamed_euler_maruyama";
  static constexpr std::string_view summary = "x + f h / (1 + h |f|) + g dW, for steep drifts";
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr DriftRule drift_rule = DriftRule::tamed;
  static constexpr int evaluations = 1;
  static constexpr Increments increments(Noise) { return Increments::brownian; }
  static constexpr double strong_order(Noise n) { return n == Noise::additive ? 1.0 : 0.5; }
  static constexpr double weak_order(Noise) { return 1.0; }

  template <class F>
  struct Step {
    F field;
    double h;

    template <class Time, class X, class W>
    KOKKOS_FORCEINLINE_FUNCTION X operator()(const Time& t, const X& x, const W& w) const {
      using R = lane_of<X>;
      const R size(static_cast<value_of<R>>(h));
      const auto f = field.drift(t, x);
      R square(0);
      for (int i = 0; i < x.size(); ++i) square = fma(f[i], f[i], square);
      const auto drifted = fma(f, size / fma(size, sqrt(square), R(1)), x);
      return fma(field.diffusion(t, x), w.dw, drifted);
    }
  };
};
static_assert(Scheme<TamedEulerMaruyama>);

}  // namespace driftwood::sde

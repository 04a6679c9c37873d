// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sde/implicit.hpp"

namespace driftwood::sde {

/// y = x + h ((1 - theta) f(t, x) + theta f(t + h, y)) + g(t, x) dW with theta = 1/2. Higham
/// (2000), "Mean-square and asymptotic stability of the stochastic theta method".
struct ThetaEulerMaruyama {
  static constexpr std::string_view name = "theta_euler_maruyama";
  static constexpr std::string_view summary = "trapezoidal in the drift, for stiff equations";
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr double theta = 0.5;
  static constexpr DriftRule drift_rule = DriftRule::implicit;
  static constexpr int evaluations = 2;
  static constexpr Increments increments(Noise) { return Increments::brownian; }
  static constexpr double strong_order(Noise n) { return n == Noise::additive ? 1.0 : 0.5; }
  static constexpr double weak_order(Noise) { return 1.0; }

  template <class F>
  struct Step {
    F field;
    double h;

    template <class Time, class X, class W>
    KOKKOS_FORCEINLINE_FUNCTION X operator()(const Time& t, const X& x, const W& w) const {
      using T = value_of<lane_of<X>>;
      const auto f = field.drift(t, x);
      const auto drifted = fma(f, lane_of<X>(T((1 - theta) * h)), x);
      const auto known = fma(field.diffusion(t, x), w.dw, drifted);
      return solve_implicit(field, t + h, known, T(theta * h), known);
    }
  };
};
static_assert(Scheme<ThetaEulerMaruyama>);

}  // namespace driftwood::sde

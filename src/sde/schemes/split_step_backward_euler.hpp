// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sde/implicit.hpp"

namespace driftwood::sde {

/// z = x + h f(t + h, z), then y = z + g(t + h, z) dW: the noise acts where the drift has already
/// damped. Higham, Mao and Stuart (2002), "Strong convergence of Euler-type methods for nonlinear
/// stochastic differential equations".
struct SplitStepBackwardEuler {
  static constexpr std::string_view name = "split_step_backward_euler";
  static constexpr std::string_view summary = "implicit drift, then the noise, for stiff equations";
  static constexpr Calculus calculus = Calculus::ito;
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
      const auto damped = solve_implicit(field, t + h, x, T(h), x);
      return fma(field.diffusion(t + h, damped), w.dw, damped);
    }
  };
};
static_assert(Scheme<SplitStepBackwardEuler>);

}  // namespace driftwood::sde

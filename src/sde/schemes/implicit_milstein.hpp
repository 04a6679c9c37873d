// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sde/implicit.hpp"
#include "sde/schemes/milstein.hpp"

namespace driftwood::sde {

/// Milstein's scheme with the drift at the end of the step. Kloeden and Platen (1992), section
/// 12.2.
struct ImplicitMilstein {
  static constexpr std::string_view name = "implicit_milstein";
  static constexpr std::string_view summary = "Milstein with implicit drift, for stiff equations";
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr DriftRule drift_rule = DriftRule::implicit;
  static constexpr int evaluations = 2;
  static constexpr bool has_inlined_step = true;
  static constexpr Increments increments(Noise n) { return Milstein::increments(n); }
  static constexpr double strong_order(Noise) { return 1.0; }
  static constexpr double weak_order(Noise) { return 1.0; }

  template <class F>
  struct Step {
    F field;
    double h;

    template <class Time, class X, class W>
    KOKKOS_FORCEINLINE_FUNCTION X operator()(const Time& t, const X& x, const W& w) const {
      using T = value_of<lane_of<X>>;
      const auto g = field.diffusion(t, x);
      const auto known = milstein_term(field, h, t, x, g, w, fma(g, w.dw, x));
      return solve_implicit(field, t + h, known, T(h), known);
    }
  };
};
static_assert(Scheme<ImplicitMilstein>);

}  // namespace driftwood::sde

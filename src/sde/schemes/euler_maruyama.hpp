// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sde/concepts.hpp"

namespace driftwood::sde {

/// Euler-Maruyama, x + f h + g dW. Kloeden and Platen (1992), section 10.2.
struct EulerMaruyama {
  static constexpr std::string_view name = "euler_maruyama";
  static constexpr std::string_view summary = "x + f h + g dW";
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr int evaluations = 1;
  static constexpr Increments increments(Noise) { return Increments::brownian; }
  static constexpr double strong_order(Noise n) { return n == Noise::additive ? 1.0 : 0.5; }
  static constexpr double weak_order(Noise) { return 1.0; }

  template <class F>
  struct Step {
    F field;
    double h;

    template <class X, class W>
    KOKKOS_FORCEINLINE_FUNCTION X operator()(double t, const X& x, const W& w) const {
      using R = lane_of<X>;
      const auto drifted = fma(field.drift(t, x), R(static_cast<value_of<R>>(h)), x);
      return fma(field.diffusion(t, x), w.dw, drifted);
    }
  };
};
static_assert(Scheme<EulerMaruyama>);

}  // namespace driftwood::sde

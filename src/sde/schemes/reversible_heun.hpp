// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sde/concepts.hpp"

namespace driftwood::sde {

/// Heun's method whose guess z is carried along as z' = 2 x - z + f h + g dW, so that a step can be
/// undone exactly: both fields are taken at z and at z' only. Kidger, Foster, Li and Lyons (2021),
/// "Efficient and accurate gradients for neural SDEs", algorithm 1. The price: z drifts away from
/// x where the drift attracts.
struct ReversibleHeun {
  static constexpr std::string_view name = "reversible_heun";
  static constexpr std::string_view summary = "algebraically reversible, for gradients";
  static constexpr Calculus calculus = Calculus::stratonovich;
  static constexpr bool carries_state = true;
  static constexpr int evaluations = 2;
  static constexpr Increments increments(Noise) { return Increments::brownian; }
  static constexpr double strong_order(Noise n) { return order_of_increments(n); }
  static constexpr double weak_order(Noise n) { return n == Noise::additive ? 2.0 : 1.0; }

  template <class F>
  struct Step {
    F field;
    double h;

    /// Advances x and the carried z. The second evaluation is repeated as the first of the next
    /// step: drift and diffusion are not carried.
    template <class Time, class X, class W>
    KOKKOS_FORCEINLINE_FUNCTION void operator()(const Time& t, X& x, X& z, const W& w) const {
      using R = lane_of<X>;
      using T = value_of<R>;
      const auto f = field.drift(t, z);
      const auto g = field.diffusion(t, z);
      const auto half = generate(w.dw, [&](int k) { return R(T(0.5)) * w.dw[k]; });
      const auto known = fma(g, half, fma(f, R(T(0.5 * h)), x));
      const auto mirrored = generate(x, [&](int i) { return fma(R(2), x[i], -z[i]); });
      const auto next = fma(g, w.dw, fma(f, R(T(h)), mirrored));
      const auto drifted = fma(field.drift(t + h, next), R(T(0.5 * h)), known);
      assign(x, fma(field.diffusion(t + h, next), half, drifted));
      assign(z, next);
    }
  };
};
static_assert(Scheme<ReversibleHeun>);

}  // namespace driftwood::sde

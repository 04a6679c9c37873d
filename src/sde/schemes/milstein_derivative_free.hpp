// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sde/concepts.hpp"

namespace driftwood::sde {

/// Milstein's scheme with the derivative of the diffusion by a difference, g(x + f h + g sqrt(h)) -
/// g(x) over sqrt(h), for a single noise or one for each component. Kloeden and Platen (1992),
/// section 11.1.
struct MilsteinDerivativeFree {
  static constexpr std::string_view name = "milstein_derivative_free";
  static constexpr std::string_view summary = "Milstein by differences, diagonal or scalar noise";
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr int evaluations = 1;
  static constexpr Increments increments(Noise) { return Increments::brownian; }
  static constexpr bool admits(Noise n) { return n <= Noise::diagonal; }
  static constexpr double strong_order(Noise n) { return admits(n) ? 1.0 : 0.0; }
  static constexpr double weak_order(Noise n) { return admits(n) ? 1.0 : 0.0; }

  template <class F>
  struct Step {
    F field;
    double h;

    template <class Time, class X, class W>
    KOKKOS_FORCEINLINE_FUNCTION X operator()(const Time& t, const X& x, const W& w) const {
      using R = lane_of<X>;
      using T = value_of<R>;
      const auto g = field.diffusion(t, x);
      const auto drifted = fma(field.drift(t, x), R(T(h)), x);
      if constexpr (F::noise == Noise::additive) return fma(g, w.dw, drifted);
      const T root = sqrt(T(h));
      const R weight(1 / (2 * root));
      const auto v =
          generate(w.dw, [&](int k) { return weight * fma(w.dw[k], w.dw[k], R(T(-h))); });
      const auto rest = generate(w.dw, [&](int k) { return w.dw[k] - v[k]; });
      const auto beside = fma(g, generate(w.dw, [&](int) { return R(root); }), drifted);
      return fma(field.diffusion(t, beside), v, fma(g, rest, drifted));
    }
  };
};
static_assert(Scheme<MilsteinDerivativeFree>);

}  // namespace driftwood::sde

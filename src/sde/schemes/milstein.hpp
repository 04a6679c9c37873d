// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sde/derivative.hpp"

namespace driftwood::sde {

/// y + sum_kj (dg_j/dx) g_k I_kj at (t, x), where I_kj = (W_k W_j - [k = j] h) / 2 + A_kj: the term
/// that Milstein's scheme adds to Euler-Maruyama's. Commutative noise does without the areas A, as
/// their contributions cancel. Kloeden and Platen (1992), section 10.3.
template <class F, class H, class Time, class X, class G, class W>
KOKKOS_FORCEINLINE_FUNCTION X milstein_term(const F& field, const H& h, const Time& t, const X& x,
                                            const G& g, const W& w, X y) {
  using R = lane_of<X>;
  using T = value_of<R>;
  const R half(T(0.5));
  if constexpr (F::noise == Noise::diagonal) {
    const auto d = diagonal_derivative(field, t, x, g);
    return generate(
        x, [&](int i) { return fma(half * d[i], fma(w.dw[i], w.dw[i], as_lane<R>(-h)), y[i]); });
  } else if constexpr (F::noise != Noise::additive) {
    for (int j = 0; j < field.noise_dim; ++j) {
      const auto freed = scope(x);
      auto direction = generate(x, [](int) { return R(0); });
      for (int k = 0; k < field.noise_dim; ++k) {
        R integral = half * (k == j ? fma(w.dw[k], w.dw[k], as_lane<R>(-h)) : w.dw[k] * w.dw[j]);
        if constexpr (F::noise == Noise::general) {
          integral = integral + levy_area(w.levy, k, j, field.noise_dim);
        }
        for (int i = 0; i < x.size(); ++i) {
          direction[i] = fma(entry(g, i, k), integral, direction[i]);
        }
      }
      const auto term = column_derivative(field, t, x, j, direction);
      for (int i = 0; i < x.size(); ++i) y[i] = y[i] + term[i];
    }
  }
  return y;
}

/// Milstein's scheme in the form that the noise allows. General noise takes the Levy areas from
/// their Fourier series.
struct Milstein {
  static constexpr std::string_view name = "milstein";
  static constexpr std::string_view summary = "Euler-Maruyama + sum_kj (dg_j) g_k I_kj";
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr int evaluations = 1;
  static constexpr Increments increments(Noise n) {
    return n == Noise::general ? Increments::with_levy : Increments::brownian;
  }
  static constexpr double strong_order(Noise) { return 1.0; }
  static constexpr double weak_order(Noise) { return 1.0; }
  /// On additive noise it is Euler-Maruyama, which knows its error without a second step.
  static constexpr bool adapts(Noise n) { return n != Noise::general && n != Noise::additive; }

  template <class F, class H = double>
  struct Step {
    F field;
    H h;

    template <class Time, class X, class W>
    KOKKOS_FORCEINLINE_FUNCTION X operator()(const Time& t, const X& x, const W& w) const {
      using R = lane_of<X>;
      const auto g = field.diffusion(t, x);
      const auto drifted = fma(field.drift(t, x), as_lane<R>(h), x);
      return milstein_term(field, h, t, x, g, w, fma(g, w.dw, drifted));
    }
  };
};
static_assert(Scheme<Milstein>);

}  // namespace driftwood::sde

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sde/concepts.hpp"

namespace driftwood::sde {

/// A field that takes the step itself, as one that shares work between drift and diffusion can.
template <class F, class X>
concept HasEuler = requires(const F f, double t, const X x, const lane_of<X> h) {
  { f.euler(t, x, h, x) } -> std::same_as<X>;
};

/// Euler-Maruyama, x + f h + g dW. Kloeden and Platen (1992), section 10.2.
struct EulerMaruyama {
  static constexpr std::string_view name = "euler_maruyama";
  static constexpr std::string_view summary = "x + f h + g dW";
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr int evaluations = 1;
  static constexpr Increments increments(Noise) { return Increments::brownian; }
  static constexpr double strong_order(Noise n) { return n == Noise::additive ? 1.0 : 0.5; }
  static constexpr double weak_order(Noise) { return 1.0; }
  static constexpr bool estimates_error = true;
  static constexpr bool adapts(Noise n) { return n == Noise::additive; }

  template <class F, class H = double>
  struct Step {
    F field;
    H h;

    template <class Time, class X, class W>
    KOKKOS_FORCEINLINE_FUNCTION X operator()(const Time& t, const X& x, const W& w) const {
      using R = lane_of<X>;
      const R step = as_lane<R>(h);
      if constexpr (HasEuler<F, X>) {
        return field.euler(t, x, step, w.dw);
      } else {
        const auto drifted = fma(field.drift(t, x), step, x);
        return fma(field.diffusion(t, x), w.dw, drifted);
      }
    }

    /// The same, and the error of the drift: h |f(y) - f(x)| / 2. Lamba (2003), "An adaptive
    /// timestepping algorithm for stochastic differential equations".
    template <class Time, class X, class W>
    KOKKOS_FORCEINLINE_FUNCTION X with_error(const Time& t, const X& x, const W& w,
                                             X& error) const {
      using R = lane_of<X>;
      const R step = as_lane<R>(h);
      const auto f = field.drift(t, x);
      const X y = fma(field.diffusion(t, x), w.dw, fma(f, step, x));
      const auto later = field.drift(t + h, y);
      const R half = as_lane<R>(0.5 * h);
      for (int i = 0; i < x.size(); ++i) error[i] = half * abs(later[i] - f[i]);
      return y;
    }
  };
};
static_assert(Scheme<EulerMaruyama>);

}  // namespace driftwood::sde

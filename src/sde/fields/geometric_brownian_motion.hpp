// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>

#include "sde/concepts.hpp"

namespace driftwood::sde {

/// N geometric Brownian motions, dS_i = drift_i S_i dt + volatility_i S_i (L dW)_i, where L L^T is
/// the correlation matrix of the log returns. Glasserman (2004), section 3.2.3.
template <class P = double, int N = 1>
struct GeometricBrownianMotion {
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr Noise noise = N == 1 ? Noise::diagonal : Noise::commutative;
  static constexpr int dim = N;
  static constexpr int noise_dim = N;

  P rate[N];        ///< drift_i [1/time]
  P volatility[N];  ///< [1/sqrt(time)]
  P factor[N][N];   ///< L, lower triangular, with rows of norm 1

  void describe(deck::Schema&) {}

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Vec<R, N> drift(const auto&, const Vec<R, N>& x) const {
    Vec<R, N> out;
    for (int i = 0; i < N; ++i) out[i] = R(rate[i]) * x[i];
    return out;
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Lower<R, N> diffusion(const auto&, const Vec<R, N>& x) const {
    Lower<R, N> out;
    if constexpr (N == 1) {
      out(0, 0) = R(volatility[0]) * x[0];
    } else {
      for (int i = 0; i < N; ++i) {
        for (int j = 0; j <= i; ++j) out(i, j) = R(volatility[i]) * R(factor[i][j]) * x[i];
      }
    }
    return out;
  }

  /// S_i(h) = S_i exp((drift_i - volatility_i^2 / 2) h + volatility_i (L dw)_i), path by path the
  /// solution.
  template <class H>
  struct Transition {
    GeometricBrownianMotion field;
    H h;

    template <class R>
    KOKKOS_FORCEINLINE_FUNCTION Vec<R, N> operator()(const Vec<R, N>& x,
                                                     const Vec<R, N>& dw) const {
      using T = value_of<R>;
      const R step = as_lane<R>(h);
      Vec<R, N> out;
      for (int i = 0; i < N; ++i) {
        const R volatility(field.volatility[i]);
        R correlated(0);
        for (int j = 0; j <= i; ++j) {
          correlated = N == 1 ? dw[0] : fma(R(field.factor[i][j]), dw[j], correlated);
        }
        const R growth = fma(volatility * volatility, R(T(-0.5)), R(field.rate[i]));
        out[i] = x[i] * math::exp(fma(growth, step, volatility * correlated));
      }
      return out;
    }
  };
  static constexpr bool transition_takes_lanes = true;
  template <class H>
  [[nodiscard]] KOKKOS_FUNCTION Transition<H> transition(const H& h) const {
    return {*this, h};
  }

  /// The transition from time 0.
  template <class R>
  KOKKOS_FUNCTION Vec<R, N> solution(double t, const Vec<R, N>& x, const Vec<R, N>& w) const {
    return transition(t)(x, w);
  }
};
static_assert(HasTransition<GeometricBrownianMotion<>>);
static_assert(HasTransition<GeometricBrownianMotion<double, 3>>);

}  // namespace driftwood::sde

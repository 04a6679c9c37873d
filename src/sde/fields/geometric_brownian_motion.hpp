// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>

#include "sde/concepts.hpp"

namespace driftwood::sde {

/// A basket of N correlated geometric Brownian motions, dS_i = drift_i S_i dt + S_i (B dW)_i, where
/// B B^T is the covariance of the log returns per time: B = diag(volatility) L with L the Cholesky
/// factor of their correlation. Glasserman (2004), section 3.2.3.
template <int N>
struct GeometricBrownianMotion {
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr Noise noise = N == 1 ? Noise::diagonal : Noise::commutative;
  static constexpr int dim = N;
  static constexpr int noise_dim = N;

  double rate[N];       ///< drift_i [1/time]
  double factor[N][N];  ///< B, lower triangular [1/sqrt(time)]

  void describe(deck::Schema&) {}

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Vec<R, N> drift(double, const Vec<R, N>& x) const {
    Vec<R, N> out;
    for (int i = 0; i < N; ++i) out[i] = R(static_cast<value_of<R>>(rate[i])) * x[i];
    return out;
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Lower<R, N> diffusion(double, const Vec<R, N>& x) const {
    Lower<R, N> out;
    for (int i = 0; i < N; ++i) {
      for (int j = 0; j <= i; ++j) out(i, j) = R(static_cast<value_of<R>>(factor[i][j])) * x[i];
    }
    return out;
  }

  /// S_i(h) = S_i exp((drift_i - (B B^T)_ii / 2) h + (B dw)_i), path by path the solution.
  struct Transition {
    double log_drift[N];
    double factor[N][N];

    template <class R>
    KOKKOS_FORCEINLINE_FUNCTION Vec<R, N> operator()(const Vec<R, N>& x,
                                                     const Vec<R, N>& dw) const {
      using T = value_of<R>;
      Vec<R, N> out;
      for (int i = 0; i < N; ++i) {
        R exponent = R(T(log_drift[i]));
        for (int j = 0; j <= i; ++j) exponent = fma(R(T(factor[i][j])), dw[j], exponent);
        out[i] = x[i] * math::exp(exponent);
      }
      return out;
    }
  };
  [[nodiscard]] KOKKOS_FUNCTION Transition transition(double h) const {
    Transition out{};
    for (int i = 0; i < N; ++i) {
      double variance = 0;
      for (int j = 0; j <= i; ++j) {
        out.factor[i][j] = factor[i][j];
        variance += factor[i][j] * factor[i][j];
      }
      out.log_drift[i] = (rate[i] - variance / 2) * h;
    }
    return out;
  }

  /// The transition from time 0.
  template <class R>
  KOKKOS_FUNCTION Vec<R, N> solution(double t, const Vec<R, N>& x, const Vec<R, N>& w) const {
    return transition(t)(x, w);
  }
};
static_assert(HasTransition<GeometricBrownianMotion<1>>);
static_assert(HasTransition<GeometricBrownianMotion<3>>);

}  // namespace driftwood::sde

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sde/concepts.hpp"

namespace driftwood::sde {

using driftwood::fma;  // of numbers, beside those below

/// The diffusion of a basket, G_ij = factor_ij S_i for j <= i.
template <class R>
struct BasketDiffusion {
  const double* factor;  ///< rows of a square matrix
  Block<R> prices;
};
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R entry(const BasketDiffusion<R>& g, int i, int j) {
  if (j > i) return R(0);
  return R(static_cast<value_of<R>>(g.factor[i * g.prices.size() + j])) * g.prices[i];
}
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Block<R> fma(const BasketDiffusion<R>& g, const Block<R>& w,
                                         const Block<R>& c) {
  return generate(c, [&](int i) {
    R sum = c[i];
    for (int j = 0; j <= i; ++j) sum = fma(entry(g, i, j), w[j], sum);
    return sum;
  });
}

/// A basket of any number of correlated geometric Brownian motions, as `GeometricBrownianMotion`.
struct Basket {
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr Noise noise = Noise::commutative;

  int dim;
  int noise_dim;             ///< the same
  const double* rate;        ///< drift_i [1/time]
  const double* factor;      ///< B, rows of a lower triangular matrix [1/sqrt(time)]
  const double* half_trace;  ///< (B B^T)_ii / 2 [1/time]

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Block<R> drift(double, const Block<R>& x) const {
    return generate(x, [&](int i) { return R(static_cast<value_of<R>>(rate[i])) * x[i]; });
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION BasketDiffusion<R> diffusion(double, const Block<R>& x) const {
    return {factor, x};
  }

  /// The solution, path by path.
  struct Transition {
    const double* rate;
    const double* factor;
    const double* half_trace;
    double h;

    template <class R>
    KOKKOS_FORCEINLINE_FUNCTION Block<R> operator()(const Block<R>& x, const Block<R>& dw) const {
      using T = value_of<R>;
      return generate(x, [&](int i) {
        R exponent = R(T((rate[i] - half_trace[i]) * h));
        for (int j = 0; j <= i; ++j) {
          exponent = fma(R(T(factor[i * x.size() + j])), dw[j], exponent);
        }
        return x[i] * math::exp(exponent);
      });
    }
  };
  [[nodiscard]] Transition transition(double h) const { return {rate, factor, half_trace, h}; }
};
static_assert(HasTransition<Basket>);

}  // namespace driftwood::sde

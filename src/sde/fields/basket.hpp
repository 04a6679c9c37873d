// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sde/concepts.hpp"

namespace driftwood::sde {

using driftwood::fma;  // of numbers, beside those below

/// The diffusion of a basket, G_ij = factor_ij S_i for j <= i.
template <class R, class P>
struct BasketDiffusion {
  const P* volatility;
  const double* factor;  ///< rows of a square matrix
  Block<R> prices;
};
template <class R, class P>
KOKKOS_FORCEINLINE_FUNCTION R entry(const BasketDiffusion<R, P>& g, int i, int j) {
  if (j > i) return R(0);
  const R factor(static_cast<value_of<R>>(g.factor[i * g.prices.size() + j]));
  return R(g.volatility[i]) * factor * g.prices[i];
}
template <class R, class P>
KOKKOS_FORCEINLINE_FUNCTION Block<R> fma(const BasketDiffusion<R, P>& g, const Block<R>& w,
                                         const Block<R>& c) {
  return generate(c, [&](int i) {
    R sum = c[i];
    for (int j = 0; j <= i; ++j) sum = fma(entry(g, i, j), w[j], sum);
    return sum;
  });
}

/// A basket of any number of correlated geometric Brownian motions, as `GeometricBrownianMotion`.
template <class P = double>
struct Basket {
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr Noise noise = Noise::commutative;

  int dim;
  int noise_dim;         ///< the same
  const double* factor;  ///< L of the correlation matrix L L^T, by rows
  int parameters;        ///< twice `dim`
  const P* parameter;    ///< drift_i [1/time], then volatility_i [1/sqrt(time)]

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Basket<R> with(const Block<R>& values) const {
    return {dim, noise_dim, factor, parameters, values.data};
  }

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Block<R> drift(const auto&, const Block<R>& x) const {
    return generate(x, [&](int i) { return R(parameter[i]) * x[i]; });
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION BasketDiffusion<R, P> diffusion(const auto&,
                                                              const Block<R>& x) const {
    return {parameter + dim, factor, x};
  }

  /// The solution, path by path.
  template <class H>
  struct Transition {
    const P* parameter;
    const double* factor;
    H h;

    template <class R>
    KOKKOS_FORCEINLINE_FUNCTION Block<R> operator()(const Block<R>& x, const Block<R>& dw) const {
      using T = value_of<R>;
      return generate(x, [&](int i) {
        const R volatility(parameter[x.size() + i]);
        R correlated(0);
        for (int j = 0; j <= i; ++j) {
          correlated = fma(R(T(factor[i * x.size() + j])), dw[j], correlated);
        }
        const R growth = fma(volatility * volatility, R(T(-0.5)), R(parameter[i]));
        return x[i] * math::exp(fma(growth, as_lane<R>(h), volatility * correlated));
      });
    }
  };
  static constexpr bool transition_takes_lanes = true;
  template <class H>
  [[nodiscard]] KOKKOS_FUNCTION Transition<H> transition(const H& h) const {
    return {parameter, factor, h};
  }
};
static_assert(HasTransition<Basket<>>);

}  // namespace driftwood::sde

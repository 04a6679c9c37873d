// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/error.hpp"
#include "sde/concepts.hpp"

namespace driftwood::sde {

using driftwood::fma;  // of numbers, beside those below

/// A dense matrix of numbers that are the same for all paths, by rows.
template <class R>
struct ConstantMatrix {
  const double* entries;
  int columns;
};
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R entry(const ConstantMatrix<R>& a, int i, int j) {
  return R(static_cast<value_of<R>>(a.entries[i * a.columns + j]));
}
/// a w + c
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Block<R> fma(const ConstantMatrix<R>& a, const Block<R>& w,
                                         const Block<R>& c) {
  return generate(c, [&](int i) {
    R sum = c[i];
    for (int j = 0; j < a.columns; ++j) sum = fma(entry(a, i, j), w[j], sum);
    return sum;
  });
}

/// dX = A (mean - X) dt + B dW for any number of components. Gardiner (2009), section 4.5.6. Points
/// into what the model holds.
template <class P = double>
struct MultivariateOrnsteinUhlenbeck {
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr Noise noise = Noise::additive;

  int dim;
  int noise_dim;       ///< the same: the exact law has as many independent directions
  const double* rate;  ///< A, by rows [1/time]
  const double*
      factor;           ///< B, by rows, with columns of zeros where it has fewer [state/sqrt(time)]
  const double* decay;  ///< exp(-A h) for the step h of the run, by rows
  const double* spread;  ///< L with L L^T h = covariance after one step, by rows
  int parameters;        ///< the same as `dim`
  const P* parameter;    ///< mean [state]

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION MultivariateOrnsteinUhlenbeck<R> with(const Block<R>& values) const {
    return {dim, noise_dim, rate, factor, decay, spread, parameters, values.data};
  }

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Block<R> drift(const auto&, const Block<R>& x) const {
    const Block<R> distance = generate(x, [&](int i) { return R(parameter[i]) - x[i]; });
    const Block<R> zero = generate(x, [](int) { return R(0); });
    return fma(ConstantMatrix<R>{rate, dim}, distance, zero);
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION ConstantMatrix<R> diffusion(const auto&, const Block<R>&) const {
    return {factor, noise_dim};
  }

  /// X(h) = mean + decay (x - mean) + spread dw, in law.
  struct Transition {
    int dim;
    const P* mean;
    const double* decay;
    const double* spread;

    template <class R>
    KOKKOS_FORCEINLINE_FUNCTION Block<R> operator()(const Block<R>& x, const Block<R>& dw) const {
      const Block<R> distance = generate(x, [&](int i) { return x[i] - R(mean[i]); });
      const Block<R> centre = generate(x, [&](int i) { return R(mean[i]); });
      const Block<R> reverted = fma(ConstantMatrix<R>{decay, dim}, distance, centre);
      return fma(ConstantMatrix<R>{spread, dim}, dw, reverted);
    }
  };
  /// For the step of the run, as the matrices are.
  [[nodiscard]] KOKKOS_FUNCTION Transition transition(double) const {
    return {dim, parameter, decay, spread};
  }
};
static_assert(HasTransition<MultivariateOrnsteinUhlenbeck<>>);

}  // namespace driftwood::sde

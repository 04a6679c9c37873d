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
struct MultivariateOrnsteinUhlenbeck {
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr Noise noise = Noise::additive;

  int dim;
  int noise_dim;       ///< the same: the exact law has as many independent directions
  const double* rate;  ///< A, by rows [1/time]
  const double* mean;  ///< [state]
  const double*
      factor;           ///< B, by rows, with columns of zeros where it has fewer [state/sqrt(time)]
  double step;          ///< of which the law is below [time]
  const double* decay;  ///< exp(-A step), by rows
  const double* spread;  ///< L with L L^T step = covariance after one step, by rows

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Block<R> drift(double, const Block<R>& x) const {
    using T = value_of<R>;
    const Block<R> distance = generate(x, [&](int i) { return R(T(mean[i])) - x[i]; });
    const Block<R> zero = generate(x, [](int) { return R(0); });
    return fma(ConstantMatrix<R>{rate, dim}, distance, zero);
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION ConstantMatrix<R> diffusion(double, const Block<R>&) const {
    return {factor, noise_dim};
  }

  /// X(step) = mean + decay (x - mean) + spread dw, in law.
  struct Transition {
    int dim;
    const double* mean;
    const double* decay;
    const double* spread;

    template <class R>
    KOKKOS_FORCEINLINE_FUNCTION Block<R> operator()(const Block<R>& x, const Block<R>& dw) const {
      using T = value_of<R>;
      const Block<R> distance = generate(x, [&](int i) { return x[i] - R(T(mean[i])); });
      const Block<R> centre = generate(x, [&](int i) { return R(T(mean[i])); });
      const Block<R> reverted = fma(ConstantMatrix<R>{decay, dim}, distance, centre);
      return fma(ConstantMatrix<R>{spread, dim}, dw, reverted);
    }
  };
  /// Throws `Error` for another step than `step`.
  [[nodiscard]] Transition transition(double h) const {
    if (h != step) throw Error("the exact law is known for one step size only");
    return {dim, mean, decay, spread};
  }
};
static_assert(HasTransition<MultivariateOrnsteinUhlenbeck>);

}  // namespace driftwood::sde

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/dual.hpp"
#include "sde/concepts.hpp"

namespace driftwood::sde {

/// The state x with the direction v, to differentiate along.
template <class X>
KOKKOS_FORCEINLINE_FUNCTION auto along(const X& x, const X& v) {
  return generate(x, [&](int i) { return Dual<lane_of<X>>(x[i], v[i]); });
}

/// Column k of a diffusion matrix, as a state like `x`.
template <class G, class X>
KOKKOS_FORCEINLINE_FUNCTION X column(const G& g, int k, const X& x) {
  return generate(x, [&](int i) { return entry(g, i, k); });
}

/// The derivative of column k of the diffusion along v: (dg_k/dx) v.
template <class F, class Time, class X>
KOKKOS_FORCEINLINE_FUNCTION X column_derivative(const F& field, const Time& t, const X& x, int k,
                                                const X& v) {
  const auto g = field.diffusion(t, along(x, v));
  return generate(x, [&](int i) { return entry(g, i, k).tangent; });
}

/// (g_i dg_i/dx_i)_i of a diagonal diffusion, all components by one evaluation.
template <class F, class Time, class X, class G>
KOKKOS_FORCEINLINE_FUNCTION X diagonal_derivative(const F& field, const Time& t, const X& x,
                                                  const G& g) {
  const auto derivative =
      field.diffusion(t, along(x, generate(x, [&](int i) { return entry(g, i, i); })));
  return generate(x, [&](int i) { return entry(derivative, i, i).tangent; });
}

/// sum_k (dg_k/dx) g_k: twice what separates the drifts of the two calculi.
template <class F, class Time, class X>
KOKKOS_FORCEINLINE_FUNCTION X noise_induced_drift(const F& field, const Time& t, const X& x) {
  const auto g = field.diffusion(t, x);
  if constexpr (F::noise == Noise::diagonal) {
    return diagonal_derivative(field, t, x, g);
  } else {
    auto sum = generate(x, [](int) { return lane_of<X>(0); });
    for (int k = 0; k < field.noise_dim; ++k) {
      const auto freed = scope(x);
      const auto term = column_derivative(field, t, x, k, column(g, k, x));
      for (int i = 0; i < x.size(); ++i) sum[i] = sum[i] + term[i];
    }
    return sum;
  }
}

}  // namespace driftwood::sde

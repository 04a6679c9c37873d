// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sde/derivative.hpp"

namespace driftwood::sde {

/// The same process written in the other calculus: f_S = f_I - (1/2) sum_k (dg_k/dx) g_k. Kloeden
/// and Platen (1992), section 4.9. The derivative is exact, by dual numbers.
template <VectorField F>
struct Converted : F {
  static constexpr Calculus calculus =
      F::calculus == Calculus::ito ? Calculus::stratonovich : Calculus::ito;

  template <class Time, class X>
  KOKKOS_FORCEINLINE_FUNCTION X drift(const Time& t, const X& x) const {
    using R = lane_of<X>;
    const R half(value_of<R>(F::calculus == Calculus::ito ? -0.5 : 0.5));
    const F& field = *this;
    return fma(noise_induced_drift(field, t, x), half, field.drift(t, x));
  }
};

/// The form of the field F that the scheme S integrates. Additive noise is the same in both.
template <class S, class F>
using FieldFor = std::conditional_t<S::calculus == F::calculus || F::noise == Noise::additive ||
                                        UsesTransition<S>,
                                    F, Converted<F>>;

}  // namespace driftwood::sde

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sde/concepts.hpp"

namespace driftwood::sde {

/// Two Brownian motions and the signed area between their path and its chord: dX1 = dW1, dX2 = dW2,
/// dX3 = (X1 o dW2 - X2 o dW1) / 2. Levy (1951). No function of the increments of a step gives the
/// area: schemes without Levy areas have strong order 1/2 here, Clark and Cameron (1980).
struct LevyArea {
  static constexpr std::string_view name = "levy_area";
  static constexpr std::string_view summary =
      "dX1 = dW1, dX2 = dW2, dX3 = (X1 o dW2 - X2 o dW1) / 2";
  static constexpr Calculus calculus = Calculus::stratonovich;
  static constexpr Noise noise = Noise::general;
  static constexpr int dim = 3;
  static constexpr int noise_dim = 2;
  static constexpr std::array<Component, dim> components = {{{"x1", "1", "first Brownian motion"},
                                                             {"x2", "1", "second Brownian motion"},
                                                             {"x3", "1", "Levy area"}}};

  void describe(deck::Schema&) {}

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Vec<R, 3> drift(const auto&, const Vec<R, 3>&) const {
    return {R(0), R(0), R(0)};
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Mat<R, 3, 2> diffusion(const auto&, const Vec<R, 3>& x) const {
    const R half(value_of<R>(0.5));
    return {{{R(1), R(0)}, {R(0), R(1)}, {-(half * x[1]), half * x[0]}}};
  }
};
static_assert(VectorField<LevyArea>);

}  // namespace driftwood::sde

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sde/concepts.hpp"

namespace driftwood::sde {

/// Overdamped motion in the double well U(x) = b x^4 / 4 - a x^2 / 2: dX = (a X - b X^3) dt + sigma
/// dW, with wells at +-sqrt(a/b) behind a barrier of height a^2 / (4 b). Gardiner (2009),
/// section 5.1.
template <class P = double>
struct DoubleWell {
  static constexpr std::string_view name = "double_well";
  static constexpr std::string_view summary = "dX = (a X - b X^3) dt + sigma dW";
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr Noise noise = Noise::additive;
  static constexpr int dim = 1;
  static constexpr int noise_dim = 1;
  static constexpr std::array<Component, dim> components = {{{"x", "1", "position"}}};

  P a{1.0};
  P b{1.0};
  P sigma{0.7};

  void describe(deck::Schema& s) {
    s.key("a", a, deck::finite, "linear coefficient of the force [1/time]");
    s.key("b", b, deck::positive, "cubic coefficient of the force [1/(time state^2)]");
    s.key("sigma", sigma, deck::positive, "noise [state/sqrt(time)]");
  }

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Vec<R, 1> drift(const auto&, const Vec<R, 1>& x) const {
    return {x[0] * fma(R(-b) * x[0], x[0], R(a))};
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Diagonal<R, 1> diffusion(const auto&, const Vec<R, 1>&) const {
    return {R(sigma)};
  }
};
static_assert(VectorField<DoubleWell<>>);

}  // namespace driftwood::sde

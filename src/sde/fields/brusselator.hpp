// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sde/concepts.hpp"

namespace driftwood::sde {

/// The Brusselator, Prigogine and Lefever (1968), with a noisy rate b, after Arnold, Bleckert and
/// Schenk-Hoppe (1999): dX = (a - (b + 1) X + X^2 Y) dt - sigma X o dW, dY = (b X - X^2 Y) dt +
/// sigma X o dW. What one species loses to the noise the other gains, so that d(X + Y) = (a - X)
/// dt. Without noise it oscillates for b > 1 + a^2.
template <class P = double>
struct Brusselator {
  static constexpr std::string_view name = "brusselator";
  static constexpr std::string_view summary =
      "dX = (a - (b + 1) X + X^2 Y) dt - sigma X o dW, dY = (b X - X^2 Y) dt + sigma X o dW";
  static constexpr Calculus calculus = Calculus::stratonovich;
  static constexpr Noise noise = Noise::scalar;
  static constexpr int dim = 2;
  static constexpr int noise_dim = 1;
  static constexpr std::array<Component, dim> components = {
      {{"x", "1", "concentration of the activator"}, {"y", "1", "concentration of the inhibitor"}}};

  P a{1.0};
  P b{3.0};
  P sigma{0.2};

  void describe(deck::Schema& s) {
    s.key("a", a, deck::finite, "supply of the activator [state/time]");
    s.key("b", b, deck::finite, "mean rate from activator to inhibitor [1/time]");
    s.key("sigma", sigma, deck::finite, "noise of that rate [1/sqrt(time)]");
  }

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Vec<R, 2> drift(const auto&, const Vec<R, 2>& x) const {
    const R exchanged = x[0] * fma(x[0], x[1], R(-b));  // X^2 Y - b X
    return {exchanged - x[0] + R(a), -exchanged};
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Mat<R, 2, 1> diffusion(const auto&, const Vec<R, 2>& x) const {
    const R g = R(sigma) * x[0];
    return {{{-g}, {g}}};
  }
};
static_assert(VectorField<Brusselator<>>);

}  // namespace driftwood::sde

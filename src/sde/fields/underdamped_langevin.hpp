// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sde/concepts.hpp"

namespace driftwood::sde {

/// A particle of unit mass in the potential U(q) = stiffness q^2 / 2 + quartic q^4 / 4 and a heat
/// bath: dQ = V dt, dV = (-U'(Q) - friction V) dt + sqrt(2 friction temperature) dW. A negative
/// stiffness makes a double well. The stationary law is exp(-(v^2 / 2 + U(q)) / temperature).
/// Risken (1989), chapter 10; defaults in reduced units.
struct UnderdampedLangevin {
  static constexpr std::string_view name = "underdamped_langevin";
  static constexpr std::string_view summary =
      "dQ = V dt, dV = (-stiffness Q - quartic Q^3 - friction V) dt + sqrt(2 friction temperature) "
      "dW";
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr Noise noise = Noise::additive;
  static constexpr int dim = 2;
  static constexpr int noise_dim = 1;
  static constexpr std::array<Component, dim> components = {
      {{"position", "1", "position"}, {"velocity", "1/time", "velocity"}}};

  double stiffness = 1.0;
  double quartic = 0.0;
  double friction = 1.0;
  double temperature = 1.0;

  void describe(deck::Schema& s) {
    s.key("stiffness", stiffness, deck::finite,
          "quadratic coefficient of the potential [1/time^2]");
    s.key("quartic", quartic, deck::non_negative,
          "quartic coefficient of the potential [1/(time^2 state^2)]");
    s.key("friction", friction, deck::non_negative, "friction per mass [1/time]");
    s.key("temperature", temperature, deck::non_negative,
          "temperature, as the variance of the velocity [state^2/time^2]");
  }

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Vec<R, 2> drift(double, const Vec<R, 2>& x) const {
    using T = value_of<R>;
    const R pull = x[0] * fma(R(T(-quartic)) * x[0], x[0], R(T(-stiffness)));
    return {x[1], fma(R(T(-friction)), x[1], pull)};
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Mat<R, 2, 1> diffusion(double, const Vec<R, 2>&) const {
    return {{{R(0)}, {R(static_cast<value_of<R>>(::sqrt(2 * friction * temperature)))}}};
  }
};
static_assert(VectorField<UnderdampedLangevin>);

}  // namespace driftwood::sde

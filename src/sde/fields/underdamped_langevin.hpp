// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sde/concepts.hpp"

namespace driftwood::sde {

/// A particle of unit mass in the potential U(q) = stiffness q^2 / 2 + quartic q^4 / 4 and a heat
/// bath: dQ = V dt, dV = (-U'(Q) - friction V) dt + sqrt(2 friction temperature) dW. A negative
/// stiffness makes a double well. The stationary law is exp(-(v^2 / 2 + U(q)) / temperature).
/// Risken (1989), chapter 10; defaults in reduced units.
template <class P = double>
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

  P stiffness{1.0};
  P quartic{0.0};
  P friction{1.0};
  P temperature{1.0};

  static constexpr int parameters = 4;        // those above
  P sigma = noise_of(friction, temperature);  ///< sqrt(2 friction temperature)

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
  KOKKOS_FORCEINLINE_FUNCTION Vec<R, 2> drift(const auto&, const Vec<R, 2>& x) const {
    const R pull = x[0] * fma(R(-quartic) * x[0], x[0], R(-stiffness));
    return {x[1], fma(R(-friction), x[1], pull)};
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Mat<R, 2, 1> diffusion(const auto&, const Vec<R, 2>&) const {
    return {{{R(0)}, {R(sigma)}}};
  }

 private:
  KOKKOS_FORCEINLINE_FUNCTION static P noise_of(const P& friction, const P& temperature) {
    if constexpr (is_law<P>) {
      return {};
    } else {
      return sqrt(P(2) * friction * temperature);
    }
  }
};
static_assert(VectorField<UnderdampedLangevin<>>);

}  // namespace driftwood::sde

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sde/concepts.hpp"

namespace driftwood::sde {

/// Lorenz (1963) with multiplicative noise: dX = s (Y - X) dt + sigma X dW1, dY = (X (r - Z) - Y)
/// dt
/// + sigma Y dW2, dZ = (X Y - b Z) dt + sigma Z dW3. Chekroun, Simonnet and Ghil (2011) study it
/// with one noise for all components and sigma from 0.3 to 0.5; here they are independent.
template <class P = double>
struct StochasticLorenz {
  static constexpr std::string_view name = "stochastic_lorenz";
  static constexpr std::string_view summary =
      "dX = s (Y - X) dt, dY = (X (r - Z) - Y) dt, dZ = (X Y - b Z) dt, each + sigma (X|Y|Z) dW";
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr Noise noise = Noise::diagonal;
  static constexpr int dim = 3;
  static constexpr int noise_dim = 3;
  static constexpr std::array<Component, dim> components = {
      {{"x", "1", "rate of convection"},
       {"y", "1", "horizontal temperature variation"},
       {"z", "1", "vertical temperature variation"}}};

  P s{10.0};
  P r{28.0};
  P b{8.0 / 3.0};
  P sigma{0.3};

  void describe(deck::Schema& schema) {
    schema.key("s", s, deck::positive, "Prandtl number [1/time]");
    schema.key("r", r, deck::finite, "Rayleigh number, relative to the onset of convection [1]");
    schema.key("b", b, deck::positive, "geometric factor [1/time]");
    schema.key("sigma", sigma, deck::non_negative, "noise [1/sqrt(time)]");
  }

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Vec<R, 3> drift(const auto&, const Vec<R, 3>& x) const {
    return {R(s) * (x[1] - x[0]), fma(x[0], R(r) - x[2], -x[1]), fma(x[0], x[1], R(-b) * x[2])};
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Diagonal<R, 3> diffusion(const auto&, const Vec<R, 3>& x) const {
    const R g(sigma);
    return {g * x[0], g * x[1], g * x[2]};
  }
};
static_assert(VectorField<StochasticLorenz<>>);

}  // namespace driftwood::sde

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sde/concepts.hpp"

namespace driftwood::sde {

/// Predator and prey, Lotka (1925) and Volterra (1926), in a randomly varying environment: dX = X
/// (alpha - beta Y) dt + sigma_prey X dW1, dY = Y (delta X - gamma) dt + sigma_predator Y dW2.
/// Defaults: hares and lynxes in Canada, 1900 to 1920, as fitted by Carpenter (2018),
/// "Predator-prey population dynamics: the Lotka-Volterra model in Stan".
template <class P = double>
struct LotkaVolterra {
  static constexpr std::string_view name = "lotka_volterra";
  static constexpr std::string_view summary =
      "dX = X (alpha - beta Y) dt + sigma_prey X dW1, dY = Y (delta X - gamma) dt + sigma_predator "
      "Y dW2";
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr Noise noise = Noise::diagonal;
  static constexpr int dim = 2;
  static constexpr int noise_dim = 2;
  static constexpr std::array<Component, dim> components = {
      {{"prey", "1000", "number of prey"}, {"predator", "1000", "number of predators"}}};

  P alpha{0.55};
  P beta{0.028};
  P gamma{0.80};
  P delta{0.024};
  P sigma_prey{0.1};
  P sigma_predator{0.1};

  void describe(deck::Schema& s) {
    s.key("alpha", alpha, deck::finite, "growth rate of the prey [1/time]");
    s.key("beta", beta, deck::finite, "prey lost per predator [1/(time predator)]");
    s.key("gamma", gamma, deck::finite, "death rate of the predators [1/time]");
    s.key("delta", delta, deck::finite, "predators gained per prey [1/(time prey)]");
    s.key("sigma_prey", sigma_prey, deck::non_negative, "noise of the prey [1/sqrt(time)]");
    s.key("sigma_predator", sigma_predator, deck::non_negative,
          "noise of the predators [1/sqrt(time)]");
  }

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Vec<R, 2> drift(const auto&, const Vec<R, 2>& x) const {
    return {x[0] * fma(R(-beta), x[1], R(alpha)), x[1] * fma(R(delta), x[0], R(-gamma))};
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Diagonal<R, 2> diffusion(const auto&, const Vec<R, 2>& x) const {
    return {R(sigma_prey) * x[0], R(sigma_predator) * x[1]};
  }
};
static_assert(VectorField<LotkaVolterra<>>);

}  // namespace driftwood::sde

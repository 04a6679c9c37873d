// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>

#include "sde/concepts.hpp"

namespace driftwood::sde {

/// Heston (1993): dS = rate S dt + sqrt(v) S dW1, dv = kappa (theta - v) dt + sigma sqrt(v) dW2
/// with corr(dW1, dW2) = rho. The coefficients use max(v, 0): full truncation, Lord, Koekkoek and
/// van Dijk (2010), so that a step may leave v < 0 and the drift brings it back.
template <class P = double>
struct Heston {
  static constexpr std::string_view name = "heston";
  static constexpr std::string_view summary =
      "dS = rate S dt + sqrt(v) S dW1, dv = kappa (theta - v) dt + sigma sqrt(v) dW2";
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr Noise noise = Noise::general;
  static constexpr int dim = 2;
  static constexpr int noise_dim = 2;
  static constexpr std::array<Component, dim> components = {
      {{"price", "currency", "asset price"}, {"variance", "1/year", "instantaneous variance"}}};

  P rate{0.0};
  P kappa{1.5768};
  P theta{0.0398};
  P sigma{0.5751};
  P rho{-0.5711};

  static constexpr int parameters = 5;         // those above
  P own_noise = noise_of_its_own(sigma, rho);  ///< sigma sqrt(1 - rho^2), of the variance alone

  void describe(deck::Schema& s) {
    s.key("rate", rate, deck::finite, "risk-free drift of the price [1/year]");
    s.key("kappa", kappa, deck::positive, "mean-reversion rate of the variance [1/year]");
    s.key("theta", theta, deck::non_negative, "long-run variance [1/year]");
    s.key("sigma", sigma, deck::non_negative, "volatility of the variance [1/year]");
    s.key("rho", rho, deck::between(-1.0, 1.0), "correlation of price and variance noise");
  }

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Vec<R, 2> drift(const auto&, const Vec<R, 2>& x) const {
    return {R(rate) * x[0], R(kappa) * (R(theta) - max(x[1], R(0)))};
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Lower<R, 2> diffusion(const auto&, const Vec<R, 2>& x) const {
    const R volatility = sqrt(max(x[1], R(0)));
    return {{{x[0] * volatility}, {R(sigma) * R(rho) * volatility, R(own_noise) * volatility}}};
  }

 private:
  KOKKOS_FORCEINLINE_FUNCTION static P noise_of_its_own(const P& sigma, const P& rho) {
    if constexpr (is_law<P>) {
      return {};
    } else {
      return sigma * sqrt((P(1) - rho) * (P(1) + rho));
    }
  }
};
static_assert(VectorField<Heston<>>);

}  // namespace driftwood::sde

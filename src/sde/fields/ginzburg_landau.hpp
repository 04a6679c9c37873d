// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sde/concepts.hpp"

namespace driftwood::sde {

/// Stochastic Ginzburg-Landau equation, dX = (a X - b X^3) dt + sigma X dW. From x > 0 it stays
/// positive; for 2 a > sigma^2 its stationary X^2 has a Gamma distribution of shape a/sigma^2 - 1/2
/// and scale sigma^2/b. Kloeden and Platen (1992), section 4.4. Explicit Euler steps overflow where
/// the state is large: Hutzenthaler, Jentzen and Kloeden (2012).
template <class P = double>
struct GinzburgLandau {
  static constexpr std::string_view name = "ginzburg_landau";
  static constexpr std::string_view summary = "dX = (a X - b X^3) dt + sigma X dW";
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr Noise noise = Noise::diagonal;
  static constexpr int dim = 1;
  static constexpr int noise_dim = 1;
  static constexpr std::array<Component, dim> components = {{{"x", "1", "order parameter"}}};

  P a{1.0};
  P b{1.0};
  P sigma{1.0};

  void describe(deck::Schema& s) {
    s.key("a", a, deck::finite, "linear growth [1/time]");
    s.key("b", b, deck::non_negative, "cubic damping [1/(time state^2)]");
    s.key("sigma", sigma, deck::non_negative, "noise [1/sqrt(time)]");
  }

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Vec<R, 1> drift(const auto&, const Vec<R, 1>& x) const {
    return {x[0] * fma(R(-b) * x[0], x[0], R(a))};
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Diagonal<R, 1> diffusion(const auto&, const Vec<R, 1>& x) const {
    return {R(sigma) * x[0]};
  }
};
static_assert(VectorField<GinzburgLandau<>>);

}  // namespace driftwood::sde

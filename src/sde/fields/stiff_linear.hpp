// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sde/concepts.hpp"

namespace driftwood::sde {

/// Test problem dX = -rate (X - cos t) dt + sigma dW: a slow motion that a fast relaxation holds on
/// to. Prothero and Robinson (1974), with noise. Explicit schemes need steps below 2 / rate.
template <class P = double>
struct StiffLinear {
  static constexpr std::string_view name = "stiff_linear";
  static constexpr std::string_view summary = "dX = -rate (X - cos t) dt + sigma dW";
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr Noise noise = Noise::additive;
  static constexpr int dim = 1;
  static constexpr int noise_dim = 1;
  static constexpr std::array<Component, dim> components = {{{"x", "1", "state"}}};

  P rate{1e4};
  P sigma{1.0};

  void describe(deck::Schema& s) {
    s.key("rate", rate, deck::positive, "rate of the relaxation [1/time]");
    s.key("sigma", sigma, deck::non_negative, "noise [state/sqrt(time)]");
  }

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Vec<R, 1> drift(const auto& t, const Vec<R, 1>& x) const {
    return {R(rate) * (as_lane<R>(math::cos(t)) - x[0])};
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Diagonal<R, 1> diffusion(const auto&, const Vec<R, 1>&) const {
    return {R(sigma)};
  }
};
static_assert(VectorField<StiffLinear<>>);

}  // namespace driftwood::sde

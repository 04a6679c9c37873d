// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sde/concepts.hpp"

namespace driftwood::sde {

/// Test problem dX = sin X dt + sigma dW: additive noise with a nonlinear drift, which shows the
/// strong order that schemes for additive noise have in general. Overdamped motion in the potential
/// cos x: Risken (1989), chapter 11.
template <class P = double>
struct SineDrift {
  static constexpr std::string_view name = "sine_drift";
  static constexpr std::string_view summary = "dX = sin X dt + sigma dW";
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr Noise noise = Noise::additive;
  static constexpr int dim = 1;
  static constexpr int noise_dim = 1;
  static constexpr std::array<Component, dim> components = {{{"x", "rad", "angle"}}};

  P sigma{1.0};

  void describe(deck::Schema& s) {
    s.key("sigma", sigma, deck::non_negative, "noise [rad/sqrt(time)]");
  }

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Vec<R, 1> drift(const auto&, const Vec<R, 1>& x) const {
    R sine;
    R cosine;
    math::sincos(x[0], sine, cosine);
    return {sine};
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Diagonal<R, 1> diffusion(const auto&, const Vec<R, 1>&) const {
    return {R(sigma)};
  }
};
static_assert(VectorField<SineDrift<>>);

}  // namespace driftwood::sde

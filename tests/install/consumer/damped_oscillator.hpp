// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sde/concepts.hpp"

/// A damped oscillator driven by white noise:
/// dX = V dt, dV = (-stiffness X - damping V) dt + sigma dW.
struct DampedOscillator {
  static constexpr std::string_view name = "damped_oscillator";
  static constexpr auto calculus = driftwood::sde::Calculus::ito;
  static constexpr auto noise = driftwood::sde::Noise::additive;
  static constexpr int dim = 2;
  static constexpr int noise_dim = 2;
  static constexpr std::array<driftwood::sde::Component, dim> components = {
      {{"x", "m", "displacement"}, {"v", "m/s", "velocity"}}};

  double stiffness = 4.0;
  double damping = 0.5;
  double sigma = 0.8;

  void describe(driftwood::deck::Schema& s) {
    s.key("stiffness", stiffness, driftwood::deck::positive, "spring per mass [1/s^2]");
    s.key("damping", damping, driftwood::deck::positive, "friction per mass [1/s]");
    s.key("sigma", sigma, driftwood::deck::positive, "noise of the velocity [m/s^(3/2)]");
  }

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION driftwood::Vec<R, 2> drift(const auto&,
                                                         const driftwood::Vec<R, 2>& x) const {
    using T = driftwood::value_of<R>;
    return {x[1], R(T(-stiffness)) * x[0] - R(T(damping)) * x[1]};
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION driftwood::Diagonal<R, 2> diffusion(
      const auto&, const driftwood::Vec<R, 2>&) const {
    return {R(0), R(driftwood::value_of<R>(sigma))};
  }
};
static_assert(driftwood::sde::VectorField<DampedOscillator>);

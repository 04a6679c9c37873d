// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sde/concepts.hpp"

namespace driftwood::sde {

/// Kubo oscillator dZ = i frequency Z dt + i sigma Z o dW, Z = X + i Y: a phase that diffuses on a
/// circle, Z(t) = Z(0) exp(i (frequency t + sigma W(t))). Kubo (1954); Milstein, Repin and
/// Tretyakov (2002) integrate it.
template <class P = double>
struct KuboOscillator {
  static constexpr std::string_view name = "kubo_oscillator";
  static constexpr std::string_view summary = "dZ = i frequency Z dt + i sigma Z o dW, Z = X + i Y";
  static constexpr Calculus calculus = Calculus::stratonovich;
  static constexpr Noise noise = Noise::scalar;
  static constexpr int dim = 2;
  static constexpr int noise_dim = 1;
  static constexpr std::array<Component, dim> components = {
      {{"x", "1", "real part"}, {"y", "1", "imaginary part"}}};

  P frequency{1.0};
  P sigma{0.5};

  void describe(deck::Schema& s) {
    s.key("frequency", frequency, deck::finite, "mean angular velocity [rad/time]");
    s.key("sigma", sigma, deck::finite, "noise of the phase [rad/sqrt(time)]");
  }

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Vec<R, 2> drift(const auto&, const Vec<R, 2>& z) const {
    const R a(frequency);
    return {-(a * z[1]), a * z[0]};
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Mat<R, 2, 1> diffusion(const auto&, const Vec<R, 2>& z) const {
    const R b(sigma);
    return {{{-(b * z[1])}, {b * z[0]}}};
  }

  template <class R>
  KOKKOS_FUNCTION Vec<R, 2> solution(double t, const Vec<R, 2>& z0, const Vec<R, 1>& w) const {
    using T = value_of<R>;
    R sine;
    R cosine;
    math::sincos(fma(R(sigma), w[0], R(frequency) * R(T(t))), sine, cosine);
    return {z0[0] * cosine - z0[1] * sine, z0[0] * sine + z0[1] * cosine};
  }
};
static_assert(HasSolution<KuboOscillator<>>);

}  // namespace driftwood::sde

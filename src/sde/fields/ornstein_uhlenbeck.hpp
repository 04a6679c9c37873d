// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>

#include "sde/concepts.hpp"

namespace driftwood::sde {

/// Ornstein-Uhlenbeck process, dX = rate (mean - X) dt + sigma dW. Gardiner (2009), section 4.5.4.
template <class P = double>
struct OrnsteinUhlenbeck {
  static constexpr std::string_view name = "ornstein_uhlenbeck";
  static constexpr std::string_view summary = "dX = rate (mean - X) dt + sigma dW";
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr Noise noise = Noise::additive;
  static constexpr int dim = 1;
  static constexpr int noise_dim = 1;
  static constexpr std::array<Component, dim> components = {
      {{"x", "1", "Ornstein-Uhlenbeck process"}}};

  P rate{1.0};
  P mean{0.0};
  P sigma{0.5};

  void describe(deck::Schema& s) {
    s.key("rate", rate, deck::positive, "mean-reversion rate [1/time]");
    s.key("mean", mean, deck::finite, "long-run mean [state]");
    s.key("sigma", sigma, deck::positive, "noise [state/sqrt(time)]");
  }

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Vec<R, 1> drift(const auto&, const Vec<R, 1>& x) const {
    return {R(rate) * (R(mean) - x[0])};
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Diagonal<R, 1> diffusion(const auto&, const Vec<R, 1>&) const {
    return {R(sigma)};
  }

  /// X(h) = mean + (x - mean) e^(-rate h) + sigma sqrt((1 - e^(-2 rate h)) / (2 rate h)) dw.
  struct Transition {
    P mean;
    P decay;
    P noise;

    template <class R>
    KOKKOS_FORCEINLINE_FUNCTION Vec<R, 1> operator()(const Vec<R, 1>& x,
                                                     const Vec<R, 1>& dw) const {
      const R reverted = fma(x[0] - R(mean), R(decay), R(mean));
      return {fma(R(noise), dw[0], reverted)};
    }
  };
  static constexpr bool transition_takes_lanes = true;
  [[nodiscard]] KOKKOS_FUNCTION Transition transition(const auto& h) const {
    const P rate_h = rate * as_lane<P>(h);
    const P twice = rate_h + rate_h;
    return {mean, math::exp(-rate_h), sigma * sqrt(-math::expm1(-twice) / twice)};
  }
};
static_assert(HasTransition<OrnsteinUhlenbeck<>>);

}  // namespace driftwood::sde

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sde/concepts.hpp"

namespace driftwood::sde {

/// Test problem dX = (b / sqrt(1 + t) - X / (2 (1 + t))) dt + a b / sqrt(1 + t) dW with the
/// solution X(t) = (x0 + b (t + a W(t))) / sqrt(1 + t). Kloeden and Platen (1992), section 4.4; Li,
/// Wong, Chen and Duvenaud (2020), "Scalable gradients for stochastic differential equations",
/// example 3.
template <class P = double>
struct AdditiveTimeDependent {
  static constexpr std::string_view name = "additive_time_dependent";
  static constexpr std::string_view summary =
      "dX = (b / sqrt(1 + t) - X / (2 (1 + t))) dt + a b / sqrt(1 + t) dW";
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr Noise noise = Noise::additive;
  static constexpr int dim = 1;
  static constexpr int noise_dim = 1;
  static constexpr std::array<Component, dim> components = {{{"x", "1", "state"}}};

  P a{0.6};
  P b{0.9};

  void describe(deck::Schema& s) {
    s.key("a", a, deck::finite, "noise, relative to the drift [sqrt(time)]");
    s.key("b", b, deck::finite, "drift at time 0 [state/time]");
  }

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Vec<R, 1> drift(const auto& t, const Vec<R, 1>& x) const {
    return {fma(as_lane<R>(-0.5 / (1 + t)), x[0], R(b) * as_lane<R>(1 / sqrt(1 + t)))};
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Diagonal<R, 1> diffusion(const auto& t, const Vec<R, 1>&) const {
    return {R(a) * R(b) * as_lane<R>(1 / sqrt(1 + t))};
  }

  template <class R>
  KOKKOS_FUNCTION Vec<R, 1> solution(double t, const Vec<R, 1>& x0, const Vec<R, 1>& w) const {
    using T = value_of<R>;
    return {R(T(1 / ::sqrt(1 + t))) * (x0[0] + R(b) * fma(R(a), w[0], R(T(t))))};
  }
};
static_assert(HasSolution<AdditiveTimeDependent<>>);

}  // namespace driftwood::sde

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/by_lane.hpp"
#include "sde/concepts.hpp"

namespace driftwood::sde {

/// Test problem dX = -p^2 sin X cos^3 X dt + p cos^2 X dW with the solution X(t) = arctan(p W(t) +
/// tan x0) for |x0| < pi/2. Kloeden and Platen (1992), section 4.4.
template <class P = double>
struct Arctan {
  static constexpr std::string_view name = "arctan";
  static constexpr std::string_view summary = "dX = -p^2 sin X cos^3 X dt + p cos^2 X dW";
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr Noise noise = Noise::diagonal;
  static constexpr int dim = 1;
  static constexpr int noise_dim = 1;
  static constexpr std::array<Component, dim> components = {{{"x", "rad", "angle"}}};

  P p{0.8};

  void describe(deck::Schema& s) { s.key("p", p, deck::finite, "noise of tan X [1/sqrt(time)]"); }

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Vec<R, 1> drift(const auto&, const Vec<R, 1>& x) const {
    R sine;
    R cosine;
    math::sincos(x[0], sine, cosine);
    return {-(R(p) * R(p)) * sine * cosine * cosine * cosine};
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Diagonal<R, 1> diffusion(const auto&, const Vec<R, 1>& x) const {
    R sine;
    R cosine;
    math::sincos(x[0], sine, cosine);
    return {R(p) * cosine * cosine};
  }

  template <class R>
  KOKKOS_FUNCTION Vec<R, 1> solution(double, const Vec<R, 1>& x0, const Vec<R, 1>& w) const {
    using T = value_of<R>;
    const R slope = by_lane(x0[0], [](T x) { return ::tan(x); });
    return {by_lane(fma(R(p), w[0], slope), [](T x) { return ::atan(x); })};
  }
};
static_assert(HasSolution<Arctan<>>);

}  // namespace driftwood::sde

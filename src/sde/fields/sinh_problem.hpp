// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/by_lane.hpp"
#include "sde/concepts.hpp"

namespace driftwood::sde {

/// Test problem dX = X/2 dt + sqrt(1 + X^2) dW with the solution X(t) = sinh(W(t) + asinh x0).
/// Kloeden and Platen (1992), section 4.4.
struct SinhProblem {
  static constexpr std::string_view name = "sinh_problem";
  static constexpr std::string_view summary = "dX = X/2 dt + sqrt(1 + X^2) dW";
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr Noise noise = Noise::diagonal;
  static constexpr int dim = 1;
  static constexpr int noise_dim = 1;
  static constexpr std::array<Component, dim> components = {{{"x", "1", "state"}}};

  void describe(deck::Schema&) {}

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Vec<R, 1> drift(const auto&, const Vec<R, 1>& x) const {
    return {R(value_of<R>(0.5)) * x[0]};
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Diagonal<R, 1> diffusion(const auto&, const Vec<R, 1>& x) const {
    return {sqrt(fma(x[0], x[0], R(1)))};
  }

  template <class R>
  KOKKOS_FUNCTION Vec<R, 1> solution(double, const Vec<R, 1>& x0, const Vec<R, 1>& w) const {
    using T = value_of<R>;
    const R start = by_lane(x0[0], [](T x) { return ::asinh(x); });
    return {by_lane(start + w[0], [](T x) { return ::sinh(x); })};
  }
};
static_assert(HasSolution<SinhProblem>);

}  // namespace driftwood::sde

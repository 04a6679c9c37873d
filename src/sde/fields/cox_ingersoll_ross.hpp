// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sde/concepts.hpp"

namespace driftwood::sde {

/// Cox, Ingersoll and Ross (1985): dX = rate (mean - X) dt + sigma sqrt(X) dW. The coefficients use
/// max(X, 0): full truncation, Lord, Koekkoek and van Dijk (2010), so that a step may leave X < 0
/// and the drift brings it back. Defaults: the short rate in Glasserman (2004), section 3.4.
template <class P = double>
struct CoxIngersollRoss {
  static constexpr std::string_view name = "cox_ingersoll_ross";
  static constexpr std::string_view summary = "dX = rate (mean - X) dt + sigma sqrt(X) dW";
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr Noise noise = Noise::diagonal;
  static constexpr int dim = 1;
  static constexpr int noise_dim = 1;
  static constexpr std::array<Component, dim> components = {{{"x", "1", "square-root process"}}};

  P rate{0.2};
  P mean{0.05};
  P sigma{0.1};

  void describe(deck::Schema& s) {
    s.key("rate", rate, deck::positive, "mean-reversion rate [1/time]");
    s.key("mean", mean, deck::non_negative, "long-run mean [state]");
    s.key("sigma", sigma, deck::non_negative, "noise [sqrt(state/time)]");
  }

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Vec<R, 1> drift(double, const Vec<R, 1>& x) const {
    return {R(rate) * (R(mean) - max(x[0], R(0)))};
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Diagonal<R, 1> diffusion(double, const Vec<R, 1>& x) const {
    return {R(sigma) * sqrt(max(x[0], R(0)))};
  }
};
static_assert(VectorField<CoxIngersollRoss<>>);

}  // namespace driftwood::sde

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>

#include "sde/concepts.hpp"

namespace driftwood::test {

/// dX = a X dt + b X dW and the Brownian motion itself, for solutions beside approximations.
template <class P = double>
struct Growth {
  static constexpr sde::Calculus calculus = sde::Calculus::ito;
  static constexpr sde::Noise noise = sde::Noise::scalar;
  static constexpr int dim = 2;
  static constexpr int noise_dim = 1;

  P a{1.5};
  P b{0.8};

  void describe(deck::Schema& s) {
    s.key("a", a, "drift");
    s.key("b", b, "noise");
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Vec<R, 2> drift(const auto&, const Vec<R, 2>& x) const {
    return {R(a) * x[0], R(0)};
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Mat<R, 2, 1> diffusion(const auto&, const Vec<R, 2>& x) const {
    return {{{R(b) * x[0]}, {R(1)}}};
  }
};

/// X(1) from 1, for the Brownian motion there.
inline double growth(double w) { return std::exp((1.5 - 0.32) + 0.8 * w); }

}  // namespace driftwood::test

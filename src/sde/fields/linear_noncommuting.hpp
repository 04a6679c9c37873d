// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sde/concepts.hpp"

namespace driftwood::sde {

/// Test problem dX = A X dt + B1 X dW1 + B2 X dW2 in two dimensions. Its mean solves m' = A m, its
/// second moments P' = A P + P A^T + B1 P B1^T + B2 P B2^T: Arnold (1974), section 8.5. The default
/// matrices B do not commute.
struct LinearNoncommuting {
  static constexpr std::string_view name = "linear_noncommuting";
  static constexpr std::string_view summary =
      "dX = A X dt + B1 X dW1 + B2 X dW2 with 2 x 2 matrices";
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr Noise noise = Noise::general;
  static constexpr int dim = 2;
  static constexpr int noise_dim = 2;
  static constexpr std::array<Component, dim> components = {
      {{"x1", "1", "first component"}, {"x2", "1", "second component"}}};

  double a[2][2] = {{-0.7, 0.4}, {0.1, -0.5}};
  double b[2][2][2] = {{{0.5, 0.2}, {-0.3, 0.1}}, {{0.1, -0.6}, {0.4, 0.2}}};

  void describe(deck::Schema&) {}  // the model reads matrices

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Vec<R, 2> drift(const auto&, const Vec<R, 2>& x) const {
    return {times(a[0], x), times(a[1], x)};
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Mat<R, 2, 2> diffusion(const auto&, const Vec<R, 2>& x) const {
    return {{{times(b[0][0], x), times(b[1][0], x)}, {times(b[0][1], x), times(b[1][1], x)}}};
  }

 private:
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION static R times(const double (&row)[2], const Vec<R, 2>& x) {
    using T = value_of<R>;
    return fma(R(T(row[0])), x[0], R(T(row[1])) * x[1]);
  }
};
static_assert(VectorField<LinearNoncommuting>);

}  // namespace driftwood::sde

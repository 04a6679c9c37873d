// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <limits>

#include "base/linear_solve.hpp"
#include "sde/derivative.hpp"

namespace driftwood::sde {

/// y = b + c f(t, y) by Newton's method with the exact Jacobian, from the guess `start`. A lane
/// that has converged stays as it is while others go on; one that does not converge becomes NaN.
template <class F, class X>
KOKKOS_FORCEINLINE_FUNCTION X solve_implicit(const F& field, double t, const X& b,
                                             value_of<lane_of<X>> c, const X& start) {
  using R = lane_of<X>;
  using T = value_of<R>;
  constexpr int most_iterations = 50;
  constexpr T tolerance = 64 * std::numeric_limits<T>::epsilon();
  auto y = generate(start, [&](int i) { return start[i]; });
  R open(1);  // 0 in the lanes that have converged
  for (int iteration = 0; iteration < most_iterations && any(less(R(0), open)); ++iteration) {
    const auto freed = scope(y);
    const auto f = field.drift(t, y);
    auto step = generate(y, [&](int i) { return fma(R(c), f[i], b[i] - y[i]); });
    auto jacobian = square(y);
    for (int j = 0; j < y.size(); ++j) {
      const auto freed_column = scope(y);
      const auto unit = generate(y, [&](int i) { return i == j ? R(1) : R(0); });
      const auto derivative = field.drift(t, along(y, unit));
      for (int i = 0; i < y.size(); ++i) {
        jacobian(i, j) = fma(R(-c), derivative[i].tangent, unit[i]);
      }
    }
    solve(jacobian, step);
    const R before = open;
    open = R(0);
    for (int i = 0; i < y.size(); ++i) {
      const R scale = R(tolerance) * (abs(y[i]) + abs(b[i]));
      const auto small = less(abs(step[i]), scale) | equal(step[i], R(0));
      open = select(small, open, before);
      y[i] = select(less(R(0), before), y[i] + step[i], y[i]);
    }
  }
  return generate(y, [&](int i) {
    return select(less(R(0), open), R(std::numeric_limits<T>::quiet_NaN()), y[i]);
  });
}

}  // namespace driftwood::sde

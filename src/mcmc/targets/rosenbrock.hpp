// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "mcmc/coordinates.hpp"

namespace driftwood::mcmc {

/// Rosenbrock's valley: the sum over i of valley (x_{i+1} - x_i^2)^2 + (1 - x_i)^2, divided by
/// `temperature`. Rosenbrock (1960), "An automatic method for finding the greatest or least value
/// of a function". In 2 dimensions x_0 is normal around 1 with variance temperature / 2, and x_1
/// around x_0^2 with variance temperature / (2 valley).
struct Rosenbrock {
  double valley;
  double temperature;

  template <class R>
  KOKKOS_FUNCTION R potential(const Coordinates<R>& x, const Coordinates<R>& gradient) const {
    const R inverse(1 / temperature);
    R sum(0);
    R now = x[0];
    R slope(0);  // by x_i, of the terms before
    for (int i = 0; i + 1 < x.size(); ++i) {
      const R next = x[i + 1];
      const R across = fma(-now, now, next);
      const R along = R(1) - now;
      const R kick = R(valley) * across;
      sum = fma(kick, across, fma(along, along, sum));
      gradient.set(i, inverse * (slope - fma(R(4) * kick, now, R(2) * along)));
      slope = R(2) * kick;
      now = next;
    }
    gradient.set(x.size() - 1, inverse * slope);
    return inverse * sum;
  }
};

}  // namespace driftwood::mcmc

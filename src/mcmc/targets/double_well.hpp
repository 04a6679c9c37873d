// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "mcmc/coordinates.hpp"

namespace driftwood::mcmc {

/// Independent coordinates, each with two wells: the sum of barrier (x^2 - 1)^2.
struct DoubleWells {
  double barrier;

  template <class R>
  KOKKOS_FUNCTION R potential(const Coordinates<R>& x, const Coordinates<R>& gradient) const {
    R sum(0);
    for (int i = 0; i < x.size(); ++i) {
      const R now = x[i];
      const R excess = fma(now, now, R(-1));
      sum = fma(excess, excess, sum);
      gradient.set(i, R(4 * barrier) * (excess * now));
    }
    return R(barrier) * sum;
  }
};

}  // namespace driftwood::mcmc

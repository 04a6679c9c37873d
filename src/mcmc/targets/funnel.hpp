// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/math.hpp"
#include "mcmc/coordinates.hpp"

namespace driftwood::mcmc {

/// Neal's funnel: v is normal with mean 0, and all other parameters are normal with variance
/// exp(v). Neal (2003), "Slice sampling", section 8.
struct Funnel {
  double precision;  ///< of v

  template <class R>
  KOKKOS_FUNCTION R potential(const Coordinates<R>& theta, const Coordinates<R>& gradient) const {
    const R v = theta[0];
    const R narrow = math::exp(-v);
    R squares(0);
    for (int i = 1; i < theta.size(); ++i) {
      const R x = theta[i];
      squares = fma(x, x, squares);
      gradient.set(i, narrow * x);
    }
    const R half_count(0.5 * (theta.size() - 1));
    const R energy = R(0.5) * (narrow * squares);
    gradient.set(0, fma(R(precision), v, half_count - energy));
    return fma(R(0.5 * precision) * v, v, fma(half_count, v, energy));
  }
};

}  // namespace driftwood::mcmc

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/math.hpp"
#include "mcmc/coordinates.hpp"

namespace driftwood::mcmc {

/// Student's t, round in all dimensions: heavy tails, of index `degrees_of_freedom`.
struct StudentT {
  double degrees_of_freedom;

  template <class R>
  KOKKOS_FUNCTION R potential(const Coordinates<R>& x, const Coordinates<R>& gradient) const {
    const R square = dot(x, x);
    const double power = degrees_of_freedom + x.size();
    const R pull = R(power) / (R(degrees_of_freedom) + square);
    for (int i = 0; i < x.size(); ++i) gradient.set(i, pull * x[i]);
    return R(0.5 * power) * math::log1p(R(1 / degrees_of_freedom) * square);
  }
};

}  // namespace driftwood::mcmc

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "mcmc/normal_tail.hpp"

namespace driftwood::mcmc {

/// Answers 0 and 1, the latter with the probability that a standard normal is below eta.
struct ProbitLink {
  static constexpr int most_predictors = 1;

  template <class R>
  struct Tile {
    R sum = R(0);

    template <class Y>
    KOKKOS_FORCEINLINE_FUNCTION void take(R* eta, int, const Y& y, int) {
      const R sign(Y(2) * y - Y(1));
      R value;
      R slope;
      log_normal_cdf(sign * *eta, value, slope);
      sum = sum - value;
      *eta = -(sign * slope);
    }
    KOKKOS_FORCEINLINE_FUNCTION R potential() const { return sum; }
  };
};

}  // namespace driftwood::mcmc

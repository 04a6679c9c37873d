// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/math.hpp"

namespace driftwood::mcmc {

/// Answers are counts of mean exp(eta).
struct PoissonLink {
  static constexpr int most_predictors = 1;

  template <class R>
  struct Tile {
    R sum = R(0);

    template <class Y>
    KOKKOS_FORCEINLINE_FUNCTION void take(R* eta, int, const Y& y, int) {
      const R& at = *eta;
      const R mean = math::exp(at);
      sum = sum + fma(R(-y), at, mean);
      *eta = mean - R(y);
    }
    KOKKOS_FORCEINLINE_FUNCTION R potential() const { return sum; }
  };
};

}  // namespace driftwood::mcmc

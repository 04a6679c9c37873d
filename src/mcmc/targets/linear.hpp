// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/lane.hpp"

namespace driftwood::mcmc {

/// Answers are normal around eta, with variance 1.
struct LinearLink {
  static constexpr int most_predictors = 1;

  template <class R>
  struct Tile {
    R sum = R(0);

    template <class Y>
    KOKKOS_FORCEINLINE_FUNCTION void take(R* eta, int, const Y& y, int) {
      const R off = *eta - R(y);
      sum = fma(R(0.5) * off, off, sum);
      *eta = off;
    }
    KOKKOS_FORCEINLINE_FUNCTION R potential() const { return sum; }
  };
};

}  // namespace driftwood::mcmc

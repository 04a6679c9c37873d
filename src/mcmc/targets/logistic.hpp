// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/math.hpp"

namespace driftwood::mcmc {

/// Answers 0 and 1, the latter with probability 1 / (1 + exp(-eta)).
struct LogisticLink {
  static constexpr int most_predictors = 1;

  /// Sums log(1 + exp(eta)) - y eta, with one logarithm for all rows: the factors 1 + exp(-|eta|)
  /// are at most 2.
  template <class R>
  struct Tile {
    R linear = R(0);
    R product = R(1);

    template <class Y>
    KOKKOS_FORCEINLINE_FUNCTION void take(R* eta, int, const Y& y, int) {
      const R& at = *eta;
      const R e = math::exp(-abs(at));
      const R factor = R(1) + e;
      const R inverse = R(1) / factor;
      linear = linear + fma(R(-y), at, max(at, R(0)));
      product = product * factor;
      *eta = select(less(R(0), at), inverse, e * inverse) - R(y);
    }
    KOKKOS_FORCEINLINE_FUNCTION R potential() const { return linear + math::log(product); }
  };
};

}  // namespace driftwood::mcmc

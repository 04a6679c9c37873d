// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/math.hpp"

namespace driftwood::mcmc {

/// Answers are classes 0, 1, ..., of probabilities in the ratios 1 : exp(eta_1) : exp(eta_2) ...
struct SoftmaxLink {
  static constexpr int most_predictors = 32;

  template <class R>
  struct Tile {
    R sum = R(0);

    KOKKOS_FORCEINLINE_FUNCTION void take(R* eta, int stride, double y, int predictors) {
      const int answer = static_cast<int>(y);
      R largest(0);
      for (int k = 0; k < predictors; ++k) largest = max(largest, eta[k * stride]);
      const R of_answer = answer == 0 ? R(0) : eta[(answer - 1) * stride];
      R total = math::exp(-largest);
      for (int k = 0; k < predictors; ++k) {
        const R e = math::exp(eta[k * stride] - largest);
        total = total + e;
        eta[k * stride] = e;
      }
      sum = sum + ((largest - of_answer) + math::log(total));
      const R inverse = R(1) / total;
      for (int k = 0; k < predictors; ++k) {
        eta[k * stride] = fma(eta[k * stride], inverse, R(k + 1 == answer ? -1 : 0));
      }
    }
    KOKKOS_FORCEINLINE_FUNCTION R potential() const { return sum; }
  };
};

}  // namespace driftwood::mcmc

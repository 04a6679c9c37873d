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

    template <class Y>
    KOKKOS_FORCEINLINE_FUNCTION void take(R* eta, int stride, const Y& y, int predictors) {
      R largest(0);
      for (int k = 0; k < predictors; ++k) largest = max(largest, eta[k * stride]);
      const R of_answer = at_answer(eta, stride, y, predictors);
      R total = math::exp(-largest);
      for (int k = 0; k < predictors; ++k) {
        const R e = math::exp(eta[k * stride] - largest);
        total = total + e;
        eta[k * stride] = e;
      }
      sum = sum + ((largest - of_answer) + math::log(total));
      const R inverse = R(1) / total;
      for (int k = 0; k < predictors; ++k) {
        eta[k * stride] = fma(eta[k * stride], inverse, minus_one_at(y, k + 1));
      }
    }
    KOKKOS_FORCEINLINE_FUNCTION R potential() const { return sum; }

   private:
    template <class Y>
    KOKKOS_FORCEINLINE_FUNCTION static R at_answer(const R* eta, int stride, const Y& y,
                                                   int predictors) {
      if constexpr (width_of<Y> == 1) {
        const int answer = static_cast<int>(y);
        return answer == 0 ? R(0) : eta[(answer - 1) * stride];
      } else {
        R out(0);
        for (int k = 0; k < predictors; ++k) {
          out = select(equal(y, R(k + 1)), eta[k * stride], out);
        }
        return out;
      }
    }
    template <class Y>
    KOKKOS_FORCEINLINE_FUNCTION static R minus_one_at(const Y& y, int answer) {
      return R(select(equal(y, Y(answer)), Y(-1), Y(0)));
    }
  };
};

}  // namespace driftwood::mcmc

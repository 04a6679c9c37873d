// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/math.hpp"
#include "mcmc/coordinates.hpp"

namespace driftwood::mcmc {

/// A mixture of round normals. The logarithm of the sum is taken relative to the largest term so
/// far, so that it neither overflows nor vanishes.
struct NormalMixture {
  int modes;
  const double* log_height;  ///< (modes) of the density at a mean: log(weight / sd^dim)
  const double* mean;        ///< (modes, dim)
  const double* precision;   ///< (modes) 1 / variance

  template <class R>
  KOKKOS_FUNCTION R potential(const Coordinates<R>& x, const Coordinates<R>& gradient) const {
    const int dim = x.size();
    R largest(0);
    R sum(0);
    for (int k = 0; k < modes; ++k) {
      const double* const at = mean + k * dim;
      R square(0);
      for (int i = 0; i < dim; ++i) {
        const R d = x[i] - R(at[i]);
        square = fma(d, d, square);
      }
      const R term = fma(R(-0.5 * precision[k]), square, R(log_height[k]));
      const R before = k == 0 ? term : largest;
      largest = max(before, term);
      const R shrunk = math::exp(before - largest);
      const R share = math::exp(term - largest);
      sum = k == 0 ? share : fma(sum, shrunk, share);
      const R pull = share * R(precision[k]);
      for (int i = 0; i < dim; ++i) {
        const R d = pull * (x[i] - R(at[i]));
        gradient.set(i, k == 0 ? d : fma(gradient[i], shrunk, d));
      }
    }
    const R inverse = R(1) / sum;
    for (int i = 0; i < dim; ++i) gradient.set(i, inverse * gradient[i]);
    return -(largest + math::log(sum));
  }
};

}  // namespace driftwood::mcmc

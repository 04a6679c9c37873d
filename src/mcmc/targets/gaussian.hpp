// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "mcmc/coordinates.hpp"

namespace driftwood::mcmc {

/// Independent normals.
struct DiagonalGaussian {
  const double* mean;       ///< (dim)
  const double* precision;  ///< (dim) 1 / variance

  template <class R>
  KOKKOS_FUNCTION R potential(const Coordinates<R>& x, const Coordinates<R>& gradient) const {
    R sum(0);
    for (int i = 0; i < x.size(); ++i) {
      const R d = x[i] - R(mean[i]);
      const R g = R(precision[i]) * d;
      gradient.set(i, g);
      sum = fma(d, g, sum);
    }
    return R(0.5) * sum;
  }
};

/// Normals with any covariance.
struct DenseGaussian {
  const double* mean;       ///< (dim)
  const double* precision;  ///< (dim, dim) inverse of the covariance

  template <class R>
  KOKKOS_FUNCTION R potential(const Coordinates<R>& x, const Coordinates<R>& gradient) const {
    const int dim = x.size();
    R sum(0);
    for (int i = 0; i < dim; ++i) {
      const double* const row = precision + i * dim;
      R g(0);
      for (int j = 0; j < dim; ++j) g = fma(R(row[j]), x[j] - R(mean[j]), g);
      gradient.set(i, g);
      sum = fma(x[i] - R(mean[i]), g, sum);
    }
    return R(0.5) * sum;
  }
};

}  // namespace driftwood::mcmc

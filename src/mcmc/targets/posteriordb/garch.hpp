// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/math.hpp"
#include "mcmc/coordinates.hpp"

namespace driftwood::mcmc::posteriordb {

/// A series about mu whose variance follows its own past: v(t) = alpha0 + alpha1 (y(t-1) - mu)^2 +
/// beta1 v(t-1). Parameters: mu, alpha0, alpha1, beta1, with flat priors.
struct Garch {
  const double* series;  ///< (length)
  int length;
  double first_variance;

  template <class R>
  KOKKOS_FUNCTION R potential(const Coordinates<R>& theta, const Coordinates<R>& gradient) const {
    const R mu = theta[0];
    const R alpha0 = theta[1];
    const R alpha1 = theta[2];
    const R beta1 = theta[3];
    R variance(first_variance);
    R by[4] = {R(0), R(0), R(0), R(0)};  // of the variance by the parameters
    R sum[4] = {R(0), R(0), R(0), R(0)};
    R total(0);
    for (int t = 0; t < length; ++t) {
      const R error = R(series[t]) - mu;
      const R square = error * error;
      const R inverse = R(1) / variance;
      const R energy = inverse * square;
      total = total + (math::log(variance) + energy);
      const R by_variance = inverse * (R(1) - energy);
      for (int k = 0; k < 4; ++k) sum[k] = fma(by_variance, by[k], sum[k]);
      sum[0] = fma(R(-2) * inverse, error, sum[0]);
      const R before = variance;
      variance = fma(alpha1, square, fma(beta1, before, alpha0));
      by[0] = fma(beta1, by[0], R(-2) * (alpha1 * error));
      by[1] = fma(beta1, by[1], R(1));
      by[2] = fma(beta1, by[2], square);
      by[3] = fma(beta1, by[3], before);
    }
    for (int k = 0; k < 4; ++k) gradient.set(k, R(0.5) * sum[k]);
    return R(0.5) * total;
  }
};

}  // namespace driftwood::mcmc::posteriordb

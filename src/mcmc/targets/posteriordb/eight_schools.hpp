// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/math.hpp"
#include "mcmc/coordinates.hpp"

namespace driftwood::mcmc::posteriordb {

/// Effects theta of schools, normal about mu with standard deviation tau, of which each school has
/// measured its own. Parameters: theta, mu, tau.
struct EightSchools {
  const double* measured;   ///< (schools)
  const double* precision;  ///< (schools) 1 / variance of the measurement

  template <class R>
  KOKKOS_FUNCTION R potential(const Coordinates<R>& theta, const Coordinates<R>& gradient) const {
    const int schools = theta.size() - 2;
    const R mu = theta[schools];
    const R tau = theta[schools + 1];
    const R inverse = R(1) / tau;
    R energy(0);
    R spread(0);
    R pull(0);
    for (int j = 0; j < schools; ++j) {
      const R effect = theta[j];
      const R deviation = inverse * (effect - mu);
      const R error = effect - R(measured[j]);
      const R by_error = R(precision[j]) * error;
      const R by_deviation = inverse * deviation;
      spread = fma(deviation, deviation, spread);
      energy = fma(error, by_error, energy);
      pull = pull + by_deviation;
      gradient.set(j, by_deviation + by_error);
    }
    const R ratio = R(1 / scale) * tau;
    gradient.set(schools, fma(R(1 / (scale * scale)), mu, -pull));
    gradient.set(schools + 1,
                 fma(inverse, R(schools) - spread, R(2) * tau / fma(tau, tau, R(scale * scale))));
    const R prior = fma(R(0.5 / (scale * scale)) * mu, mu, math::log1p(ratio * ratio));
    return fma(R(0.5), energy + spread, fma(R(schools), math::log(tau), prior));
  }

  /// Of the priors, normal of mu and half a Cauchy of tau.
  static constexpr double scale = 5;
};

}  // namespace driftwood::mcmc::posteriordb

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/math.hpp"
#include "mcmc/coordinates.hpp"

namespace driftwood::mcmc::posteriordb {

/// Normal answers whose means are linear in coefficients; the last parameter is their standard
/// deviation. Of the data it needs the least-squares fit and what is quadratic about it, so that
/// the cost does not depend on how many there are.
struct LinearRegression {
  enum class Spread { flat, half_cauchy, half_normal };

  const double* fit;   ///< (columns)
  const double* gram;  ///< (columns, columns) X'X
  double squares;      ///< sum of squared residuals at the fit
  double answers;      ///< how many
  double precision;    ///< of the coefficients' normal prior with mean 0
  Spread spread;       ///< prior of the standard deviation
  double scale;        ///< of that prior

  template <class R>
  KOKKOS_FUNCTION R potential(const Coordinates<R>& theta, const Coordinates<R>& gradient) const {
    const int columns = theta.size() - 1;
    const R sigma = theta[columns];
    const R weight = R(1) / (sigma * sigma);
    R residual(squares);
    R prior(0);
    for (int i = 0; i < columns; ++i) {
      const double* const row = gram + i * columns;
      R pull(0);
      for (int j = 0; j < columns; ++j) pull = fma(R(row[j]), theta[j] - R(fit[j]), pull);
      const R beta = theta[i];
      residual = fma(beta - R(fit[i]), pull, residual);
      prior = fma(beta, beta, prior);
      gradient.set(i, fma(R(precision), beta, weight * pull));
    }
    const R energy = weight * residual;
    gradient.set(columns, (R(answers) - energy) / sigma + spread_slope(sigma));
    return fma(R(answers), math::log(sigma),
               fma(R(0.5), fma(R(precision), prior, energy), spread_potential(sigma)));
  }

 private:
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION R spread_potential(const R& sigma) const {
    const R ratio = R(1 / scale) * sigma;
    switch (spread) {
      case Spread::half_cauchy:
        return math::log1p(ratio * ratio);
      case Spread::half_normal:
        return R(0.5) * (ratio * ratio);
      default:
        return R(0);
    }
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION R spread_slope(const R& sigma) const {
    switch (spread) {
      case Spread::half_cauchy:
        return R(2) * sigma / fma(sigma, sigma, R(scale * scale));
      case Spread::half_normal:
        return R(1 / (scale * scale)) * sigma;
      default:
        return R(0);
    }
  }
};

}  // namespace driftwood::mcmc::posteriordb

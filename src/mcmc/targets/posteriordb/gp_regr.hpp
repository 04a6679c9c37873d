// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/math.hpp"
#include "mcmc/coordinates.hpp"

namespace driftwood::mcmc::posteriordb {

/// Answers that are a Gaussian process of length rho and standard deviation alpha, with errors of
/// variance sigma. Parameters: rho, alpha, sigma.
struct GpRegr {
  static constexpr int most_points = 16;

  const double* place;   ///< (points)
  const double* answer;  ///< (points)
  int points;

  template <class R>
  KOKKOS_FUNCTION R potential(const Coordinates<R>& theta, const Coordinates<R>& gradient) const {
    const R rho = theta[0];
    const R alpha = theta[1];
    const R sigma = theta[2];
    const R variance = alpha * alpha;
    const R decay = R(-0.5) / (rho * rho);
    R rows[most_points * (most_points + 1) / 2];  // of a lower triangle
    for (int i = 0; i < points; ++i) {
      for (int j = 0; j < i; ++j) rows[at(i, j)] = variance * math::exp(decay * R(squared(i, j)));
      rows[at(i, i)] = variance + sigma;
    }
    factorise(rows);
    const R log_determinant = invert(rows);
    R white[most_points];   // L^-1 y
    R solved[most_points];  // K^-1 y
    R energy(0);
    for (int i = 0; i < points; ++i) {
      R sum(0);
      for (int j = 0; j <= i; ++j) sum = fma(R(answer[j]), rows[at(i, j)], sum);
      white[i] = sum;
      energy = fma(sum, sum, energy);
    }
    for (int j = 0; j < points; ++j) {
      R sum(0);
      for (int i = j; i < points; ++i) sum = fma(rows[at(i, j)], white[i], sum);
      solved[j] = sum;
    }
    R diagonal(0);  // of K^-1 - K^-1 y y' K^-1, twice the derivative by the covariance
    R off(0);
    R stretched(0);
    for (int i = 0; i < points; ++i) {
      for (int j = 0; j <= i; ++j) {
        R by = -(solved[i] * solved[j]);
        for (int k = i; k < points; ++k) by = fma(rows[at(k, i)], rows[at(k, j)], by);
        if (j == i) {
          diagonal = diagonal + by;
        } else {
          const R square(squared(i, j));
          const R part = by * math::exp(decay * square);
          off = off + part;
          stretched = fma(square, part, stretched);
        }
      }
    }
    gradient.set(
        0, variance * stretched / (rho * rho * rho) + R(prior_rate) - R(prior_shape - 1) / rho);
    gradient.set(1, alpha * (fma(R(2), off, diagonal) + R(alpha_precision)));
    gradient.set(2, fma(R(0.5), diagonal, sigma));
    const R priors = fma(R(prior_rate), rho, R(1 - prior_shape) * math::log(rho));
    const R squares = fma(R(alpha_precision), variance, fma(sigma, sigma, energy));
    return fma(R(0.5), squares, log_determinant + priors);
  }

  static constexpr double prior_shape = 25;  ///< of rho, gamma distributed
  static constexpr double prior_rate = 4;
  static constexpr double alpha_precision = 0.25;  ///< of the half-normal prior; that of sigma is 1

 private:
  KOKKOS_FORCEINLINE_FUNCTION static int at(int i, int j) { return i * (i + 1) / 2 + j; }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION double squared(int i, int j) const {
    return (place[i] - place[j]) * (place[i] - place[j]);
  }

  /// Of a matrix its Cholesky factor, with inverse diagonal.
  template <class R>
  KOKKOS_FUNCTION void factorise(R* rows) const {
    for (int i = 0; i < points; ++i) {
      for (int j = 0; j <= i; ++j) {
        R sum = rows[at(i, j)];
        for (int k = 0; k < j; ++k) sum = fma(-rows[at(i, k)], rows[at(j, k)], sum);
        rows[at(i, j)] = j < i ? sum * rows[at(j, j)] : R(1) / sqrt(sum);
      }
    }
  }
  /// Inverts the factor in place; the sum of the logarithms of its diagonal.
  template <class R>
  KOKKOS_FUNCTION R invert(R* rows) const {
    R logs(0);
    for (int i = 0; i < points; ++i) {
      const R inverse = rows[at(i, i)];
      logs = logs - math::log(inverse);
      for (int j = 0; j < i; ++j) {
        R sum(0);
        for (int k = j; k < i; ++k) sum = fma(rows[at(i, k)], rows[at(k, j)], sum);
        rows[at(i, j)] = -(inverse * sum);
      }
    }
    return logs;
  }
};

}  // namespace driftwood::mcmc::posteriordb

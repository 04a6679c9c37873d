// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/math.hpp"
#include "mcmc/coordinates.hpp"

namespace driftwood::mcmc::posteriordb {

/// Numbers from two normals, the first with probability theta. Parameters: their means in
/// increasing order, their standard deviations, theta.
struct GaussMix {
  const double* numbers;  ///< (count)
  int count;

  template <class R>
  KOKKOS_FUNCTION R potential(const Coordinates<R>& at, const Coordinates<R>& gradient) const {
    const R mu[2] = {at[0], at[1]};
    const R sigma[2] = {at[2], at[3]};
    const R theta = at[4];
    const R inverse[2] = {R(1) / sigma[0], R(1) / sigma[1]};
    const R log_sigma[2] = {math::log(sigma[0]), math::log(sigma[1])};
    const R offset = math::log(R(1) - theta) - math::log(theta) + (log_sigma[0] - log_sigma[1]);
    R energy(0);  // minus the sum of the logarithms of the larger terms, without constants
    R logs(0);
    R product(1);  // of 1 + the ratio of the smaller term to the larger one
    R members(0);
    R first[2] = {R(0), R(0)};  // sums of standardised numbers, weighted by membership
    R second[2] = {R(0), R(0)};
    for (int i = 0; i < count; ++i) {
      const R a = (R(numbers[i]) - mu[0]) * inverse[0];
      const R b = (R(numbers[i]) - mu[1]) * inverse[1];
      // Of the first term and of the second; their difference would lose the smaller one where a
      // standard deviation is tiny.
      const R here = R(0.5) * (a * a);
      const R there = fma(R(0.5) * b, b, -offset);
      const R excess = here - there;
      const R ratio = math::exp(-abs(excess));
      const R sum = R(1) + ratio;
      product = product * sum;
      if (i % together == together - 1) {
        logs = logs + math::log(product);
        product = R(1);
      }
      energy = energy + min(here, there);
      const R larger = R(1) / sum;
      const R is_first = select(less(excess, R(0)), larger, ratio * larger);
      const R is_second = select(less(excess, R(0)), ratio * larger, larger);
      members = members + is_first;
      first[0] = fma(is_first, a, first[0]);
      first[1] = fma(is_second, b, first[1]);
      second[0] = fma(is_first * a, a, second[0]);
      second[1] = fma(is_second * b, b, second[1]);
    }
    logs = logs + math::log(product);
    const R others = R(count) - members;
    const R n[2] = {members, others};
    R prior(0);
    for (int k = 0; k < 2; ++k) {
      prior = fma(mu[k], mu[k], fma(sigma[k], sigma[k], prior));
      gradient.set(k, fma(R(prior_precision), mu[k], -(inverse[k] * first[k])));
      gradient.set(2 + k, fma(R(prior_precision), sigma[k], inverse[k] * (n[k] - second[k])));
    }
    const R a(prior_shape - 1);
    gradient.set(4, (others + a) / (R(1) - theta) - (members + a) / theta);
    const R all(count);
    const R weights = fma(all + a, math::log(theta), a * math::log(R(1) - theta));
    return fma(all, log_sigma[0], energy - logs) + fma(R(0.5 * prior_precision), prior, -weights);
  }

  static constexpr double prior_precision = 0.25;  ///< of means and standard deviations
  static constexpr double prior_shape = 5;         ///< of theta, beta distributed

 private:
  static constexpr int together = 512;  ///< factors up to 2 of which a product is a double
};

}  // namespace driftwood::mcmc::posteriordb

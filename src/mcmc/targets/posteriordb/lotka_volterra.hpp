// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/math.hpp"
#include "mcmc/coordinates.hpp"

namespace driftwood::mcmc::posteriordb {

/// Prey and predators, u' = (alpha - beta v) u and v' = (delta u - gamma) v, counted with errors
/// that are normal in the logarithm. Parameters: theta = (alpha, beta, gamma, delta), both
/// populations at time 0, and the standard deviations of the errors.
///
/// The logarithms of u and v are integrated by the classical method of Runge and Kutta, and with
/// them their derivatives by the first six parameters: the gradient is that of the potential as it
/// is computed.
struct LotkaVolterra {
  const double* log_counts;  ///< (times, 2), that of time 0 first
  const double* steps;       ///< (times) length of a step up to this time
  const int* many;           ///< (times) how many of them
  int times;

  template <class R>
  KOKKOS_FUNCTION R potential(const Coordinates<R>& theta, const Coordinates<R>& gradient) const {
    const R rates[4] = {theta[0], theta[1], theta[2], theta[3]};
    State<R> now;
    now.log_u = math::log(theta[4]);
    now.log_v = math::log(theta[5]);
    for (int p = 0; p < sensitivities; ++p) now.by_u[p] = now.by_v[p] = R(0);
    now.by_u[4] = now.by_v[5] = R(1);
    R squares[2] = {R(0), R(0)};
    R by[2][sensitivities];  // half the derivatives of the squares
    for (int p = 0; p < sensitivities; ++p) by[0][p] = by[1][p] = R(0);
    for (int t = 0; t < times; ++t) {
      for (int n = 0; n < many[t]; ++n) advance(now, rates, steps[t]);
      const R error[2] = {now.log_u - R(log_counts[2 * t]), now.log_v - R(log_counts[2 * t + 1])};
      for (int k = 0; k < 2; ++k) squares[k] = fma(error[k], error[k], squares[k]);
      for (int p = 0; p < sensitivities; ++p) {
        by[0][p] = fma(error[0], now.by_u[p], by[0][p]);
        by[1][p] = fma(error[1], now.by_v[p], by[1][p]);
      }
    }
    const R errors = set_errors(theta, gradient, squares, by);
    return errors + add_priors(theta, gradient);
  }

 private:
  static constexpr int sensitivities = 6;

  template <class R>
  struct State {
    R log_u;
    R log_v;
    R by_u[sensitivities];  // of the logarithms, by the rates and by those at time 0
    R by_v[sensitivities];
  };

  template <class R>
  KOKKOS_FUNCTION static void slope(const State<R>& at, const R (&rates)[4], State<R>& out) {
    const R u = math::exp(at.log_u);
    const R v = math::exp(at.log_v);
    const R loss = rates[1] * v;
    const R gain = rates[3] * u;
    out.log_u = rates[0] - loss;
    out.log_v = gain - rates[2];
    for (int p = 0; p < sensitivities; ++p) {
      out.by_u[p] = -(loss * at.by_v[p]);
      out.by_v[p] = gain * at.by_u[p];
    }
    out.by_u[0] = out.by_u[0] + R(1);
    out.by_u[1] = out.by_u[1] - v;
    out.by_v[2] = out.by_v[2] - R(1);
    out.by_v[3] = out.by_v[3] + u;
  }
  /// a + h b
  template <class R>
  KOKKOS_FUNCTION static void add(const State<R>& a, double h, const State<R>& b, State<R>& out) {
    out.log_u = fma(R(h), b.log_u, a.log_u);
    out.log_v = fma(R(h), b.log_v, a.log_v);
    for (int p = 0; p < sensitivities; ++p) {
      out.by_u[p] = fma(R(h), b.by_u[p], a.by_u[p]);
      out.by_v[p] = fma(R(h), b.by_v[p], a.by_v[p]);
    }
  }
  template <class R>
  KOKKOS_FUNCTION static void advance(State<R>& now, const R (&rates)[4], double h) {
    const double to_next[] = {h / 2, h / 2, h, 0};
    const double weight[] = {h / 6, h / 3, h / 3, h / 6};
    const State<R> before = now;
    State<R> stage = now;
    State<R> change;
    for (int s = 0; s < 4; ++s) {
      slope(stage, rates, change);
      add(now, weight[s], change, now);
      add(before, to_next[s], change, stage);
    }
  }

  template <class R>
  KOKKOS_FUNCTION R set_errors(const Coordinates<R>& theta, const Coordinates<R>& gradient,
                               const R (&squares)[2], const R (&by)[2][sensitivities]) const {
    R potential(0);
    R weight[2];
    for (int k = 0; k < 2; ++k) {
      const R inverse = R(1) / theta[6 + k];
      weight[k] = inverse * inverse;
      const R energy = weight[k] * squares[k];
      potential = fma(R(times), math::log(theta[6 + k]), fma(R(0.5), energy, potential));
      gradient.set(6 + k, inverse * (R(times) - energy));
    }
    for (int p = 0; p < sensitivities; ++p) {
      const R g = fma(weight[0], by[0][p], weight[1] * by[1][p]);
      gradient.set(p, p < 4 ? g : g / theta[p]);
    }
    return potential;
  }

  /// Normal priors of the rates, lognormal ones of all else.
  template <class R>
  KOKKOS_FUNCTION R add_priors(const Coordinates<R>& theta, const Coordinates<R>& gradient) const {
    constexpr double log_10 = 2.302585092994046;
    const double mean[] = {1, 0.05, 1, 0.05, log_10, log_10, -1, -1};
    const double precision[] = {4, 400, 4, 400, 1, 1, 1, 1};
    R potential(0);
    for (int p = 0; p < 8; ++p) {
      const R at = theta[p];
      const R log_at = p < 4 ? R(0) : math::log(at);
      const R deviation = (p < 4 ? at : log_at) - R(mean[p]);
      const R pull = R(precision[p]) * deviation;
      potential = fma(R(0.5) * pull, deviation, potential + log_at);
      const R before = gradient[p];
      gradient.set(p, before + (p < 4 ? pull : (R(1) + pull) / at));
    }
    return potential;
  }
};

}  // namespace driftwood::mcmc::posteriordb

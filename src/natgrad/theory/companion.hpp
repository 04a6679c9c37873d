// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>

#include "base/error.hpp"
#include "natgrad/theory/bias_variance.hpp"
#include "natgrad/theory/sums.hpp"

namespace driftwood::natgrad {

/// d / n, counting only directions that the design sees. Throws `UsageError` where an eigenvalue is
/// negative or not finite.
[[nodiscard]] inline double seen_per_row(std::span<const double> tau, double gamma) {
  constexpr double largest = std::numeric_limits<double>::max();
  const auto [seen, wrong] = sums_over<2>(tau.size(), [&](std::size_t i) {
    return std::array{tau[i] > 0 ? 1.0 : 0.0, tau[i] >= 0 && tau[i] <= largest ? 0.0 : 1.0};
  });
  if (wrong > 0) {
    throw UsageError("preconditioned features have an eigenvalue that is negative or not finite",
                     "their covariance and the preconditioner must be positive definite");
  }
  return gamma * seen / static_cast<double>(tau.size());
}

/// mu = 1 / m(-ridge), the ridge that n rows of the population's features seem to have: the root of
/// mu = ridge + gamma mean_i[tau_i mu / (tau_i + mu)]; 0 without ridge for gamma <= 1. m is the
/// Stieltjes transform of the spectrum of X P X^T / n, in the limit of n, d = gamma n -> infinity.
/// Silverstein, J. Multivariate Anal. 55 (1995) 331.
///
/// `tau` are the d eigenvalues of P Sigma_X. Throws as `seen_per_row`.
[[nodiscard]] inline double solve_effective_ridge(std::span<const double> tau, double gamma,
                                                  double ridge) {
  const double seen = seen_per_row(tau, gamma);
  if (ridge == 0 && seen <= 1) return 0;
  const double per_row = gamma / static_cast<double>(tau.size());
  const auto [trace] = sums_over<1>(tau.size(), [&](std::size_t i) { return std::array{tau[i]}; });
  // log(ridge / mu + gamma mean[tau / (tau + mu)]) falls from above 0 to below, and is nearly a
  // line in log(mu) over many orders of magnitude. Newton's method in log(mu), within a bracket.
  double mu = ridge + per_row * trace;
  double low = ridge;
  double high = mu;
  if (trace == 0) return mu;
  for (int iteration = 0; iteration < 200; ++iteration) {
    const auto [of_tau, slope_of_tau] = sums_over<2>(tau.size(), [&](std::size_t i) {
      const double inverse = 1 / (tau[i] + mu);
      const double a = tau[i] * inverse;
      return std::array{a, a * inverse};
    });
    const double sum = ridge / mu + per_row * of_tau;
    const double slope = ridge / mu + per_row * slope_of_tau * mu;
    const double step = std::log(sum) * sum / slope;
    (step > 0 ? low : high) = mu;
    const double next = mu * std::exp(step);
    if (std::abs(step) < 1e-8) return next;
    const double middle = low > 0 ? std::sqrt(low) * std::sqrt(high) : high * 1e-3;
    mu = next > low && next < high ? next : middle;
  }
  throw NumericsError("the companion Stieltjes transform was not found");
}

/// Where the risk of gradient descent that has converged, or of a ridge, follows from: P descends
/// on |y - X theta|^2 / (2n) + ridge / 2 |theta|^2 in the norm of P^-1, from 0 to the end.
///
/// With a_i = tau_i / (tau_i + mu) and A = gamma mean[a_i^2]
///   variance = A / (1 - A),  bias = mean[c_i (1 - a_i)^2] / (1 - A),
/// where c_i = u_i^T C u_i, C = Sigma_X^1/2 Sigma_theta Sigma_X^1/2 with E theta* theta*^T =
/// Sigma_theta / d, and u_i are the eigenvectors of Sigma_X^1/2 P Sigma_X^1/2: products of
/// eigenvalues where all commute. After Hastie et al., Ann. Statist. 50 (2022) 949.
///
/// O(d) time, no memory: it reads `tau` as long as it lives.
class Companion {
 public:
  /// Throws `UsageError` without ridge at gamma = 1, where the variance is infinite, for numbers
  /// that are out of range, and for negative `tau`.
  Companion(std::span<const double> tau, double gamma, double ridge = 0) : tau_(tau) {
    if (tau.empty() || !(gamma > 0) || !std::isfinite(gamma) || !(ridge >= 0) ||
        !std::isfinite(ridge)) {
      throw UsageError("gamma must be positive, the ridge 0 or positive, and both finite");
    }
    if (ridge == 0 && std::abs(seen_per_row(tau, gamma) - 1) < 1e-12) {
      throw UsageError("gamma is 1", "with as many rows as features the risk is infinite",
                       "choose another gamma, a ridge, or a time to stop");
    }
    mu_ = solve_effective_ridge(tau, gamma, ridge);
    // A direction that the features do not have is not learnt, not even by mu = 0.
    shift_ = std::max(mu_, std::numeric_limits<double>::min());
    const auto [squares] = sums_over<1>(tau.size(), [&](std::size_t i) {
      const double a = tau_[i] / (tau_[i] + shift_);
      return std::array{a * a};
    });
    learnt_ = gamma * squares / static_cast<double>(tau.size());
  }

  /// mu
  [[nodiscard]] double effective_ridge() const { return mu_; }

  /// m(-ridge), infinite for gamma < 1 without ridge.
  [[nodiscard]] double m() const { return 1 / mu_; }

  /// Per unit of noise.
  [[nodiscard]] double variance() const { return learnt_ / (1 - learnt_); }

  /// `signal` are the c_i.
  [[nodiscard]] double bias(std::span<const double> signal) const {
    const auto [sum] = sums_over<1>(tau_.size(), [&](std::size_t i) {
      const double left = shift_ / (tau_[i] + shift_);
      return std::array{signal[i] * left * left};
    });
    return sum / static_cast<double>(tau_.size()) / (1 - learnt_);
  }

  /// tr(C Q) / d, where Q is the mean of what an estimate leaves of theta*: its square enters the
  /// bias.
  [[nodiscard]] double left_of(std::span<const double> signal) const {
    const auto [sum] = sums_over<1>(tau_.size(), [&](std::size_t i) {
      return std::array{signal[i] * (shift_ / (tau_[i] + shift_))};
    });
    return sum / static_cast<double>(tau_.size());
  }

  [[nodiscard]] BiasVariance bias_variance(std::span<const double> signal) const {
    return {bias(signal), variance()};
  }

 private:
  std::span<const double> tau_;
  double mu_ = 0;
  double shift_ = 0;
  double learnt_ = 0;  ///< A
};

}  // namespace driftwood::natgrad

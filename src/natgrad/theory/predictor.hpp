// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "natgrad/preconditioner.hpp"
#include "natgrad/theory/bias_variance.hpp"
#include "natgrad/theory/companion.hpp"
#include "natgrad/theory/estimated_fisher.hpp"
#include "natgrad/theory/flow.hpp"

namespace driftwood::natgrad {

/// A regression problem whose covariances have the same eigenvectors: rows x of covariance Sigma_X,
/// labels x^T theta* + noise, E theta* theta*^T = Sigma_theta / d.
struct Population {
  std::span<const double> features;  ///< (d) eigenvalues of Sigma_X
  std::span<const double> prior;     ///< (d) of Sigma_theta, in the same order
  double gamma = 2;                  ///< d / n
};

/// What is made of n rows.
struct Estimator {
  Preconditioner preconditioner{};
  double ridge = 0;  ///< adds ridge |theta|^2 / 2 in the norm of P^-1
  double time = std::numeric_limits<double>::infinity();  ///< when gradient flow from 0 stops
};

/// Asymptotic bias and variance of an estimator of a population, for many of them in turn: memory
/// is kept from one to the next.
class Predictor {
 public:
  /// Throws `UsageError` for what is out of range, as gamma = 1 where the risk is infinite, or too
  /// few unlabelled rows.
  [[nodiscard]] BiasVariance operator()(const Population& of, const Estimator& by) {
    const std::size_t d = of.features.size();
    if (d == 0 || of.prior.size() != d) {
      throw Error("features and prior of a population differ in number, or there are none");
    }
    if (!(by.time >= 0)) throw UsageError("the time of an estimator is negative");
    signal_.resize(d);
    for (std::size_t i = 0; i < d; ++i) signal_[i] = of.features[i] * of.prior[i];
    tau_.resize(d);
    switch (by.preconditioner.kind) {
      case Preconditioner::Kind::fisher_sample:
        return of_sample(of, by);
      case Preconditioner::Kind::fisher_estimate:
        return of_estimate(of, by);
      default:
        by.preconditioner.fill(of.features, of.prior, tau_);
        for (std::size_t i = 0; i < d; ++i) tau_[i] *= of.features[i];
        return of_spectrum(of.gamma, by, tau_);
    }
  }

 private:
  [[nodiscard]] BiasVariance of_spectrum(double gamma, const Estimator& by,
                                         std::span<const double> tau) {
    if (by.time == 0) return {null_risk(), 0};
    if (std::isinf(by.time)) return Companion(tau, gamma, by.ridge).bias_variance(signal_);
    flow_.begin(tau, gamma, by.ridge, by.time);
    return flow_.bias_variance(signal_);
  }

  /// In the norm of P^-1 the design is white on its n rows: whatever the ridge and the time, theta
  /// is that of plain gradient descent to its end, times one number.
  [[nodiscard]] BiasVariance of_sample(const Population& of, const Estimator& by) const {
    const Companion whole(of.features, of.gamma);
    const double learnt = -std::expm1(-by.time * (1 + by.ridge)) / (1 + by.ridge);
    const double left = 1 - learnt;
    return {left * left * null_risk() + 2 * left * learnt * whole.left_of(signal_) +
                learnt * learnt * whole.bias(signal_),
            learnt * learnt * whole.variance()};
  }

  [[nodiscard]] BiasVariance of_estimate(const Population& of, const Estimator& by) {
    const auto d = static_cast<double>(of.features.size());
    const auto u = static_cast<double>(by.preconditioner.rows);
    if (by.ridge == 0 && std::isinf(by.time)) {
      return estimated_fisher_limit(of.gamma, u / d, null_risk());
    }
    const std::pair key{of.features.size(), by.preconditioner.rows};
    if (white_key_ != key) {
      white_.resize(of.features.size());
      fill_white_sample(d / u, white_);
      for (double& v : white_) v = 1 / v;
      white_key_ = key;
    }
    const double mean = null_risk();
    for (double& v : signal_) v = mean;
    return of_spectrum(of.gamma, by, white_);
  }

  /// tr(Sigma_X Sigma_theta) / d
  [[nodiscard]] double null_risk() const {
    const auto [sum] =
        sums_over<1>(signal_.size(), [&](std::size_t i) { return std::array{signal_[i]}; });
    return sum / static_cast<double>(signal_.size());
  }

  std::vector<double> tau_{};
  std::vector<double> signal_{};
  std::vector<double> white_{};  ///< of the unlabelled rows below
  std::pair<std::size_t, std::int64_t> white_key_{};
  Flow flow_{};
};

}  // namespace driftwood::natgrad

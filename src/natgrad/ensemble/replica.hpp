// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "natgrad/ensemble/decomposed.hpp"
#include "natgrad/ensemble/draw.hpp"
#include "natgrad/ensemble/factored.hpp"
#include "natgrad/theory/predictor.hpp"

namespace driftwood::natgrad {

/// One drawn design X (n, d) and what estimators make of it: bias and variance as exact means over
/// theta* and noise, by traces. Nothing but X and unlabelled rows is drawn, in the eigenbasis of
/// Sigma_X. The same bits on every rank of a machine: BLAS computes in one thread.
///
/// A factorisation serves all priors. It is kept until the preconditioner changes, so that calls
/// should have the preconditioner outermost.
class Replica {
 public:
  /// With `many_filters` K is decomposed into eigenvalues even for estimators that run to the end
  /// of the flow, where one factorisation would do: less work from about four ridges on. Results
  /// differ by rounding.
  explicit Replica(bool many_filters = false);

  /// Rows of features with covariance diag(features). Throws `UsageError` where there are no rows
  /// or features, or their eigenvalues are negative or not finite.
  void draw(const DesignKey& key, std::size_t n, std::span<const double> features,
            FeatureLaw law = FeatureLaw::normal);

  /// Rows (n, d) that are given, of a population whose covariance is diag(features); `key` is for
  /// what is said of them. Throws as `draw`.
  void take(const DesignKey& key, Dense rows, std::span<const double> features);

  /// Bias and variance (per unit noise) of one estimator, of signals of covariance diag(prior) / d.
  /// Throws `UsageError` for what is out of range, as too few unlabelled rows, and `NumericsError`
  /// where a matrix that is to be inverted is singular.
  [[nodiscard]] BiasVariance operator()(std::span<const double> prior, const Estimator& by);

  /// (n, d) the rows that were drawn
  [[nodiscard]] const Dense& rows() const { return x_; }

 private:
  /// Which matrix P stands for.
  struct Chosen {
    Preconditioner preconditioner{};
    std::vector<double> p{};  ///< of a fixed one
    friend bool operator==(const Chosen&, const Chosen&) = default;
  };

  void begin(const DesignKey& key, std::size_t n, std::span<const double> features);
  void check(std::span<const double> prior, const Estimator& by) const;
  void choose(std::span<const double> prior, const Preconditioner& preconditioner);
  /// The Fisher matrix of the sample or of unlabelled rows, lower triangle.
  void fill_fisher(const Preconditioner& preconditioner, Dense& fisher) const;
  /// H of that of the sample, of fewer rows than features: see `Preconditioned::set_of_rows`.
  [[nodiscard]] Dense root_of_sample() const;
  [[nodiscard]] const Losses& factored(double ridge);

  bool many_filters_;
  Design design_{};
  FeatureLaw law_ = FeatureLaw::normal;
  std::vector<double> features_{};
  Dense x_{};
  std::optional<double> least_squares_{};  ///< its variance
  std::optional<Chosen> chosen_{};
  Preconditioned p_{};
  Factored factored_{};
  std::vector<std::pair<double, Losses>> by_ridge_{};
  Decomposed decomposed_{};
  bool is_decomposed_ = false;
};

}  // namespace driftwood::natgrad

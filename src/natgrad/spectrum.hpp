// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>
#include <string_view>

namespace driftwood::natgrad {

/// Eigenvalues of the covariance of features, by a rule, with mean 1.
class Spectrum {
 public:
  enum class Kind {
    identity,   ///< all are 1
    twopoint,   ///< the first floor(d/2) are `parameter` times the others
    geometric,  ///< x_i = parameter^(-(i - 1/2) / d), i = 1 ... d, times a constant
    power,      ///< x_i = i^(-parameter), times a constant
  };

  Spectrum() = default;
  /// `parameter` is the ratio or the exponent of the rule. Throws `UsageError` for a ratio that is
  /// not positive and for numbers that are not finite.
  explicit Spectrum(Kind kind, double parameter = 0);

  /// The rule of that name. Throws `UsageError` where there is none, and as the constructor.
  [[nodiscard]] static Spectrum named(std::string_view kind, double parameter = 0);

  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] double parameter() const { return parameter_; }

  /// Writes d = x.size() eigenvalues. Throws `UsageError` where the rule leaves the range of
  /// doubles.
  void fill(std::span<double> x) const;

 private:
  Kind kind_ = Kind::identity;
  double parameter_ = 0;
};

/// Eigenvalues of the prior covariance Sigma_theta = c Sigma_X^r, the alignment of a signal with
/// the features: r = 1 aligned, 0 isotropic, -1 misaligned. c makes tr(Sigma_X Sigma_theta) / d =
/// 1, the risk of predicting 0. Throws `UsageError` where a power leaves the range of doubles.
void fill_aligned(std::span<const double> features, double r, std::span<double> prior);

}  // namespace driftwood::natgrad

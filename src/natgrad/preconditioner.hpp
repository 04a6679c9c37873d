// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace driftwood::natgrad {

/// What multiplies the gradient, as a deck names it.
struct Preconditioner {
  enum class Kind {
    gd,               ///< I, plain gradient descent
    ngd,              ///< Sigma_X^-1, natural gradient: the Fisher matrix of the population
    opt,              ///< Sigma_theta, the least bias of all
    add,              ///< (a Sigma_X + (1 - a) I)^-1
    pow,              ///< Sigma_X^-a
    fisher_estimate,  ///< (Z^T Z / u)^-1 of u unlabelled rows Z
    fisher_sample,    ///< (X^T X / n + rho I)^-1, rho -> 0: the Fisher matrix of the sample
  };

  Kind kind = Kind::gd;
  double a = 0;           ///< of `add`, in [0, 1], and `pow`
  std::int64_t rows = 0;  ///< u of `fisher_estimate`

  /// "gd", "ngd", "opt", "add:A", "pow:A", "fisher_estimate:U" or "fisher_sample". Throws
  /// `UsageError` for anything else.
  [[nodiscard]] static Preconditioner parse(std::string_view text);

  /// What `parse` reads back as the same.
  [[nodiscard]] std::string name() const;

  /// Whether it is a function of the population alone, not of drawn rows.
  [[nodiscard]] bool is_fixed() const {
    return kind != Kind::fisher_estimate && kind != Kind::fisher_sample;
  }

  /// The eigenvalues of a fixed one, where those of Sigma_X and Sigma_theta share their
  /// eigenvectors. Throws `Error` for one that is not fixed.
  void fill(std::span<const double> features, std::span<const double> prior,
            std::span<double> p) const;

  friend bool operator==(const Preconditioner&, const Preconditioner&) = default;
};

}  // namespace driftwood::natgrad

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>

namespace driftwood::natgrad {

/// What divides the gradient of a network: whose Fisher matrix F, and how it is damped. Dampings
/// are in units of F's mean eigenvalue m.
struct FisherChoice {
  enum class Kind {
    gd,              ///< I
    sample,          ///< (F + damping m I)^-1, F of the samples that are learnt from
    population,      ///< the same of these and unlabelled ones
    population_mix,  ///< (weight F / m + (1 - weight) I)^-1 of the latter
    empirical,  ///< of gradients of the samples' losses, not of what the model expects of labels
  };
  Kind kind = Kind::gd;
  double number = 0;  ///< damping, or weight

  /// "gd", "sample:1", ... Throws `UsageError` for anything else.
  [[nodiscard]] static FisherChoice parse(std::string_view text);

  /// Whether it is gradient descent, which `population_mix:0` is, too.
  [[nodiscard]] bool is_plain() const {
    return kind == Kind::gd || (kind == Kind::population_mix && number == 0);
  }
  [[nodiscard]] bool uses_unlabelled() const {
    return !is_plain() && (kind == Kind::population || kind == Kind::population_mix);
  }
  /// In units of m.
  [[nodiscard]] double damping() const {
    return kind == Kind::population_mix ? (1 - number) / number : number;
  }
};

/// Lines of `--list`.
[[nodiscard]] std::string fisher_choices_text();

}  // namespace driftwood::natgrad

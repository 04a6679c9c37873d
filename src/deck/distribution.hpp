// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

namespace driftwood::deck {

/// A number, or the law it is drawn from. Decks give it as a number or as one of
///
///     { kind = "normal", mean = 0.0, sd = 1.0 }
///     { kind = "lognormal", log_mean = 0.0, log_sd = 1.0 }
///     { kind = "uniform", low = 0.0, high = 1.0 }
struct Distribution {
  enum class Kind { constant, normal, lognormal, uniform };

  Kind kind = Kind::constant;
  double first = 0;   ///< the constant, the mean (of the logarithm), or the lower end
  double second = 0;  ///< the standard deviation (of the logarithm), or the upper end

  Distribution() = default;
  Distribution(double constant) : first(constant) {}  // NOLINT: a number is the simplest law
  Distribution(Kind k, double a, double b) : kind(k), first(a), second(b) {}

  [[nodiscard]] friend bool operator==(const Distribution&, const Distribution&) = default;
};

/// As TOML.
[[nodiscard]] std::string to_text(const Distribution& law);

}  // namespace driftwood::deck

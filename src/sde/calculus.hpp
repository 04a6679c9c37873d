// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace driftwood::sde {

/// How the stochastic integral is meant.
enum class Calculus { ito, stratonovich };

/// What is known of the diffusion matrix g(t, x), from special to general.
enum class Noise {
  additive,     ///< does not depend on x
  scalar,       ///< one column
  diagonal,     ///< column i acts on component i alone and depends on x_i alone
  commutative,  ///< the columns commute as vector fields: no Levy areas are needed
  general,
};

/// How a scheme takes the drift over a step.
enum class DriftRule {
  plain,     ///< explicitly: may diverge where the drift is steep for the step
  tamed,     ///< explicitly, but bounded
  implicit,  ///< from the end of the step
  exact,     ///< the solution itself
};

[[nodiscard]] constexpr std::string_view to_string(Noise noise) {
  constexpr std::array<std::string_view, 5> names = {"additive", "scalar", "diagonal",
                                                     "commutative", "general"};
  return names[static_cast<std::size_t>(noise)];
}
[[nodiscard]] constexpr std::string_view to_string(Calculus calculus) {
  return calculus == Calculus::ito ? "Ito" : "Stratonovich";
}
[[nodiscard]] constexpr std::string_view to_string(DriftRule rule) {
  constexpr std::array<std::string_view, 4> names = {"explicit", "tamed", "implicit", "exact"};
  return names[static_cast<std::size_t>(rule)];
}

}  // namespace driftwood::sde

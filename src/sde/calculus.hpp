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

[[nodiscard]] constexpr std::string_view to_string(Noise noise) {
  constexpr std::array<std::string_view, 5> names = {"additive", "scalar", "diagonal",
                                                     "commutative", "general"};
  return names[static_cast<std::size_t>(noise)];
}
[[nodiscard]] constexpr std::string_view to_string(Calculus calculus) {
  return calculus == Calculus::ito ? "Ito" : "Stratonovich";
}

}  // namespace driftwood::sde

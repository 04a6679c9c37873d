// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sde/schemes/euler_maruyama.hpp"

namespace driftwood::sde {

/// Euler-Maruyama with +-sqrt(h) in place of the increments: expectations only. Kloeden and Platen
/// (1992), section 14.1.
struct WeakEuler : EulerMaruyama {
  static constexpr std::string_view name = "weak_euler";
  static constexpr std::string_view summary = "x + f h +- g sqrt(h), for expectations";
  static constexpr Increments increments(Noise) { return Increments::two_point; }
  static constexpr double strong_order(Noise) { return 0.0; }
  static constexpr bool adapts(Noise) { return false; }
};
static_assert(Scheme<WeakEuler>);

}  // namespace driftwood::sde

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string_view>

#include "mcmc/sampler_traits.hpp"
#include "mcmc/samplers/euler_step.hpp"

namespace driftwood::mcmc {

/// Euler and Maruyama's method for overdamped Langevin dynamics, the unadjusted Langevin algorithm:
/// x' = x - h grad U(x) + sqrt(2 h) xi.
struct Ula : NoKeys {
  static constexpr SamplerTraits traits = {
      .name = "ula",
      .summary = "unadjusted Langevin algorithm (Euler-Maruyama)",
      .bias_order = 1,
      .energy_variance = 5e-4,
      .trial = Trial::euler};

  template <class T>
  void step(T& tile, double h) const {
    tile.apply(EulerStep(Slot::position, h));
    tile.evaluate();
  }
};

}  // namespace driftwood::mcmc

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "mcmc/launch/tile.hpp"
#include "mcmc/sampler_traits.hpp"

namespace driftwood::mcmc {

/// Euler and Maruyama's method for the Ito diffusion of the target: x' = x + h b(x) + sigma(x) W.
struct EulerMaruyama : NoKeys {
  static constexpr SamplerTraits traits = {
      .name = "em",
      .summary = "Euler-Maruyama for the target's Ito diffusion: strong order 1/2",
      .vectors = DiffusionStep::vectors,
      .bias_order = 1,
      .needs_diffusion = true};

  template <class T>
  void step(T& tile, double h) const {
    tile.move(DiffusionStep{.scheme = DiffusionScheme::em, .h = h});
    tile.evaluate();
  }
};

}  // namespace driftwood::mcmc

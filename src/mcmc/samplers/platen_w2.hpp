// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "mcmc/launch/tile.hpp"
#include "mcmc/sampler_traits.hpp"

namespace driftwood::mcmc {

/// Platen's explicit method of weak order 2 for the Ito diffusion of the target:
/// `MoveByDiffusion::weak`.
struct PlatenWeak2 : NoKeys {
  static constexpr SamplerTraits traits = {
      .name = "platen_w2",
      .summary = "Platen's explicit method for the target's Ito diffusion: weak order 2",
      .vectors = DiffusionStep::vectors,
      .bias_order = 2,
      .needs_diffusion = true,
      .has_areas = true};

  template <class T>
  void step(T& tile, double h) const {
    tile.move(
        DiffusionStep{.scheme = DiffusionScheme::platen_w2, .areas = LevyAreas::talay, .h = h});
    tile.evaluate();
  }
};

}  // namespace driftwood::mcmc

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <string>

#include "mcmc/launch/tile.hpp"
#include "mcmc/sampler_traits.hpp"

namespace driftwood::mcmc {

/// Stochastic Runge-Kutta for the Ito diffusion of the target: `MoveByDiffusion::strong`.
class SrkId {
 public:
  static constexpr SamplerTraits traits = {
      .name = "srk_id",
      .summary = "stochastic Runge-Kutta for the target's Ito diffusion: strong order 1",
      .vectors = DiffusionStep::vectors,
      .bias_order = 1,
      .needs_diffusion = true,
      .has_areas = true};

  void describe(deck::Schema& s) {
    s.key("levy", levy_, deck::one_of({"none", "talay", "wiktorsson"}),
          "Levy areas: none, for noise that commutes; fair coins, for expectations; or a series of "
          "1/sqrt(h) terms and a normal for the rest, for paths");
  }
  void validate(const deck::Source& deck, const std::string& path, const Situation& where) const {
    if (levy_ == "none" && where.noise == DiffusionNoise::general) {
      throw deck.error(path + ".levy", "'srk_id' needs Levy areas",
                       "the noise of the target's diffusion does not commute",
                       "take \"talay\" for expectations, or \"wiktorsson\" for paths");
    }
  }

  template <class T>
  void step(T& tile, double h) const {
    DiffusionStep step{.scheme = DiffusionScheme::srk_id, .h = h};
    if (levy_ == "talay") step.areas = LevyAreas::talay;
    if (levy_ == "wiktorsson") {
      step.areas = LevyAreas::wiktorsson;
      step.terms =
          random::LevyTerms(static_cast<int>(std::min(std::ceil(1 / std::sqrt(h)), most_terms)));
    }
    tile.move(step);
    tile.evaluate();
  }

 private:
  static constexpr double most_terms = 1000;

  std::string levy_ = "talay";
};

}  // namespace driftwood::mcmc

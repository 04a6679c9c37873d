// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string_view>

#include "deck/schema.hpp"
#include "mcmc/diffusion_noise.hpp"

namespace driftwood::mcmc {

/// What tells the energy error of a step, by which its size is adapted.
enum class Trial {
  own,       ///< the sampler itself, by `Number::energy_error`
  euler,     ///< a Metropolis test of an Euler step of the same size
  leapfrog,  ///< of a leapfrog step of the same size, from a velocity drawn anew
};

/// What a sampler says of itself. What it claims is tested.
struct SamplerTraits {
  std::string_view name;     ///< as decks call it
  std::string_view summary;  ///< one line
  int gradients = 1;         ///< of each step; 0: as its keys say
  int vectors = 0;           ///< of its own, see `Slot`
  int numbers = 0;           ///< of its own, see `Number`
  int bias_order = 0;        ///< of the bias of expectations, in the step size; 0: it has none
  double acceptance = 0;     ///< to which the step size is adapted; 0: it accepts every step
  /// Mean square of the energy error of a step, per coordinate, to which the step size is adapted
  /// where every step is accepted; 0: of those that do not.
  double energy_variance = 0;
  Trial trial = Trial::own;
  bool has_step_size = true;
  bool needs_diffusion = false;  ///< that the target is the stationary law of one
  bool has_areas = false;        ///< a number of each pair of coordinates, behind its others
  bool takes_batches = false;    ///< of rows of data, in place of gradients
  /// Which of its numbers is the energy that a step began with, potential and a velocity drawn
  /// anew; 0: none is.
  int energy = 0;

  /// Its own numbers of a chain.
  [[nodiscard]] constexpr int own_numbers(int dim) const {
    return numbers + (has_areas ? dim * (dim - 1) / 2 : 0);
  }
  /// Whether a step says how wrong its size is, or a try of it does.
  [[nodiscard]] constexpr bool can_adapt() const { return acceptance > 0 || energy_variance > 0; }
  /// The step of `mala` that tries a step of this size. A leapfrog step h from a normal velocity
  /// is the Euler step h^2 / 2.
  [[nodiscard]] constexpr double trial_step(double h) const {
    return trial == Trial::leapfrog ? 0.5 * h * h : h;
  }
};

/// What a sampler is to move.
struct Situation {
  std::int64_t dim = 0;  ///< coordinates
  std::int64_t chains = 0;
  std::int64_t rows = 0;                        ///< of the target's data; 0: it has none
  DiffusionNoise noise = DiffusionNoise::none;  ///< of the target's diffusion
};

/// A sampler without keys of its own.
struct NoKeys {
  void describe(deck::Schema&) {}
};

}  // namespace driftwood::mcmc

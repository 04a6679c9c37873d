// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string_view>

#include "deck/schema.hpp"

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
};

/// A sampler without keys of its own.
struct NoKeys {
  void describe(deck::Schema&) {}
};

}  // namespace driftwood::mcmc

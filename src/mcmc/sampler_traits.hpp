// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string_view>

#include "deck/schema.hpp"

namespace driftwood::mcmc {

/// What a sampler says of itself. What it claims is tested.
struct SamplerTraits {
  std::string_view name;     ///< as decks call it
  std::string_view summary;  ///< one line
  int gradients = 1;         ///< of each step; 0: as its keys say
  int vectors = 0;           ///< of its own, see `Slot`
  int numbers = 0;           ///< of its own, see `Number`
  int bias_order = 0;        ///< of the bias of expectations, in the step size; 0: it has none
  double acceptance = 0;     ///< to which the step size is adapted; 0: it accepts every step
};

/// A sampler without keys of its own.
struct NoKeys {
  void describe(deck::Schema&) {}
};

}  // namespace driftwood::mcmc

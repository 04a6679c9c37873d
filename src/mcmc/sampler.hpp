// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "deck/schema.hpp"
#include "mcmc/batch.hpp"
#include "mcmc/sampler_traits.hpp"

namespace driftwood::mcmc {

class Tile;

/// A sampler of the deck, with its keys; kernels are behind it.
class Sampler {
 public:
  virtual ~Sampler() = default;

  virtual void describe(deck::Schema& s) = 0;
  /// Rules that involve several keys of the table `path`, or what the chains are. Throws
  /// `UsageError`.
  virtual void validate(const deck::Source& deck, const std::string& path,
                        const Situation& where) const = 0;
  [[nodiscard]] virtual SamplerTraits traits() const = 0;
  /// What it takes of the target's rows of data, see `SamplerTraits::takes_batches`.
  [[nodiscard]] virtual BatchRule batches() const { return {}; }
  /// Whether the step size that it is given is that of every step.
  [[nodiscard]] virtual bool has_constant_steps() const { return true; }

  /// Makes chains that have been put somewhere ready for their first step.
  virtual void begin(Tile& tile) const = 0;
  /// Takes all chains of the tile over one step of size h.
  virtual void step(Tile& tile, double h) const = 0;
};

/// The one that tries the steps of others, see `Trial`: `mala`.
[[nodiscard]] std::shared_ptr<Sampler> trial_sampler();

/// All samplers, as alternatives of a deck's key.
[[nodiscard]] std::vector<deck::Alternative<Sampler>> samplers();

}  // namespace driftwood::mcmc

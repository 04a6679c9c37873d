// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "deck/schema.hpp"
#include "mcmc/diffusion_noise.hpp"
#include "mcmc/parameter.hpp"

namespace driftwood::mcmc {

class Density;

/// A target of the deck, with its keys: a distribution to draw from.
class Target {
 public:
  virtual ~Target() = default;

  virtual void describe(deck::Schema& s) = 0;

  /// Reads what the keys name; rules that involve several keys. Throws `UsageError` at the key
  /// under the table `path`.
  virtual void validate(const deck::Source& deck, const std::string& path) {
    static_cast<void>(deck);
    static_cast<void>(path);
  }

  /// What is drawn, in the order of theta.
  [[nodiscard]] virtual std::vector<Parameter> parameters() const = 0;
  [[nodiscard]] virtual std::unique_ptr<Density> density() const = 0;
  /// How many coordinates chains move in: fewer than parameters where these are not independent.
  [[nodiscard]] virtual std::int64_t coordinates() const {
    return std::ssize(names_of(parameters()));
  }
  /// The noise of the Ito diffusion whose stationary law this is, where one is known.
  [[nodiscard]] virtual DiffusionNoise diffusion_noise() const { return DiffusionNoise::none; }

  /// Rows of data that its density is a product over, and a prior; 0: it is none of data.
  [[nodiscard]] virtual std::int64_t rows() const { return 0; }

  /// How far its gradient may be, relatively, from finite differences of its potential, when a run
  /// begins; 0: they are not compared, as where the potential has kinks or is not exact.
  [[nodiscard]] virtual double gradient_tolerance() const { return 1e-5; }
};

/// All targets, as alternatives of a deck's key.
[[nodiscard]] std::vector<deck::Alternative<Target>> targets();

}  // namespace driftwood::mcmc

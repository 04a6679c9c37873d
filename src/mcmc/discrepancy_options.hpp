// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "deck/schema.hpp"
#include "mcmc/target.hpp"
#include "stats/kernel_stein.hpp"

namespace driftwood::mcmc {

/// `[diagnostics] ksd`.
struct KsdOptions {
  std::int64_t points = 4096;
  stats::ImqKernel kernel;

  void describe(deck::Schema& s);
};

/// `[diagnostics] w2`.
struct W2Options {
  std::vector<std::string> kinds = {"exact", "sliced"};
  std::int64_t points = 1024;
  std::int64_t repeats = 8;
  std::int64_t directions = 256;
  double epsilon = 0.05;
  bool standardise = false;
  std::optional<std::string> reference;  ///< a file, relative to the deck

  void describe(deck::Schema& s);
  /// Reads the reference.
  void validate(const deck::Source& deck, const Target& target);

  /// What the file holds (draw, number); empty without one: the target can be drawn from.
  std::vector<double> draws = {};
};

}  // namespace driftwood::mcmc

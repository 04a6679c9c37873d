// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "deck/schema.hpp"
#include "sde/model.hpp"

namespace driftwood::sde {

/// One entry of the deck's table `[jumps]`: jumps that come at random times and change the state.
struct JumpOptions {
  std::string rate;
  std::optional<double> bound;
  std::map<std::string, deck::Distribution> marks;
  std::map<std::string, std::string> change;  ///< by component

  void describe(deck::Schema& s);
};

using JumpTable = std::map<std::string, JumpOptions>;

struct EnsembleOptions;
struct JumpPlan;
struct TimeOptions;

/// Throws `UsageError` for names that there are not or that are taken, formulas that cannot be
/// read, bounds that do not fit, and schemes, steps and precisions that paths with jumps cannot
/// have.
void validate(const JumpTable& jumps, const deck::Source& deck, const Model& model,
              const TimeOptions& time, const EnsembleOptions& ensemble);

/// The jumps must have been validated; null where there are none.
[[nodiscard]] std::shared_ptr<const JumpPlan> jump_plan(const JumpTable& jumps, const Model& model,
                                                        const deck::Source& deck);

}  // namespace driftwood::sde

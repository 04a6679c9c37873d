// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "deck/schema.hpp"
#include "sde/jump_options.hpp"
#include "sde/model.hpp"
#include "sde/watcher.hpp"

namespace driftwood::sde {

/// One entry of the deck's table `[events]`: the first passage of a component through a level, and
/// what becomes of a path there.
struct EventOptions {
  std::optional<std::string> component;
  double level = 0;
  std::string direction = "up";
  std::string policy = "record";
  std::optional<double> to;
  bool bridge = true;
  std::int64_t bins = 100;

  void describe(deck::Schema& s);
};

/// One entry of `[observe] running`: something that every step adds to.
struct RunningOptions {
  std::string kind;
  std::optional<std::string> component;
  std::optional<std::vector<double>> range;
  bool bridge = true;

  void describe(deck::Schema& s);
};

using Events = std::map<std::string, EventOptions>;
using Runnings = std::map<std::string, RunningOptions>;

/// A number that watchers remember of each path, as results name it.
struct WatchedNumber {
  std::string name;
  std::string units;
  std::string what;
  std::string where;  ///< path of its table in the deck
};

/// Everything that a deck wants to be watched.
struct WatchPlan {
  std::vector<Watcher> watchers;       ///< events first, each in the order of their names
  std::vector<WatchedNumber> numbers;  ///< one per row that the watchers remember, then jumps
};

/// Throws `UsageError` for components that there are not, keys that do not fit each other, and
/// policies for schemes that carry a second state, which no policy moves.
void validate(const Events& events, const deck::Source& deck, const Model& model,
              const std::string& scheme);
void validate(const Runnings& running, const deck::Source& deck, const Model& model);

/// All must have been validated.
[[nodiscard]] WatchPlan watch_plan(const Events& events, const Runnings& running,
                                   const JumpTable& jumps, const Model& model);

}  // namespace driftwood::sde

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "deck/schema.hpp"
#include "sde/options.hpp"

namespace driftwood::sde {

/// The deck's table `[task]`: what is done with the equation.
struct TaskOptions {
  std::string kind = "ensemble";
  std::optional<double> accuracy;
  std::optional<std::int64_t> given_pilot;
  std::optional<std::int64_t> given_most_levels;

  void describe(deck::Schema& s);
  /// Throws `UsageError` for keys that do not fit the task, and for schemes whose paths on two
  /// grids cannot share a Brownian motion.
  void validate(const deck::Source& deck, const TimeOptions& time, const EnsembleOptions& ensemble,
                const ObserveOptions& observe, const Model& model, bool has_jumps) const;

  [[nodiscard]] bool is_multilevel() const { return kind == "multilevel"; }
  [[nodiscard]] std::int64_t pilot() const { return given_pilot.value_or(8192); }
  [[nodiscard]] std::int64_t most_levels() const { return given_most_levels.value_or(12); }
};

}  // namespace driftwood::sde

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "sde/step_control.hpp"
#include "sde/watcher.hpp"

namespace driftwood::sde {

/// How Levy areas are drawn.
enum class LevyAreas {
  series,               ///< Fourier series, for convergence of paths
  conditional_gaussian  ///< normals with the right mean and variance given W and H, for
                        ///< expectations
};

struct JumpPlan;

/// What a propagator needs to know besides its model.
struct PropagatorOptions {
  double end;          ///< [time]
  std::int64_t steps;  ///< equal steps from 0 to `end`
  std::uint64_t seed;
  std::int64_t capacity;    ///< paths of the largest wave
  bool antithetic = false;  ///< paths 2 k and 2 k + 1 start alike and see W and -W
  LevyAreas levy_areas = LevyAreas::series;
  /// The noise of each step is joined from that of two of half its size: that of the same paths
  /// with twice as many steps.
  bool joins_steps = false;
  std::vector<Watcher> watchers = {};  ///< `numbered`
  /// Steps adapt to their errors; `steps` are then the intervals between the times of results.
  std::optional<StepControl> control = {};
  std::shared_ptr<const JumpPlan> jumps = nullptr;  ///< null: paths do not jump
};

enum class Precision { single_, double_ };

}  // namespace driftwood::sde

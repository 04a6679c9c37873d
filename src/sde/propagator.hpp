// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/portability.hpp"
#include "sde/given_noise.hpp"
#include "sde/integrate.hpp"
#include "sde/propagator_options.hpp"
#include "stats/block_moments.hpp"
#include "stats/bytes.hpp"

namespace driftwood::sde {

/// Consecutive path ids that are simulated together.
struct PathRange {
  std::uint64_t first;
  std::int64_t count;
};

using stats::Channels;

/// Number of lanes' paths to which a wave is padded.
inline constexpr std::int64_t path_padding = 128;

/// The states of one wave of paths, and how they move: one model, scheme and precision, chosen once
/// per run. The kernels behind it are compiled one model per file.
class Propagator {
 public:
  virtual ~Propagator() = default;

  /// Puts the paths at their initial states. Throws `Error` for more paths than `capacity`.
  virtual void start(const PathRange& paths) = 0;

  /// Takes them over the given steps.
  virtual void advance(const Steps& steps) = 0;

  /// Takes them over all steps of a noise from elsewhere, whose step size is the propagator's.
  /// Column p of the noise is path p of the wave. Throws `Error` in single precision.
  virtual void follow(const GivenNoise& noise) = 0;

  /// Copies component i of the states to row i of `to`, as doubles, what watchers remember to the
  /// rows below, and how often paths jumped to those below these.
  virtual void read(const Channels& to) const = 0;

  /// What the paths of the wave carry from one step to the next, for a checkpoint.
  virtual void save(stats::ByteWriter& out) const = 0;
  /// Puts the paths, after `start`, to where they were saved.
  virtual void restore(stats::ByteReader& in) = 0;

  /// Sizes of the steps of all waves so far, where they adapt.
  [[nodiscard]] virtual StepCounts step_counts() const { return {}; }

  /// The highest rate of each kind of jumps that was above its bound, in all waves so far; 0 where
  /// none was [1/time].
  [[nodiscard]] virtual std::vector<double> rates_above_bounds() const { return {}; }
};

/// Follows one path from its initial state through `last` steps: the number of steps after which
/// one of its `components` is first not finite, if that happens. Ends what the propagator was at.
[[nodiscard]] std::optional<std::int64_t> first_nonfinite_step(Propagator& propagator,
                                                               std::int64_t components,
                                                               std::uint64_t path,
                                                               std::int64_t last);

}  // namespace driftwood::sde

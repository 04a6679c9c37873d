// SPDX-License-Identifier: BSD-3-Clause
/// What trials of plans measure with.
#pragma once

#include <cstdint>
#include <span>

#include "io/disk.hpp"
#include "run/context.hpp"

namespace driftwood::run {

/// How long something takes that is to be predicted.
class TrialClock {
 public:
  /// `computes_here`: all is computed by threads of the host, of which the caller is one.
  explicit TrialClock(bool computes_here) : computes_here_(computes_here) {}

  /// Processor time of this thread, which takes part in all that is computed: other work on the
  /// machine does not count. Where it only waits for a device, wall time [s].
  [[nodiscard]] double now() const;

 private:
  bool computes_here_;
};

/// When a part of a trial ends that begins now.
class TrialDeadline {
 public:
  TrialDeadline(const TrialClock& clock, double seconds);

  /// Whether it has come, and `grace` seconds more have gone by.
  [[nodiscard]] bool is_over(double grace = 0) const;
  /// Whether so much more can be done before.
  [[nodiscard]] bool leaves(double seconds) const;
  /// Until then [s].
  [[nodiscard]] double left() const { return end_ - clock_.now(); }

 private:
  const TrialClock& clock_;
  double end_;
  double wall_end_;  ///< much later, for a machine that does other work
};

/// What checkpoints cost on the disk of the output.
struct DiskSpeed {
  double empty_checkpoint = 0;  ///< [s]
  double bytes_per_second = 0;
};

/// Measured, by files in a folder beside the output. `context` must be alone.
[[nodiscard]] DiskSpeed measure_disk(const Context& context, const io::disk::ScratchFolder& folder);
/// Size of the checkpoint of one rank that has this to save, really written [byte].
[[nodiscard]] std::int64_t size_of_checkpoint(const Context& context,
                                              const io::disk::ScratchFolder& folder,
                                              std::span<const std::byte> part);

}  // namespace driftwood::run

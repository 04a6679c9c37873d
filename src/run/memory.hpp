// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace driftwood::run {

/// Has the allocator give large blocks back to the system as soon as they are freed. Of its own
/// accord it soon keeps them, so that how much a process holds depends on the order in which blocks
/// come and go, and with it on the number of ranks.
void return_large_blocks();

/// How much memory of its own this process has held at most since some moment, beyond what it held
/// then. Pages of files and of memory shared with other ranks do not count: libraries and MPI have
/// those.
class MemoryMeter {
 public:
  /// Begins here.
  MemoryMeter();

  /// Looks at what has been the most since the last look. Call it at the end of each phase, so that
  /// pages of files that a later one brings are not taken for those of an earlier one.
  void sample();
  /// The same, but not more often than once a second of the monotonic clock's time `now`.
  void pass(double now) {
    if (now < next_) return;
    next_ = now + 1;
    sample();
  }

  /// Until now [bytes]; 0 where the system does not tell.
  [[nodiscard]] std::int64_t peak() {
    sample();
    return peak_;
  }

  /// The same of this moment alone [bytes].
  [[nodiscard]] std::int64_t now() const;

  /// Held by the process now, all of it [bytes]; 0 where the system does not tell.
  [[nodiscard]] static std::int64_t resident();

 private:
  std::int64_t resident_;  ///< at the beginning [bytes]
  std::int64_t shared_;    ///< of these, pages of files and other processes
  std::int64_t peak_ = 0;
  double next_ = 0;
};

}  // namespace driftwood::run

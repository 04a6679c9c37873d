// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace driftwood::run {

/// How many steps are taken before a run looks at its clock again: as many as take about a quarter
/// of a second.
class Pace {
 public:
  Pace() : Pace(256, 16) {}
  /// Begins with `first` steps, and takes no fewer than `least`.
  Pace(std::int64_t first, std::int64_t least) : least_(least), steps_(first) {}

  /// The step to go to from step `from`, `to` at the most.
  [[nodiscard]] std::int64_t next(std::int64_t from, std::int64_t to) const {
    return to - from > steps_ ? from + steps_ : to;
  }
  /// What the last of these took.
  void took(double seconds, std::int64_t steps) {
    if (seconds > 0.4 && steps_ > least_) steps_ /= 2;
    if (seconds < 0.1 && steps == steps_) steps_ *= 2;
  }

 private:
  std::int64_t least_;
  std::int64_t steps_;
};

}  // namespace driftwood::run

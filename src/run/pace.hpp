// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace driftwood::run {

/// How many steps are taken before a run looks at its clock again: as many as take about a quarter
/// of a second.
class Pace {
 public:
  /// The step to go to from step `from`, `to` at the most.
  [[nodiscard]] std::int64_t next(std::int64_t from, std::int64_t to) const {
    return to - from > steps_ ? from + steps_ : to;
  }
  /// What the last of these took.
  void took(double seconds, std::int64_t steps) {
    if (seconds > 0.4 && steps_ > least) steps_ /= 2;
    if (seconds < 0.1 && steps == steps_) steps_ *= 2;
  }

 private:
  static constexpr std::int64_t least = 16;
  std::int64_t steps_ = 256;
};

}  // namespace driftwood::run

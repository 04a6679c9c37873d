// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>

#include "run/clock.hpp"

namespace driftwood::run {

/// When a run must have stopped, on its own clock: the end of what SLURM gave it
/// (`SLURM_JOB_END_TIME`, seconds since 1970), or its own limit, whichever comes first. The wall
/// clock is looked at once, so that a run does not notice when it is set.
class Deadline {
 public:
  /// `limit`: from the start of the run [s]. `wall_now` is the wall clock's time at the moment
  /// [s since 1970]; `end_of_job`: the variable's text, or null.
  Deadline(const Clock& clock, std::optional<double> limit, const char* end_of_job,
           double wall_now);
  /// Of this process.
  Deadline(const Clock& clock, std::optional<double> limit);

  /// Wall time of the run until then [s]; empty where there is no limit.
  [[nodiscard]] const std::optional<double>& at() const noexcept { return at_; }
  /// What sets it, for messages.
  [[nodiscard]] const std::string& reason() const noexcept { return reason_; }

 private:
  std::optional<double> at_;
  std::string reason_;
};

}  // namespace driftwood::run

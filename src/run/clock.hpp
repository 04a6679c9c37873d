// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace driftwood::run {

/// Seconds of the machine's monotonic clock since a fixed but arbitrary moment.
[[nodiscard]] double monotonic_seconds();

/// A moment as ISO 8601 in UTC, to the second: "2026-11-22T09:05:00Z".
[[nodiscard]] std::string iso_utc(std::chrono::system_clock::time_point moment);

/// Wall time since a run began.
class Clock {
 public:
  explicit Clock(std::function<double()> now = monotonic_seconds)
      : now_(std::move(now)), start_(now_()), started_(std::chrono::system_clock::now()) {}

  /// Wall time since construction [s].
  [[nodiscard]] double elapsed() const { return now_() - start_; }

  /// The moment of construction, as `iso_utc` writes it.
  [[nodiscard]] std::string started() const { return iso_utc(started_); }

 private:
  std::function<double()> now_;
  double start_;
  std::chrono::system_clock::time_point started_;
};

}  // namespace driftwood::run

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <utility>

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

/// Adds up the wall time of the scopes it measures.
class Stopwatch {
 public:
  /// Measures from its making to the end of its scope.
  class [[nodiscard]] Lap {
   public:
    explicit Lap(Stopwatch& watch) : watch_(watch), start_(monotonic_seconds()) {}
    Lap(const Lap&) = delete;
    Lap& operator=(const Lap&) = delete;
    ~Lap() { watch_.seconds_ += monotonic_seconds() - start_; }

   private:
    Stopwatch& watch_;
    double start_;
  };

  [[nodiscard]] Lap measure() { return Lap(*this); }
  [[nodiscard]] double seconds() const noexcept { return seconds_; }

 private:
  double seconds_ = 0;
};

}  // namespace driftwood::run

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "run/clock.hpp"

namespace driftwood::run {

enum class State { running, done, stopped, failed };

[[nodiscard]] std::string_view to_text(State state);

/// What the status file says about work in progress.
struct Advance {
  std::int64_t done = 0;
  std::int64_t total = 0;
  std::string unit;
  double rate = 0;                  ///< units per second; 0 while unknown
  std::optional<double> remaining;  ///< [s]

  /// From 0 to 1; 1 where there is nothing to do.
  [[nodiscard]] double fraction() const;
};

/// Heartbeat of a batch job: a small JSON file beside the results, replaced atomically, so that a
/// reader always sees a whole one.
///
/// `state` is running, done, stopped or failed. A job whose process was killed stays "running", but
/// its `updated` no longer moves. A heartbeat that cannot be written is given up
/// silently: it must never end a run.
class Status {
 public:
  struct Facts {
    std::string program;
    std::string output;
    int rank = 0;
    int ranks = 1;
  };

  static constexpr double first = 2;   ///< shorter runs get no status file [s]
  static constexpr double period = 5;  ///< between two updates [s]

  /// `path`: the file to write, such as "ou.h5.status.json".
  Status(std::string path, Facts facts, const Clock& clock);

  /// Replaces the file if rank 0 calls, the run lasts long enough and the last update is old
  /// enough.
  void update(const Advance& advance);

  /// The last word. Written where the run lasted long enough or left an older file that would
  /// contradict it; nothing before the first `update`, when the results may be another job's.
  void finish(State state, std::string_view message);

 private:
  [[nodiscard]] std::string json(State state, std::string_view message) const;
  void write(State state, std::string_view message);

  std::string path_;
  Facts facts_;
  const Clock* clock_;
  Advance advance_;
  double next_ = first;
  bool claimed_ = false;
};

}  // namespace driftwood::run

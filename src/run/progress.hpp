// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "run/clock.hpp"

namespace driftwood::run {

struct Advance;
class Context;
class Status;
class Terminal;

/// A running result, shown beside the progress.
struct Estimate {
  std::string_view name;
  double value = 0;
  double standard_error = 0;
};

/// Tells the user how far the work is: a line redrawn in place on a terminal, otherwise lines after
/// 10 s, 20 s, 40 s, ... and every ten minutes; also keeps the status file fresh. Work of less than
/// two seconds says nothing.
class Progress {
 public:
  static constexpr double quiet_start = 2;      ///< no word before [s]
  static constexpr double redraw_period = 0.2;  ///< on a terminal [s]
  static constexpr double first_line = 10;      ///< elsewhere [s]
  static constexpr double longest_gap = 600;    ///< between two lines [s]

  /// Where progress goes; null members are left out.
  struct Sinks {
    Terminal* terminal = nullptr;
    Status* status = nullptr;
    std::function<void()> tick;  ///< called with every update
  };

  /// `total` units of work, such as "paths", are to be done by all ranks together. Construct it on
  /// every rank, after the output has been opened.
  Progress(Context& context, std::int64_t total, std::string unit);
  Progress(const Clock& clock, Sinks sinks, std::int64_t total, std::string unit);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  /// `done` units are done, by all ranks together. Call it after every wave, on every rank: it
  /// reads a clock, and does more only when something is due.
  void update(std::int64_t done, const std::optional<Estimate>& estimate = std::nullopt);
  /// The same with a few words on what is under way, which are asked for when they are shown.
  void update(std::int64_t done, const std::function<std::string()>& words);

 private:
  [[nodiscard]] Advance advance(double spent) const;
  [[nodiscard]] std::string line(double spent, const std::string& words) const;
  void show(double now, const std::string& words);

  const Clock* clock_;
  Sinks sinks_;
  std::int64_t total_;
  std::int64_t done_ = 0;
  std::string unit_;
  double start_;
  double next_line_;
};

}  // namespace driftwood::run

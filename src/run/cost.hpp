// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "io/provenance.hpp"

namespace driftwood::run {

/// An amount of work: 100000 "paths".
struct Work {
  std::int64_t count = 0;
  std::string unit;
};

/// What a run did and used, over all ranks.
struct Cost {
  std::vector<Work> work;  ///< from coarse to fine; rates are of the last
  double wall_seconds = 0;
  int cores = 1;  ///< that were kept busy
  io::Energy energy;

  [[nodiscard]] double core_hours() const { return wall_seconds * cores / 3600; }
  /// Units of the last work per second of wall time; 0 without work.
  [[nodiscard]] double rate() const;
};

/// The closing lines of a run, without the last newline.
[[nodiscard]] std::string summary(const Cost& cost);

}  // namespace driftwood::run

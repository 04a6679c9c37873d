// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <vector>

namespace driftwood::sde {

/// How steps adapt to their errors: the root mean square over components of error / (absolute +
/// relative |x|) is to stay below 1.
struct StepControl {
  double relative = 0;
  double absolute = 0;  ///< [state]
  double first = 0;     ///< first step to try [time]
  int depth = 0;        ///< the smallest steps are 2^-depth of the time between two results
  /// Times of the results and the end, increasing: steps land on them. Interval r, from the one
  /// before (at first from 0) to times[r], is root r of the dyadic Brownian paths.
  std::vector<double> times = {};
};

/// How many steps of all paths had sizes in [2^i, 2^(i+1)) [time], for i from `lowest` on.
struct StepCounts {
  static constexpr int lowest = -96;
  static constexpr int bins = 128;

  std::vector<std::int64_t> accepted;
  std::vector<std::int64_t> rejected;
  std::int64_t forced = 0;  ///< accepted with too large an error, as there are no smaller ones

  /// Adds and takes away element by element; an empty list stands for zeros.
  StepCounts& operator+=(const StepCounts& other) { return combine(other, 1); }
  StepCounts& operator-=(const StepCounts& other) { return combine(other, -1); }

 private:
  StepCounts& combine(const StepCounts& other, std::int64_t sign) {
    const auto add = [&](std::vector<std::int64_t>& to, const std::vector<std::int64_t>& from) {
      if (to.size() < from.size()) to.resize(from.size());
      for (std::size_t i = 0; i < from.size(); ++i) to[i] += sign * from[i];
    };
    add(accepted, other.accepted);
    add(rejected, other.rejected);
    forced += sign * other.forced;
    return *this;
  }
};

}  // namespace driftwood::sde

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>

#include "base/error.hpp"
#include "random/bridge.hpp"
#include "random/brownian.hpp"

namespace driftwood::random {

/// One component of one path of a grid source, seen from the host: what the path does over any run
/// of whole steps, in any order of asking.
class GridPath {
 public:
  /// `steps` steps of size `source.step`.
  GridPath(GridBrownian source, std::uint64_t id, int component, std::int64_t steps)
      : source_(source), id_{id}, component_(component), steps_(steps) {}

  /// Increment and area over the steps [first, last), joined from left to right; zero if there are
  /// none. Throws `Error` for last < first and for steps outside the path.
  [[nodiscard]] Segment<double> over(std::int64_t first, std::int64_t last) const {
    if (last < first || first < 0 || last > steps_) {
      throw Error("no Brownian increment over steps [" + std::to_string(first) + ", " +
                      std::to_string(last) + ")",
                  "the path has the steps [0, " + std::to_string(steps_) + ")");
    }
    Segment<double> sum{0, 0};
    for (std::int64_t n = first; n < last; ++n) {
      const double before = static_cast<double>(n - first) * source_.step;
      sum = n == first ? cell(n) : join(sum, before, cell(n), source_.step);
    }
    return sum;
  }

 private:
  [[nodiscard]] Segment<double> cell(std::int64_t n) const {
    const auto draw = static_cast<std::uint64_t>(n) / words_per_draw<double>;
    const auto word = static_cast<std::uint64_t>(n) % words_per_draw<double>;
    const Stream w(source_.seed, Purpose::increment, component_);
    const Stream h(source_.seed, Purpose::area, component_);
    return {normals<double>(w, id_, draw, source_.step).z[word],
            normals<double>(h, id_, draw, source_.step / 12).z[word]};
  }

  GridBrownian source_;
  Ids<double> id_;
  int component_;
  std::int64_t steps_;
};

}  // namespace driftwood::random

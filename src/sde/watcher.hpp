// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

namespace driftwood::sde {

/// Something to see at every step of every path, not only at the times of results.
struct Watcher {
  enum class Kind {
    passage,       ///< of a component through a level
    maximum,       ///< of a component so far
    minimum,       ///< of a component so far
    time_average,  ///< of a component, by the trapezoidal rule
    occupation     ///< the share of the time that a component spends in a range
  };
  /// What becomes of a path that passes a level.
  enum class Policy {
    record,   ///< it goes on
    stop,     ///< it stays where it is, for good
    absorb,   ///< the component stays at the level, the others go on
    reflect,  ///< the component is pushed back to the level, by as much as it is beyond
    reset     ///< the component jumps to another value, and goes on from there
  };

  Kind kind;
  int component;
  double level = 0;   ///< of a passage; of an occupation, the lower end [component]
  double high = 0;    ///< of an occupation, the upper end [component]
  int direction = 1;  ///< of a passage: 1 from below the level, -1 from above
  Policy policy = Policy::record;
  double to = 0;        ///< of a reset [component]
  bool bridged = true;  ///< extremes and passages are those of the path between the steps
  int row = 0;          ///< of the first number it remembers

  /// Numbers remembered per path. A passage: how often, and the time of the first, or how long it
  /// has been waited for. Others: one.
  [[nodiscard]] constexpr int rows() const { return kind == Kind::passage ? 2 : 1; }
};

/// Numbers that all of them remember per path.
[[nodiscard]] inline int rows_of(const std::vector<Watcher>& watchers) {
  int sum = 0;
  for (const Watcher& w : watchers) sum += w.rows();
  return sum;
}

/// Puts passages first, as what stops or moves a path counts for all that is watched, and numbers
/// the rows.
[[nodiscard]] inline std::vector<Watcher> numbered(std::vector<Watcher> watchers) {
  std::vector<Watcher> out;
  int row = 0;
  for (const bool passages : {true, false}) {
    for (Watcher& w : watchers) {
      if ((w.kind == Watcher::Kind::passage) != passages) continue;
      w.row = row;
      row += w.rows();
      out.push_back(w);
    }
  }
  return out;
}

}  // namespace driftwood::sde

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <vector>

namespace driftwood::pose {

/// Closed; empty where `low` > `high`.
struct Interval {
  double low;
  double high;
};

/// The most intervals that a point lies in, and such a point.
struct Stab {
  int count = 0;
  double at = 0;
};

/// O(M log M) for M intervals, infinite ones too.
[[nodiscard]] inline Stab most_overlapping(const std::vector<Interval>& intervals) {
  struct End {
    double at;
    bool closes;
  };
  std::vector<End> ends;
  ends.reserve(2 * intervals.size());
  for (const Interval& i : intervals) {
    if (!(i.low <= i.high)) continue;
    ends.push_back({i.low, false});
    ends.push_back({i.high, true});
  }
  // Those that open at a point come before those that close there.
  std::sort(ends.begin(), ends.end(), [](const End& a, const End& b) {
    return a.at != b.at ? a.at < b.at : a.closes < b.closes;
  });
  Stab best;
  int open = 0;
  for (std::size_t k = 0; k < ends.size(); ++k) {
    open += ends[k].closes ? -1 : 1;
    if (open <= best.count) continue;
    best.count = open;
    // The middle of the overlap, or an end of it where it is infinite.
    const double from = ends[k].at;
    const double to = ends[k + 1].at;
    const double middle = from / 2 + to / 2;
    best.at = middle - middle == 0 ? middle : (from - from == 0 ? from : to);
  }
  if (!(best.at - best.at == 0)) best.at = 0;
  return best;
}

}  // namespace driftwood::pose

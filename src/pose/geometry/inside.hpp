// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "pose/geometry/residual.hpp"
#include "pose/geometry/unit_ball.hpp"

namespace driftwood::pose {

/// The ball that bounds put into the unit ball: that of the points.
[[nodiscard]] inline UnitBall ball_of(std::span<const Correspondence> all) {
  std::vector<Vec3<double>> points;
  points.reserve(all.size());
  for (const Correspondence& c : all) points.push_back(c.point);
  return UnitBall(points);
}

/// Those of these numbers, in this order, with their points in the unit ball.
[[nodiscard]] inline std::vector<Correspondence> inside(std::span<const Correspondence> all,
                                                        const UnitBall& ball,
                                                        std::span<const int> order) {
  std::vector<Correspondence> out;
  out.reserve(order.size());
  for (const int i : order) {
    Correspondence c = all[static_cast<std::size_t>(i)];
    c.point = ball.into(c.point);
    out.push_back(c);
  }
  return out;
}

[[nodiscard]] inline double widest_threshold(std::span<const Correspondence> all) {
  double out = 0;
  for (const Correspondence& c : all) out = std::max(out, c.threshold);
  return out;
}

}  // namespace driftwood::pose

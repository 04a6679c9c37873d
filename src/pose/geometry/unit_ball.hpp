// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <limits>
#include <span>

#include "pose/geometry/vec3.hpp"

namespace driftwood::pose {

/// The similarity that brings points into the unit ball, where rounding in bounds is known.
/// Rotations and angles remain as they are.
class UnitBall {
 public:
  /// Around the middle of the points' bounding box. There is a point.
  explicit UnitBall(std::span<const Vec3<double>> points) {
    constexpr double infinite = std::numeric_limits<double>::infinity();
    Vec3<double> low = {infinite, infinite, infinite};
    Vec3<double> high = -1.0 * low;
    for (const Vec3<double>& x : points) {
      for (int a = 0; a < 3; ++a) {
        low[a] = min(low[a], x[a]);
        high[a] = max(high[a], x[a]);
      }
    }
    centre_ = 0.5 * low + 0.5 * high;
    double farthest = 0;
    for (const Vec3<double>& x : points) farthest = max(farthest, norm(x - centre_));
    if (farthest > 0) radius_ = farthest;
  }

  [[nodiscard]] Vec3<double> into(const Vec3<double>& x) const {
    return 1 / radius_ * (x - centre_);
  }
  [[nodiscard]] Vec3<double> out_of(const Vec3<double>& x) const { return radius_ * x + centre_; }

 private:
  Vec3<double> centre_ = {};
  double radius_ = 1;
};

}  // namespace driftwood::pose

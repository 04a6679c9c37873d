// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "pose/geometry/residual.hpp"

namespace driftwood::pose {

/// A pose and what it explains.
struct Found {
  Pose<double> pose;
  int inliers;
  double cost;  ///< sum over all correspondences of min((residual / threshold)^2, 1)
};

/// Counted in double precision, by `is_inlier`. A residual that is not a number costs 1.
[[nodiscard]] inline Found counted(const Pose<double>& pose, std::span<const Correspondence> all) {
  Found out = {pose, 0, 0};
  for (const Correspondence& c : all) {
    const double r = residual(pose, c);
    const bool inside = r <= c.threshold;
    const double ratio = r / c.threshold;
    out.inliers += inside ? 1 : 0;
    out.cost += inside ? min(ratio * ratio, 1.0) : 1.0;
  }
  return out;
}

/// The order in which poses are kept: by inliers, then by cost.
[[nodiscard]] inline bool better(const Found& a, const Found& b) {
  return a.inliers != b.inliers ? a.inliers > b.inliers : a.cost < b.cost;
}

}  // namespace driftwood::pose

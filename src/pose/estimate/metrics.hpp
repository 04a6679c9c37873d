// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// How right poses and inliers are, where the truth is known.

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "pose/geometry/residual.hpp"

namespace driftwood::pose {

/// The angle by which two rotations differ, in radians, to full relative precision near 0.
[[nodiscard]] inline double angle_between(const Rotation<double>& a, const Rotation<double>& b) {
  Vec3<double> axis = {0, 0, 0};  // twice the sine times the axis of a b^T
  double trace = 0;
  for (int k = 0; k < 3; ++k) {
    const Vec3<double> p = {a(0, k), a(1, k), a(2, k)};
    const Vec3<double> q = {b(0, k), b(1, k), b(2, k)};
    axis = axis + cross(q, p);
    trace += dot(p, q);
  }
  return std::atan2(norm(axis), trace - 1);
}

/// Errors of a pose against the true one.
struct PoseError {
  double degrees;   ///< between the rotations
  double distance;  ///< between the centres, in units of the world
  double relative;  ///< that over the median distance of the true inliers from the true centre

  /// The bars of certified and robust estimation: 1 degree and 1 % of the median distance.
  [[nodiscard]] bool success() const { return degrees <= 1 && relative <= 0.01; }
  /// Those of Campbell, Petersson, Kneip and Li (2017), "Globally-optimal inlier set maximisation":
  /// 0.1 radians and, in metres, 1.
  [[nodiscard]] bool coarse_success() const { return degrees <= 0.1 * 180 / pi && distance <= 1; }
};

/// The middle one of the distances of the points that the pose explains; of two in the middle the
/// farther, and not a number where it explains none.
[[nodiscard]] inline double median_distance(const Pose<double>& pose,
                                            std::span<const Correspondence> all) {
  std::vector<double> distances;
  for (const Correspondence& c : all) {
    if (is_inlier(pose, c)) distances.push_back(norm(c.point - pose.centre));
  }
  if (distances.empty()) return std::numeric_limits<double>::quiet_NaN();
  const auto middle = distances.begin() + static_cast<std::ptrdiff_t>(distances.size() / 2);
  std::nth_element(distances.begin(), middle, distances.end());
  return *middle;
}

[[nodiscard]] inline PoseError error_of(const Pose<double>& pose, const Pose<double>& truth,
                                        double median_distance) {
  const double distance = norm(pose.centre - truth.centre);
  return {angle_between(pose.rotation, truth.rotation) * 180 / pi, distance,
          distance / median_distance};
}

/// Of what a pose explains, and of what is right.
struct InlierScore {
  double precision;  ///< share of what it explains that is right; 1 where it explains nothing
  double recall;     ///< share of what is right that it explains; 1 where nothing is
};
[[nodiscard]] inline InlierScore score_of(const Pose<double>& pose,
                                          std::span<const Correspondence> all,
                                          const std::vector<bool>& is_right) {
  double explained = 0;
  double right = 0;
  double both = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool inlier = is_inlier(pose, all[i]);
    explained += inlier ? 1 : 0;
    right += is_right[i] ? 1 : 0;
    both += inlier && is_right[i] ? 1 : 0;
  }
  return {explained > 0 ? both / explained : 1, right > 0 ? both / right : 1};
}

/// The area under the share of errors up to x, for x from 0 to `bar`, over `bar`: 1 where all are
/// 0. Errors that are not numbers count as failures. There is one.
[[nodiscard]] inline double area_under_recall(std::span<const double> errors, double bar) {
  double sum = 0;
  for (const double e : errors) sum += e < bar ? 1 - e / bar : 0;
  return sum / static_cast<double>(errors.size());
}

}  // namespace driftwood::pose

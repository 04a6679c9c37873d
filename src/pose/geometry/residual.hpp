// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>

#include "pose/geometry/rotation.hpp"

namespace driftwood::pose {

/// A point of the world and where the camera saw it.
struct Correspondence {
  Vec3<double> point;
  Vec3<double> bearing;  ///< unit vector in the frame of the camera
  double threshold;      ///< largest angle of an inlier, in radians
};

/// Of a camera with centre C that turns directions of the world by R into its own frame: a point X
/// is seen in the direction R (X - C).
template <class T>
struct Pose {
  Rotation<T> rotation;
  Vec3<T> centre;
};

/// The angle between where a point should be seen and was, in [0, pi] radians: points behind the
/// camera are more than pi/2 away. Not a number where the camera is at the point.
[[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION double residual(const Pose<double>& pose,
                                                          const Correspondence& c) {
  return angle_between(c.bearing, rotated(pose.rotation, c.point - pose.centre));
}
[[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION bool is_inlier(const Pose<double>& pose,
                                                         const Correspondence& c) {
  return residual(pose, c) <= c.threshold;
}
/// The objective of the search: how many correspondences a pose explains.
[[nodiscard]] inline int inliers(const Pose<double>& pose, std::span<const Correspondence> all) {
  int count = 0;
  for (const Correspondence& c : all) count += is_inlier(pose, c) ? 1 : 0;
  return count;
}

}  // namespace driftwood::pose

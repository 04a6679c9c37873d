// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <optional>

#include "pose/geometry/residual.hpp"

namespace driftwood::pose {

/// A camera that looks along +z, x to the right and y downwards. A point (X, Y, Z) of its frame is
/// seen at the pixel (fx d x + cx, fy d y + cy), where x = X/Z, y = Y/Z, r^2 = x^2 + y^2 and
/// d = 1 + k1 r^2 + k2 r^4.
struct PinholeCamera {
  std::array<double, 2> focal{1, 1};   ///< fx, fy [pixel]
  std::array<double, 2> centre{0, 0};  ///< cx, cy [pixel]
  double k1 = 0;
  double k2 = 0;

  /// The smaller one of fx and fy.
  [[nodiscard]] double least_focal() const;
  /// Where a point of the camera's frame with Z > 0 is seen [pixel].
  [[nodiscard]] Vec<double, 2> pixel_of(const Vec3<double>& point) const;
  /// (x, y) of a pixel. None where the fixed-point iteration x <- u / d(x) does not end, or ends
  /// beyond the radius from which on distortion would fold the image.
  [[nodiscard]] std::optional<Vec<double, 2>> without_distortion(const Vec<double, 2>& pixel) const;
};

/// The largest angle, in radians, between the sight line of (x, y) in an image of focal length 1
/// and those of its points at most `distance` away: an inlier within so many pixels, over the focal
/// length, is one within this angle, wherever in the image it is.
///
/// With a = (x, y, 1), rho = |(x, y)| and b = a + (d cos, d sin, 0) at an angle phi from (x, y),
/// tan^2 = |a x b|^2 / (a.b)^2 = d^2 (1 + rho^2 sin^2 phi) / (1 + rho^2 + rho d cos phi)^2 is
/// largest at cos phi = -d / rho, where the sine is d / sqrt(1 + rho^2); where d > rho it is at cos
/// phi = -1, on the other side of the middle. Both grow with d.
[[nodiscard]] double widest_angle(const Vec<double, 2>& seen, double distance);

/// The unit vector of the sight line of (x, y) in an image of focal length 1.
[[nodiscard]] inline Vec3<double> sight_line(const Vec<double, 2>& seen) {
  return normalised(Vec3<double>{seen[0], seen[1], 1.0});
}

/// Of a camera that looks along +z, y downwards, in whose frame a point X is at R X + t.
[[nodiscard]] Pose<double> pose_of_forward(const Rotation<double>& r, const Vec3<double>& t);
/// The same, turned about x to look along +z, of one that looks along -z, y upwards.
[[nodiscard]] Pose<double> pose_of_backward(const Rotation<double>& r, const Vec3<double>& t);

/// The rotation that a matrix of a file is rounded from; none where it is no rotation to within
/// 1e-4.
[[nodiscard]] std::optional<Rotation<double>> rotation_near(Rotation<double> r);

}  // namespace driftwood::pose

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Least squares over poses: R <- exp([omega]) R, C <- C + c, parameters in the order (omega, c).

#include <cmath>

#include "base/linear_solve.hpp"
#include "pose/geometry/residual.hpp"

namespace driftwood::pose {

using PoseStep = Vec<double, 6>;

[[nodiscard]] inline Rotation<double> product(const Rotation<double>& a,
                                              const Rotation<double>& b) {
  Rotation<double> out;
  for (int j = 0; j < 3; ++j) {
    const Vec3<double> column = rotated(a, Vec3<double>{b(0, j), b(1, j), b(2, j)});
    for (int i = 0; i < 3; ++i) out(i, j) = column[i];
  }
  return out;
}

[[nodiscard]] inline Pose<double> moved(const Pose<double>& pose, const PoseStep& step) {
  const Vec3<double> omega = {step[0], step[1], step[2]};
  const double half = norm(omega) / 2;
  // sin(x) / x to rounding.
  const double ratio = half < 1e-4 ? 1 - half * half / 6 : std::sin(half) / half;
  const Vec3<double> axis = ratio / 2 * omega;
  const Quaternion<double> turn = {std::cos(half), axis[0], axis[1], axis[2]};
  return {product(rotation_of(turn), pose.rotation),
          pose.centre + Vec3<double>{step[3], step[4], step[5]}};
}

/// What is measured with the same error everywhere.
enum class Noise {
  bearings,  ///< directions: residuals are in the tangent plane at the bearing
  pixels,    ///< places in the plane z = 1 (or -1) of a camera that looks along the z axis
};

/// Two residuals of a correspondence, in radians or focal lengths, and their derivatives: where the
/// point should be seen less where it was. Those of bearings have the sine of `residual` as norm.
struct Linearised {
  double residual[2];
  PoseStep slope[2];

  Linearised(const Pose<double>& pose, const Correspondence& c, Noise noise = Noise::bearings) {
    const Vec3<double> y = rotated(pose.rotation, c.point - pose.centre);
    if (noise == Noise::pixels) {
      const double inverse = 1 / y[2];
      for (int k = 0; k < 2; ++k) {
        residual[k] = inverse * y[k] - c.bearing[k] / c.bearing[2];
        Vec3<double> by_point = {0, 0, -inverse * inverse * y[k]};
        by_point[k] = inverse;
        set_slope(k, pose, y, by_point);
      }
      return;
    }
    const double inverse = 1 / norm(y);
    const Vec3<double> to = inverse * y;
    const Vec3<double> across = orthogonal_to(c.bearing);
    const Vec3<double> basis[2] = {across, cross(c.bearing, across)};
    for (int k = 0; k < 2; ++k) {
      residual[k] = dot(basis[k], to);
      set_slope(k, pose, y, inverse * (basis[k] - residual[k] * to));
    }
  }

  [[nodiscard]] double square() const {
    return residual[0] * residual[0] + residual[1] * residual[1];
  }

  /// From the derivative by the point in the frame of the camera, which turns as omega x y and
  /// moves by -R c.
  void set_slope(int k, const Pose<double>& pose, const Vec3<double>& y,
                 const Vec3<double>& by_point) {
    const Vec3<double> turn = cross(y, by_point);
    const Vec3<double> shift = rotated_back(pose.rotation, by_point);
    slope[k] = {turn[0], turn[1], turn[2], -shift[0], -shift[1], -shift[2]};
  }
};

/// The inverse square of the residual that a threshold allows: where a pixel is seen under a
/// smaller angle, away from the axis, an angle is more of the image.
[[nodiscard]] inline double weight_of(const Correspondence& c, Noise noise = Noise::bearings) {
  const double inverse =
      noise == Noise::pixels ? c.bearing[2] / std::sin(c.threshold) : 1 / c.threshold;
  return inverse * inverse;
}

/// J^T W J and J^T W r.
class NormalEquations {
 public:
  void add(const Linearised& l, double weight) {
    for (int k = 0; k < 2; ++k) {
      const PoseStep& j = l.slope[k];
      for (int a = 0; a < 6; ++a) {
        const double weighted = weight * j[a];
        gradient_[a] += weighted * l.residual[k];
        for (int b = 0; b <= a; ++b) matrix_[a][b] += weighted * j[b];
      }
    }
    cost_ += weight * l.square();
  }

  /// (J^T W J)_ab / sqrt((J^T W J)_aa (J^T W J)_bb): what the units of the world are does not show.
  [[nodiscard]] double scaled(int a, int b) const {
    const double entry = a < b ? matrix_[b][a] : matrix_[a][b];
    return entry * (scale(a) * scale(b));
  }
  [[nodiscard]] double scale(int a) const { return 1 / std::sqrt(matrix_[a][a]); }
  /// r^T W r
  [[nodiscard]] double cost() const { return cost_; }

  /// The step of Gauss and Newton, or, with damping in proportion to the diagonal, of Levenberg and
  /// Marquardt. Not finite where the matrix is singular.
  [[nodiscard]] PoseStep step(double damping = 0) const {
    Square<PoseStep> a;
    PoseStep x;
    for (int i = 0; i < 6; ++i) {
      for (int j = 0; j < 6; ++j) a(i, j) = scaled(i, j) + (i == j ? damping : 0);
      x[i] = -gradient_[i] * scale(i);
    }
    solve(a, x);
    for (int i = 0; i < 6; ++i) x[i] *= scale(i);
    return x;
  }

 private:
  double matrix_[6][6] = {};
  PoseStep gradient_ = {};
  double cost_ = 0;
};

}  // namespace driftwood::pose

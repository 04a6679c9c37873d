// SPDX-License-Identifier: BSD-3-Clause
#include "pose/input/camera.hpp"

#include <algorithm>
#include <cmath>

namespace driftwood::pose {

double PinholeCamera::least_focal() const { return std::min(focal[0], focal[1]); }

Vec<double, 2> PinholeCamera::pixel_of(const Vec3<double>& point) const {
  const Vec<double, 2> seen = {point[0] / point[2], point[1] / point[2]};
  const double square = dot(seen, seen);
  const double d = 1 + square * (k1 + square * k2);
  return {focal[0] * d * seen[0] + centre[0], focal[1] * d * seen[1] + centre[1]};
}

std::optional<Vec<double, 2>> PinholeCamera::without_distortion(const Vec<double, 2>& pixel) const {
  // Five steps do for lenses of photographs; what takes more than these nears the fold.
  constexpr int most_steps = 100;
  constexpr double close = 1e-14;
  const Vec<double, 2> u = {(pixel[0] - centre[0]) / focal[0], (pixel[1] - centre[1]) / focal[1]};
  Vec<double, 2> seen = u;
  for (int step = 0; step < most_steps; ++step) {
    const double square = dot(seen, seen);
    const double d = 1 + square * (k1 + square * k2);
    if (!(d > 0)) return std::nullopt;
    const Vec<double, 2> next = 1 / d * u;
    const bool is_done = norm(next - seen) <= close * (1 + norm(next));
    seen = next;
    if (!is_done) continue;
    // d/dr of r d(r).
    const double at = dot(seen, seen);
    if (!(1 + at * (3 * k1 + at * 5 * k2) > 0)) return std::nullopt;
    return seen;
  }
  return std::nullopt;
}

double widest_angle(const Vec<double, 2>& seen, double distance) {
  const double rho = norm(seen);
  if (distance > rho) return std::atan(rho) + std::atan(distance - rho);
  return std::asin(distance / std::sqrt(1 + rho * rho));
}

Pose<double> pose_of_forward(const Rotation<double>& r, const Vec3<double>& t) {
  return {r, rotated_back(r, -1.0 * t)};
}

Pose<double> pose_of_backward(const Rotation<double>& r, const Vec3<double>& t) {
  Pose<double> out = pose_of_forward(r, t);
  for (int i = 1; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) out.rotation(i, j) = -r(i, j);
  }
  return out;
}

std::optional<Rotation<double>> rotation_near(Rotation<double> r) {
  constexpr double rounding = 1e-4;
  const auto inner = [&r](int i, int j) {
    return r(i, 0) * r(j, 0) + r(i, 1) * r(j, 1) + r(i, 2) * r(j, 2);
  };
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) {
      if (!(std::abs(inner(i, j) - (i == j ? 1 : 0)) <= rounding)) return std::nullopt;
    }
  }
  const Vec3<double> x = {r(0, 0), r(0, 1), r(0, 2)};
  const Vec3<double> y = {r(1, 0), r(1, 1), r(1, 2)};
  if (!(dot(cross(x, y), Vec3<double>{r(2, 0), r(2, 1), r(2, 2)}) > 0)) return std::nullopt;
  // Newton's iteration to the orthogonal factor, R <- (3 - R R^T) R / 2.
  for (int step = 0; step < 4; ++step) {
    Rotation<double> next;
    for (int i = 0; i < 3; ++i) {
      for (int j = 0; j < 3; ++j) {
        next(i, j) = 1.5 * r(i, j);
        for (int k = 0; k < 3; ++k) next(i, j) -= 0.5 * inner(i, k) * r(k, j);
      }
    }
    r = next;
  }
  return r;
}

}  // namespace driftwood::pose

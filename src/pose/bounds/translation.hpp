// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Where the camera may be for one rotation: a correspondence allows the cone with its apex at the
/// point X, around the axis a = -w, of half angle `reach`, where w is the bearing turned to the
/// world and `reach` the threshold plus what the rotation may be off.

#include "pose/bounds/intervals.hpp"
#include "pose/bounds/slack.hpp"

namespace driftwood::pose {

/// An axis-parallel box of camera centres.
template <class T>
struct CentreBox {
  Vec3<T> middle;
  Vec3<T> half;
};

/// Half angles are below pi/2.
template <class T>
struct Cone {
  Vec3<T> apex;     ///< X
  Vec3<T> towards;  ///< w, a unit vector: from the camera to the point
  Angle<T> reach;
};

/// T1. Negative only where the camera is nowhere in the ball of radius r around the box in which
/// the correspondence is an inlier: the direction of X - C is within asin(r / |X - C_0|) of that
/// of X - C_0.
template <Real T>
KOKKOS_FORCEINLINE_FUNCTION T ball_margin(const Cone<T>& cone, const CentreBox<T>& box) {
  const Vec3<T> to = cone.apex - box.middle;
  const T distance = norm(to);
  // What points are off by rounding is as if the box were larger.
  const T r =
      norm(box.half) + Rounding<T>::test * (norm(box.half) + norm(cone.apex) + norm(box.middle));
  if (!(distance > r)) return T(1);
  const T sine = r / distance;
  const Angle<T> sum = sum_up_to_pi(cone.reach, {sine, sqrt((T(1) - sine) * (T(1) + sine))});
  if (!(T(1) + sum.cosine > Rounding<T>::test)) return T(1);
  // The sine of the difference, which keeps its precision where both angles are small.
  return sum.sine * dot(cone.towards, to) - sum.cosine * norm(cross(cone.towards, to)) +
         Rounding<T>::test * distance;
}

/// T2. Negative only where the box does not meet a half space that contains the cone: one whose
/// plane touches it on the side of the middle of the box, and the one in front of the point.
template <Real T>
KOKKOS_FORCEINLINE_FUNCTION T plane_margin(const Cone<T>& cone, const CentreBox<T>& box) {
  const Vec3<T> axis = T(-1) * cone.towards;
  const Vec3<T> y = box.middle - cone.apex;
  const T along = dot(axis, y);
  const T scale = norm(box.middle) + norm(cone.apex) + norm(box.half);
  const T lean = Rounding<T>::test * scale;
  const T front = along + reach(axis, box.half) + lean;
  // The part of y orthogonal to the axis has a direction only where it is not rounding alone.
  const Vec3<T> off = y - along * axis;
  const T length = norm(off);
  if (!(length > T(64) * lean)) return front;
  Vec3<T> e = T(1) / length * off;
  e = normalised(e - dot(e, axis) * axis);
  const Vec3<T> normal = cone.reach.cosine * e - cone.reach.sine * axis;
  return min(front, reach(normal, box.half) - dot(normal, y) + lean);
}

/// Both: what the search tests.
template <Real T>
KOKKOS_FORCEINLINE_FUNCTION T cone_margin(const Cone<T>& cone, const CentreBox<T>& box) {
  return min(ball_margin(cone, box), plane_margin(cone, box));
}

/// T3, in double precision: where on the line through `base` in the direction `k`, a unit vector,
/// the camera may be, if the true one is within `r` of the point on the line at its height. The
/// cone grown by r lies in that of the same half angle with its apex moved back by r / sin(reach),
/// and in front of the plane r behind X. A convex set: one interval of heights.
[[nodiscard]] inline Interval heights(const Cone<double>& cone, const Vec3<double>& base,
                                      const Vec3<double>& k, double r) {
  constexpr double infinite = std::numeric_limits<double>::infinity();
  constexpr Interval none = {1, 0};
  constexpr double unit = 16 * std::numeric_limits<double>::epsilon();  // of coordinates, generous
  const Vec3<double> axis = -1.0 * cone.towards;
  const double scale = norm(base) + norm(cone.apex) + r;
  const double grown = r + unit * scale;
  const double slope = dot(axis, k);
  const Vec3<double> from = base - cone.apex;
  const double along = dot(axis, from);

  // In front of the plane.
  Interval front = {-infinite, infinite};
  if (abs(slope) < 1e-14) {
    if (along + grown < 0) return none;
  } else {
    const double at = -(along + grown) / slope;
    (slope > 0 ? front.low : front.high) = at - (slope > 0 ? 1 : -1) * unit * (1 + abs(at));
  }

  // In the cone: at height z the line is p + z q off the axis, where the cone is w + z v wide. To
  // move the apex leaves p and q as they are, so that narrow cones lose no digits by it.
  // (w + z v)^2 - |p + z q|^2 = a z^2 + 2 b z + c >= 0 and w + z v >= 0.
  const double tangent = cone.reach.sine / cone.reach.cosine;
  const Vec3<double> p = from - along * axis;
  const Vec3<double> q = k - slope * axis;
  const double w = tangent * along + grown / cone.reach.cosine;
  const double v = tangent * slope;
  const double a = v * v - dot(q, q);
  const double b = w * v - dot(p, q);
  const double c = w * w - dot(p, p);
  // Nearly along the cone: the plane alone.
  if (abs(a) <= 1e-6 * (v * v + dot(q, q)) + unit * norm(q)) return front;
  // What roundings of p, q, w and v come to at the ends moves the form by `error`.
  const double discriminant = b * b - a * c;
  const double farthest = (abs(b) + sqrt(max(discriminant, 0.0))) / abs(a);
  const double wide = max(norm(p), abs(w)) + farthest * max(norm(q), abs(v));
  const double error =
      4 * unit * wide * (scale + (tangent * scale + abs(w)) + (2 + tangent) * farthest);
  const double rest = unit * (1 + farthest);
  if (a < 0) {
    // Two ends, of the half of the double cone that the line crosses.
    const double leaning = discriminant - a * error;
    if (leaning < 0) return none;
    const double root = sqrt(leaning);
    const double low = (b - root) / -a - rest;
    const double high = (b + root) / -a + rest;
    if (w + v * (low / 2 + high / 2) < -unit * wide) return none;
    return {max(front.low, low), min(front.high, high)};
  }
  // All heights beyond one end.
  const double root = sqrt(max(discriminant - a * error, 0.0));
  if (slope > 0) return {max(front.low, (root - b) / a - rest), front.high};
  return {front.low, min(front.high, (-root - b) / a + rest)};
}

}  // namespace driftwood::pose

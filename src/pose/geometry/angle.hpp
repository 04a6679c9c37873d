// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/math.hpp"
#include "pose/geometry/vec3.hpp"

namespace driftwood::pose {

/// An angle in [0, pi] by its sine and cosine, so that bounds need no inverse functions.
template <class R>
struct Angle {
  R sine;
  R cosine;
};

inline constexpr double pi = 3.14159265358979323846;

template <class R>
KOKKOS_FORCEINLINE_FUNCTION Angle<R> angle_of(const R& radians) {
  Angle<R> out;
  math::sincos(radians, out.sine, out.cosine);
  return out;
}

template <class R>
KOKKOS_FORCEINLINE_FUNCTION R radians(const Angle<R>& a) {
  const auto obtuse = less(a.cosine, R(0));
  const R half = math::atan(a.sine / (R(1) + abs(a.cosine)));
  return select(obtuse, R(value_of<R>(pi)) - (half + half), half + half);
}

/// a + b, or pi where that is more: where cos a <= -cos b.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Angle<R> sum_up_to_pi(const Angle<R>& a, const Angle<R>& b) {
  const auto inside = less(R(0), a.cosine + b.cosine);
  return {select(inside, fma(a.sine, b.cosine, a.cosine * b.sine), R(0)),
          select(inside, fma(a.cosine, b.cosine, -(a.sine * b.sine)), R(-1))};
}

/// Twice the angle whose tangent this is, which is not negative.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Angle<R> doubled(const R& tangent) {
  const R square = tangent * tangent;
  const R scale = R(1) / (R(1) + square);
  return {(tangent + tangent) * scale, (R(1) - square) * scale};
}

/// The angle between two vectors other than 0, to full relative precision near 0 and pi.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R angle_between(const Vec3<R>& a, const Vec3<R>& b) {
  const R across = norm(cross(a, b));
  const R along = dot(a, b);
  const R length = sqrt(fma(across, across, along * along));
  return radians(Angle<R>{across / length, along / length});
}

}  // namespace driftwood::pose

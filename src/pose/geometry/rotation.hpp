// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "pose/geometry/angle.hpp"

namespace driftwood::pose {

/// w + x i + y j + z k, in this order.
template <class R>
using Quaternion = Vec<R, 4>;
template <class R>
using Rotation = Mat<R, 3, 3>;

/// Hamilton's product: rotations by `a` after `b`.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Quaternion<R> product(const Quaternion<R>& a, const Quaternion<R>& b) {
  return {a[0] * b[0] - a[1] * b[1] - a[2] * b[2] - a[3] * b[3],
          a[0] * b[1] + a[1] * b[0] + a[2] * b[3] - a[3] * b[2],
          a[0] * b[2] - a[1] * b[3] + a[2] * b[0] + a[3] * b[1],
          a[0] * b[3] + a[1] * b[2] - a[2] * b[1] + a[3] * b[0]};
}
/// The quaternion without real part.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Quaternion<R> pure(const Vec3<R>& v) {
  return {R(0), v[0], v[1], v[2]};
}

/// The rotation v -> q v q^-1 of any quaternion other than 0.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Rotation<R> rotation_of(const Quaternion<R>& q) {
  const R two = R(2) / dot(q, q);
  const R w = q[0];
  const R x = q[1];
  const R y = q[2];
  const R z = q[3];
  return {{{R(1) - two * (y * y + z * z), two * (x * y - w * z), two * (x * z + w * y)},
           {two * (x * y + w * z), R(1) - two * (x * x + z * z), two * (y * z - w * x)},
           {two * (x * z - w * y), two * (y * z + w * x), R(1) - two * (x * x + y * y)}}};
}

template <class R>
KOKKOS_FORCEINLINE_FUNCTION Vec3<R> rotated(const Rotation<R>& r, const Vec3<R>& v) {
  return generate(v, [&](int i) { return dot(Vec3<R>{r(i, 0), r(i, 1), r(i, 2)}, v); });
}
/// By the inverse.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Vec3<R> rotated_back(const Rotation<R>& r, const Vec3<R>& v) {
  return generate(v, [&](int i) { return dot(Vec3<R>{r(0, i), r(1, i), r(2, i)}, v); });
}
template <class To, class From>
KOKKOS_FORCEINLINE_FUNCTION Rotation<To> rounded(const Rotation<From>& r) {
  Rotation<To> out;
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) out(i, j) = static_cast<To>(r(i, j));
  }
  return out;
}

/// The rotation whose columns are an orthonormal frame that ends in the unit vector `p`: it turns
/// the z axis to `p`.
template <Real T>
KOKKOS_FORCEINLINE_FUNCTION Rotation<T> frame_onto(const Vec3<T>& p) {
  const Vec3<T> a = orthogonal_to(p);
  const Vec3<T> b = cross(p, a);
  return {{{a[0], b[0], p[0]}, {a[1], b[1], p[1]}, {a[2], b[2], p[2]}}};
}

/// The angle by which two rotations differ, in radians, of quaternions other than 0.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R angle_between(const Quaternion<R>& p, const Quaternion<R>& q) {
  const Quaternion<R> back = {p[0], -p[1], -p[2], -p[3]};
  const Quaternion<R> d = product(back, q);
  const R axis = norm(Vec3<R>{d[1], d[2], d[3]});
  return radians(doubled(axis / abs(d[0])));
}

}  // namespace driftwood::pose

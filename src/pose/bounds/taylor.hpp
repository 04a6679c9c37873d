// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "pose/bounds/pair.hpp"

namespace driftwood::pose {

/// Negative only where no rotation R of the box has n (R u) >= -s, for unit n and u and s >= 0.
///
/// n (R(q) u) |q|^2 = q^T N q with N q = -n q u in quaternions, whose eigenvalues are 1 and -1. For
/// q = q_0 + d, |d_a| <= h in the chart, (N + s) has q^T (N + s) q = q_0^T (N + s) q_0 +
/// 2 d^T (N + s) q_0 + d^T (N + s) d, and the last term is at most (1 + s) |d|^2.
template <Real T>
KOKKOS_FORCEINLINE_FUNCTION T taylor_margin(const Box<T>& box, const Vec3<T>& n, const Vec3<T>& u,
                                            T s) {
  const Quaternion<T> q = box.middle();
  const Quaternion<T> turned = s * q - product(product(pure(n), q), pure(u));
  T sides = T(0);
  for (int a = 0; a < charts; ++a) sides += a == box.chart ? T(0) : abs(turned[a]);
  const T rest = (T(1) + s) * T(3) * box.half * box.half;
  return dot(q, turned) + T(2) * box.half * sides + rest + Rounding<T>::form;
}

/// Of |n (R u)| <= sin delta.
template <Real T>
KOKKOS_FORCEINLINE_FUNCTION T taylor_plane_margin(const Box<T>& box, const DirectPair<T>& pair) {
  return min(taylor_margin(box, pair.normal, pair.direction, pair.tilt.sine),
             taylor_margin(box, T(-1) * pair.normal, pair.direction, pair.tilt.sine));
}

/// Of both hemispheres of the wedge: tighter than that of the plane.
template <Real T>
KOKKOS_FORCEINLINE_FUNCTION T taylor_wedge_margin(const Box<T>& box, const DirectPair<T>& pair) {
  const Vec3<T> middle = pair.tilt.sine * pair.middle;
  const Vec3<T> side = pair.tilt.cosine * pair.normal;
  return min(taylor_margin(box, middle + side, pair.direction, T(0)),
             taylor_margin(box, middle - side, pair.direction, T(0)));
}

}  // namespace driftwood::pose

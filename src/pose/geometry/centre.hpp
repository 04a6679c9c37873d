// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// All camera centres there are, in homogeneous coordinates: (c, w) with w >= 0 is the centre c /
/// w, infinitely far in the direction of c where w = 0. It sees a point X in the direction w X - c.

#include "pose/geometry/box.hpp"

namespace driftwood::pose {

/// (c, w), up to a positive factor.
template <class T>
struct Centre {
  Vec3<T> c;
  T w;
};

/// The centres within `half` of `middle`, coordinate by coordinate.
template <class T>
struct CentreCell {
  Centre<T> middle;
  Centre<T> half;
};

/// Chart 0 holds w = 1 and |c_a| <= centre_reach. Charts 1 to 6 hold c_k = centre_reach, then c_k =
/// -centre_reach, for k = 0, 1, 2, with the other |c_a| <= centre_reach and 0 <= w <= 1: what lies
/// beyond chart 0.
inline constexpr int centre_charts = 7;
/// In units of the ball that holds all points.
inline constexpr double centre_reach = 2;

/// Where a direction in which a centre sees a point may point to, given the cell: within `half`,
/// coordinate by coordinate, of `middle`.
template <class R>
struct SightBox {
  Vec3<R> middle;
  Vec3<R> half;
};

template <class R, class T>
KOKKOS_FORCEINLINE_FUNCTION SightBox<R> sights(const CentreCell<T>& cell, const Vec3<R>& point) {
  const R w(cell.middle.w);
  const R half_w(cell.half.w);
  SightBox<R> out;
  for (int a = 0; a < 3; ++a) {
    out.middle[a] = fma(w, point[a], R(-cell.middle.c[a]));
    out.half[a] = fma(half_w, abs(point[a]), R(cell.half.c[a]));
  }
  return out;
}

/// The cell of a key whose chart is one of these.
[[nodiscard]] inline CentreCell<double> cell_of(const BoxKey& key) {
  const Box<double> box = box_of<double>(key);
  if (box.chart == 0) {
    return {{centre_reach * box.centre, 1},
            {{centre_reach * box.half, centre_reach * box.half, centre_reach * box.half}, 0}};
  }
  const int axis = (box.chart - 1) / 2;
  CentreCell<double> out{};
  out.middle.c[axis] = box.chart % 2 == 1 ? centre_reach : -centre_reach;
  for (int k = 0; k < 2; ++k) {
    const int a = (axis + 1 + k) % 3;
    out.middle.c[a] = centre_reach * box.centre[k];
    out.half.c[a] = centre_reach * box.half;
  }
  out.middle.w = (box.centre[2] + 1) / 2;
  out.half.w = box.half / 2;
  return out;
}

}  // namespace driftwood::pose

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Whether a camera somewhere in a cell of centres may see a point within an angle of a direction:
/// the tests T1 and T2 of translation.hpp, of the direction y = w X - c rather than of the centre,
/// so that cells may reach to infinity; and on lanes of points.

#include "pose/bounds/slack.hpp"
#include "pose/geometry/centre.hpp"

namespace driftwood::pose {

/// A correspondence at one rotation: X in the unit ball, its bearing turned to the world, and the
/// half angle, below pi/2, that it may be off.
template <class R>
struct Sight {
  Vec3<R> point;
  Vec3<R> towards;
  Angle<R> reach;
};

/// What rounding may move a direction by, in each coordinate, as if the cell were larger.
template <Real T>
KOKKOS_FORCEINLINE_FUNCTION CentreCell<T> widened(const CentreCell<double>& cell) {
  CentreCell<T> out;
  double most = cell.middle.w + cell.half.w;
  for (int a = 0; a < 3; ++a) most += abs(cell.middle.c[a]) + cell.half.c[a];
  const double lean = static_cast<double>(Rounding<T>::test) * most;
  for (int a = 0; a < 3; ++a) {
    out.middle.c[a] = static_cast<T>(cell.middle.c[a]);
    out.half.c[a] = static_cast<T>(cell.half.c[a] + lean);
  }
  out.middle.w = static_cast<T>(cell.middle.w);
  out.half.w = static_cast<T>(cell.half.w);
  return out;
}

/// Negative only where no centre of the cell, which is `widened`, sees the point within reach.
///
/// T1: y is within r of y_0, so that its direction is within asin(r / |y_0|) of that of y_0.
/// T2: with e the unit part of y_0 orthogonal to the direction f, the cone of half angle `reach`
/// around f lies in the half spaces n y <= 0, n = cos(reach) e - sin(reach) f, and f y >= 0; a box
/// of y that misses one of them misses the cone.
template <class R, class T>
KOKKOS_FORCEINLINE_FUNCTION R sight_margin(const Sight<R>& sight, const CentreCell<T>& cell) {
  const R test(Rounding<T>::test);
  const SightBox<R> y = sights(cell, sight.point);
  const R square = dot(y.middle, y.middle);
  const R distance = sqrt(square);
  const R r = norm(y.half);
  const R along = dot(sight.towards, y.middle);
  Vec3<R> off = y.middle - along * sight.towards;
  const R across = norm(off);

  // asin(r / d), where r < d; the angle of y_0 and f has the sine across / d and cosine along / d.
  const auto outside = less(r, distance);
  const R safe = select(outside, distance, R(1));
  const R sine = select(outside, r / safe, R(0));
  const R cosine = sqrt((R(1) - sine) * (R(1) + sine));
  const Angle<R> sum = {fma(sight.reach.sine, cosine, sight.reach.cosine * sine),
                        fma(sight.reach.cosine, cosine, -(sight.reach.sine * sine))};
  // reach + asin < pi, as both are at most pi/2.
  const R ball = fma(sum.sine, along, -(sum.cosine * across)) + test * (distance + r);
  const R lean = test * (distance + r);

  R front = along + lean;
  for (int a = 0; a < 3; ++a) front = fma(abs(sight.towards[a]), y.half[a], front);

  // A direction across that is more than rounding.
  const auto is_off = less(R(64) * test * distance, across);
  const R scale = R(1) / select(is_off, across, R(1));
  Vec3<R> e = scale * off;
  e = e - dot(e, sight.towards) * sight.towards;
  R side = lean;
  for (int a = 0; a < 3; ++a) {
    const R n = fma(sight.reach.cosine, e[a], -(sight.reach.sine * sight.towards[a]));
    side = fma(abs(n), y.half[a], side) - n * y.middle[a];
  }
  const R plane = min(front, select(is_off, side, front));
  return min(plane, select(outside, ball, R(1)));
}

}  // namespace driftwood::pose

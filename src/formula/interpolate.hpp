// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Tables on lanes and dual numbers. Points and interpolation are in double precision, whatever the
/// lanes are.

#include "base/dual.hpp"

namespace driftwood::formula {

/// The points of a `Table`, in memory that the kernel can read.
struct Points {
  const double* x;
  const double* y;
  int count;
};

struct ValueAndSlope {
  double value;
  double slope;  ///< at a point that of what follows
};

KOKKOS_INLINE_FUNCTION ValueAndSlope interpolate(const Points& points, double x) {
  int below = 0;
  int above = points.count - 1;
  if (x < points.x[below]) return {points.y[below], 0};
  if (x >= points.x[above]) return {points.y[above], 0};
  if (x != x) return {x, x};
  while (above - below > 1) {  // x is in [x[below], x[above])
    const int middle = below + (above - below) / 2;
    if (points.x[middle] <= x) {
      below = middle;
    } else {
      above = middle;
    }
  }
  const double slope = (points.y[above] - points.y[below]) / (points.x[above] - points.x[below]);
  return {fma(slope, x - points.x[below], points.y[below]), slope};
}

/// The values of lanes, and their slopes.
template <class R>
KOKKOS_FUNCTION R interpolate(const Points& points, const R& x, R& slope) {
  using T = value_of<R>;
  T values[width_of<R>];
  T slopes[width_of<R>];
  store_lanes(values, x);
  for (int i = 0; i < width_of<R>; ++i) {
    const ValueAndSlope at = interpolate(points, static_cast<double>(values[i]));
    values[i] = static_cast<T>(at.value);
    slopes[i] = static_cast<T>(at.slope);
  }
  slope = load<R>(slopes);
  return load<R>(values);
}
template <class R>
KOKKOS_FUNCTION Dual<R> interpolate(const Points& points, const Dual<R>& x, Dual<R>& slope) {
  slope.tangent = R(0);
  const R value = interpolate(points, x.value, slope.value);
  return {value, slope.value * x.tangent};
}

}  // namespace driftwood::formula

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <limits>

#include "base/lane.hpp"

namespace driftwood::pose {

/// How far tests of a bound lean to the side that keeps a box, so that rounding never discards
/// what may hold an optimum. Points lie in the unit ball, bearings are unit vectors, both rounded
/// to `T`, as are rotation matrices.
///
/// With u = `unit`, and norms by Cauchy's inequality: a turned point Y = R X is within
/// (5 sqrt(3) + 1) u < 10 u, its moment Y x f within 10 u + u + 3 u = 14 u, the reciprocal product
/// of two lines (two scalar products of three terms, each of two rounded factors) within
/// 2 (14 + 1 + 6) u = 42 u, and the four products f Y of a gap within 4 (10 + 1) u, their six
/// roundings on values up to 4 within 24 u more: 68 u.
template <Real T>
struct Rounding {
  static constexpr T unit = std::numeric_limits<T>::epsilon() / 2;
  static constexpr T moment = 48 * unit;  ///< of a reciprocal product of lines
  static constexpr T gap = 80 * unit;     ///< of f_i Y_i + f_j Y_j - f_i Y_j - f_j Y_i
  static constexpr T test = 24 * unit;    ///< of a scalar product of unit vectors, and of a test
  static constexpr T angle = 32 * unit;   ///< of a radius, in radians
  static constexpr T form = 256 * unit;   ///< of a quadratic form of a quaternion of a chart
};

}  // namespace driftwood::pose

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A box of rotations times a cell of camera centres, in which the direction where a camera sees a
/// point is nearly linear.
///
/// With quaternions m of the middle and m (1 + q) of any rotation of the box, and d = w X - c, the
/// camera sees X in the direction of
///   y = (1 + q) d (1 + q)^-   (the bar that conjugates; q d q^- has the length |q|^2 |d|)
/// turned by the rotation m, as lengths do not matter. Of q = (s, v) and d, both linear in
/// the coordinates z, |z_j| <= 1, of rotation and centre,
///   y = d_0 + (d - d_0) + 2 (s d_0 + v x d_0) + remainder,
///   |remainder| <= 2 |q| |d - d_0| + |q|^2 |d|.
/// An inlier has y in the cone of half angle eps around its bearing f, turned back by m, and so in
/// every half space n y <= 0 with n = cos eps e - sin eps f, e a unit vector orthogonal to f: a row
///   a z + b <= |remainder|.

#include "pose/bounds/slack.hpp"
#include "pose/geometry/centre.hpp"
#include "pose/geometry/residual.hpp"

namespace driftwood::pose {

/// A correspondence, its point in the unit ball, seen from the middle of a product.
struct ProductSight {
  Vec3<double> to;         ///< d_0
  Vec3<double> column[6];  ///< of y by z
  Vec3<double> bearing;    ///< f, turned back
  Angle<double> reach;     ///< eps, rounded up
  double distance;         ///< |d_0| + |d - d_0| at most
  double apart;            ///< |d - d_0| at most
};

struct Product {
  Quaternion<double> middle;
  Rotation<double> rotation;   ///< of the middle
  Quaternion<double> turn[3];  ///< q at z_j = 1
  double most_turn;            ///< |q| at most
  CentreCell<double> cell;
  int free[3];  ///< the coordinates of centres that z_3, z_4, z_5 are of: 0 to 2 of c, 3 is w

  Product(const Box<double>& box, const CentreCell<double>& centres)
      : middle(box.middle()), rotation(rotation_of(middle)), cell(centres) {
    const double square = dot(middle, middle);
    const Quaternion<double> back = {middle[0], -middle[1], -middle[2], -middle[3]};
    for (int j = 0; j < 3; ++j) {
      Quaternion<double> step = {0, 0, 0, 0};
      step[j + (j >= box.chart ? 1 : 0)] = box.half;
      turn[j] = 1 / square * product(back, step);
    }
    // Steps are orthogonal to each other.
    most_turn = sqrt(3.0) * box.half / sqrt(square) * (1 + 8 * Rounding<double>::unit);
    int k = 0;
    for (int a = 0; a < 4 && k < 3; ++a) {
      if ((a < 3 ? cell.half.c[a] : cell.half.w) > 0) free[k++] = a;
    }
    for (; k < 3; ++k) free[k] = -1;
  }

  [[nodiscard]] ProductSight see(const Correspondence& c) const {
    ProductSight out;
    out.to = cell.middle.w * c.point - cell.middle.c;
    for (int j = 0; j < 3; ++j) {
      const Vec3<double> v = {turn[j][1], turn[j][2], turn[j][3]};
      out.column[j] = 2.0 * (turn[j][0] * out.to + cross(v, out.to));
      out.column[3 + j] = {0, 0, 0};
      if (free[j] == 3) out.column[3 + j] = cell.half.w * c.point;
      if (free[j] >= 0 && free[j] < 3) out.column[3 + j][free[j]] = -cell.half.c[free[j]];
    }
    out.bearing = normalised(rotated_back(rotation, c.bearing));
    out.reach = rounded_up<double>(angle_of(c.threshold));
    const double more = 1 + 8 * Rounding<double>::unit;
    out.apart = norm(sights(cell, c.point).half) * more;
    out.distance = norm(out.to) * more + out.apart;
    return out;
  }

  /// The part of the remainder that cells have a share in, and that of rotations alone; with what
  /// rounding may move y by.
  [[nodiscard]] double mixed_remainder(const ProductSight& sight) const {
    return most_turn * (2 + most_turn) * sight.apart;
  }
  [[nodiscard]] double turn_remainder(const ProductSight& sight) const {
    return most_turn * most_turn * (sight.distance - sight.apart) +
           4 * Rounding<double>::test * (sight.distance + cell.middle.w + norm(cell.middle.c));
  }

  /// The rotation at the coordinates z_0, z_1, z_2.
  [[nodiscard]] Rotation<double> rotation_at(const double* z) const {
    Quaternion<double> q = {1, 0, 0, 0};
    for (int j = 0; j < 3; ++j) q = q + z[j] * turn[j];
    return rotation_of(product(middle, q));
  }
  [[nodiscard]] Centre<double> centre_at(const double* z) const {
    Centre<double> out = cell.middle;
    for (int j = 0; j < 3; ++j) {
      if (free[j] == 3) out.w += z[3 + j] * cell.half.w;
      if (free[j] >= 0 && free[j] < 3) out.c[free[j]] += z[3 + j] * cell.half.c[free[j]];
    }
    return out;
  }
};

}  // namespace driftwood::pose

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Bounds against what they bound: random boxes, and in each of them poses and inliers of those.
/// Each function returns how many of its tests a bound failed, 0 if it is one.

#include <vector>

#include "pose/bounds/block.hpp"
#include "pose/bounds/hopf.hpp"
#include "pose/bounds/ray_test.hpp"
#include "pose/bounds/taylor.hpp"
#include "pose/bounds/translation.hpp"
#include "unit/pose/draws.hpp"

namespace driftwood::pose::testing {

/// Mostly such as occur, some tiny or huge.
inline double any_threshold(Draws& draws) {
  return draws.below(4) == 0 ? draws.scale(1e-6, 0.7) : draws.scale(1e-3, 0.1);
}
/// Of an angle, but for what positions of points are rounded by.
inline double just_within(double eps) { return std::min(eps * (1 - 1e-9), eps - 1e-12); }

/// Wedge, sector and plane on directions and on rays, and their Taylor bounds (3.1 to 3.3), of
/// thresholds between these.
template <class T>
int failures_of_pairs(int component, int boxes, int members, double least = 1e-3,
                      double most = 0.1) {
  Draws draws(component);
  int failures = 0;
  for (int k = 0; k < boxes; ++k) {
    const Box<double> box = box_of<double>(draws.box(deepest_level));
    const RotationBall<T> ball(box);
    const Box<T> same = {box.chart, rounded<T>(box.centre), static_cast<T>(box.half)};
    const Angle<T> leaning = {ball.slack.sine + Rounding<T>::test, ball.slack.cosine};
    for (int m = 0; m < members; ++m) {
      const auto inlier = inlier_pair(draws, rotation_of(draws.member(box)), least, most);
      const Pair pair(inlier.i, inlier.j);
      if (pair.kind == PairKind::always) continue;
      const DirectPair<T> direct(pair);
      const Vec3<T> v = rotated(ball.middle, direct.direction);
      const Ray<T> a(ball.middle, rounded<T>(inlier.i.bearing), rounded<T>(inlier.i.point));
      const Ray<T> b(ball.middle, rounded<T>(inlier.j.bearing), rounded<T>(inlier.j.point));
      const T product = reciprocal_product(a, b);
      const bool holds =
          pair.kind != PairKind::never && direct.plane_margin(v, ball.slack) >= 0 &&
          direct.wedge_margin(v, ball.slack) >= 0 && direct.sector_margin(v, ball.slack) >= 0 &&
          LinePair<T>(pair).margin(product, gap(a, b), ball.slack) >= 0 &&
          (!(ball.slack.cosine > 0) ||
           !RayTest<T>(pair).excludes(product, gap(a, b) + Rounding<T>::gap, leaning)) &&
          taylor_plane_margin(same, direct) >= 0 && taylor_wedge_margin(same, direct) >= 0;
      failures += holds ? 0 : 1;
    }
  }
  return failures;
}

/// An inlier of a pose in the unit ball, a third of them as far off as they may be.
inline Correspondence inlier_of(Draws& draws, const Pose<double>& pose, double eps) {
  const Vec3<double> point = draws.uniform(0, 1) * draws.direction();
  const Vec3<double> seen = normalised(rotated(pose.rotation, point - pose.centre));
  const double off = draws.below(3) == 0 ? 1 : std::sqrt(draws.uniform());
  return {point, draws.off(seen, just_within(eps) * off), eps};
}

/// Sums of cores of blocks (3.5): eight inliers of a pose among some that are not.
template <class T>
int failures_of_blocks(int component, int boxes, int members) {
  Draws draws(component);
  int failures = 0;
  for (int k = 0; k < boxes; ++k) {
    const Box<double> box = box_of<double>(draws.box(deepest_level));
    const RotationBall<T> ball(box);
    for (int m = 0; m < members; ++m) {
      const Pose<double> pose = {rotation_of(draws.member(box)),
                                 draws.scale(0.1, 5) * draws.direction()};
      std::vector<Correspondence> all;
      for (int i = 0; i < 12; ++i) {
        all.push_back(i % 3 < 2 ? inlier_of(draws, pose, any_threshold(draws))
                                : Correspondence{draws.uniform(0, 1) * draws.direction(),
                                                 draws.direction(), 0.01});
      }
      const auto block = std::vector{Block<T>(all)};
      failures += most_inliers(block, ball) >= inliers(pose, all) ? 0 : 1;
    }
  }
  return failures;
}

/// Hopf cells with their angle swept (3.4): planes of pairs that are inliers of one rotation of the
/// cell.
template <class T>
int failures_of_cells(int component, int cells, int members) {
  Draws draws(component);
  int failures = 0;
  for (int k = 0; k < cells; ++k) {
    const int level = draws.below(12);
    const double half = std::ldexp(1.0, -level);
    Vec<double, 2> centre;
    for (int a = 0; a < 2; ++a) centre[a] = (2 * draws.below(1 << level) + 1) * half - 1;
    const SphereCell cell = {{draws.below(3), centre, half}, draws.below(2) == 0};
    for (int m = 0; m < members; ++m) {
      Vec<double, 2> x = cell.square.centre;
      for (int a = 0; a < 2; ++a) {
        x[a] +=
            half * (draws.below(3) == 0 ? (draws.below(2) == 0 ? -1 : 1) : draws.uniform(-1, 1));
      }
      const Vec3<double> p = (cell.opposite ? -1.0 : 1.0) * normalised(cell.square.at(x));
      const double around = draws.uniform(0, 2 * pi);
      const Rotation<double> about =
          rotation_of(Quaternion<double>{std::cos(around / 2), 0.0, 0.0, std::sin(around / 2)});
      const Rotation<double> frame = frame_onto(p);
      Rotation<double> rotation;
      for (int i = 0; i < 3; ++i) {
        for (int j = 0; j < 3; ++j) {
          rotation(i, j) = 0;
          for (int l = 0; l < 3; ++l) rotation(i, j) += frame(i, l) * about(l, j);
        }
      }
      std::vector<DirectPair<T>> pairs;
      while (pairs.size() < 8) {
        const auto inlier = draws.below(4) == 0 ? inlier_pair(draws, rotation, 1e-6, 0.7)
                                                : inlier_pair(draws, rotation);
        const Pair pair(inlier.i, inlier.j);
        if (pair.kind == PairKind::tested) pairs.emplace_back(pair);
      }
      failures += most_planes(cell.middle(), cell.radius(), pairs).count == 8 ? 0 : 1;
    }
  }
  return failures;
}

/// Boxes of centres (3.6), and nested in boxes of rotations (3.7).
template <class T>
int failures_of_centres(int component, int boxes, int members) {
  Draws draws(component);
  int failures = 0;
  for (int k = 0; k < boxes; ++k) {
    const Vec3<double> middle = draws.scale(0.01, 3) * draws.direction();
    const Vec3<double> half =
        draws.scale(1e-8, 2) * Vec3<double>{draws.uniform(), draws.uniform(), draws.uniform()};
    const CentreBox<T> box = {rounded<T>(middle), rounded<T>(half)};
    const Box<double> rotations = box_of<double>(draws.box(deepest_level));
    const Angle<double> radius = radius_of(rotations);
    const double eps = any_threshold(draws);
    const double wide = radians(radius) + eps;
    for (int m = 0; m < members; ++m) {
      Vec3<double> centre = middle;
      const bool outside = draws.below(2) == 0;
      for (int a = 0; a < 3; ++a) {
        const double t = draws.uniform(-1, 1);
        // Within the box as it is rounded.
        const double low = static_cast<double>(box.middle[a]) - static_cast<double>(box.half[a]);
        const double high = static_cast<double>(box.middle[a]) + static_cast<double>(box.half[a]);
        centre[a] = outside ? (t < 0 ? low : high) : low + (high - low) * (t + 1) / 2;
      }
      const Vec3<double> point = draws.below(4) == 0
                                     ? centre + draws.scale(1e-6, 0.3) * draws.direction()
                                     : draws.uniform(0, 1) * draws.direction();
      const Vec3<double> towards = normalised(point - centre);
      const double off = just_within(eps) * (draws.below(2) == 0 ? 1 : draws.uniform());
      const auto cone_of = [&](const Vec3<double>& w, double reach) {
        return Cone<T>{rounded<T>(point), rounded<T>(w), rounded_up<T>(angle_of(reach))};
      };
      const Cone<T> alone = cone_of(draws.off(towards, off), eps);
      failures += ball_margin(alone, box) >= 0 && plane_margin(alone, box) >= 0 ? 0 : 1;
      if (!(wide < 1.5)) continue;
      // A rotation of the box that is not its middle.
      const Rotation<double> rotation = rotation_of(draws.member(rotations));
      const Vec3<double> bearing = draws.off(rotated(rotation, towards), off);
      const Cone<T> nested = cone_of(rotated_back(rotation_of(rotations.middle()), bearing), wide);
      failures += cone_margin(nested, box) >= 0 ? 0 : 1;
    }
  }
  return failures;
}

/// Intervals of heights on lines (3.6, T3).
inline int failures_of_heights(int component, int lines, int members) {
  Draws draws(component);
  int failures = 0;
  for (int k = 0; k < lines; ++k) {
    const Vec3<double> along = draws.direction();
    const Vec3<double> base = draws.uniform(0, 2) * draws.direction();
    const double r = draws.scale(1e-4, 1);
    for (int m = 0; m < members; ++m) {
      const double eps = draws.below(2) == 0 ? any_threshold(draws) : draws.uniform(0.1, 1.5);
      const double z = draws.uniform(-3, 3);
      const Vec3<double> side = orthogonal_to(along);
      const double turn = draws.uniform(0, 2 * pi);
      const double out = r * (1 - 1e-9) * (draws.below(2) == 0 ? 1 : draws.uniform());
      const Vec3<double> centre = base + z * along + (out * std::cos(turn)) * side +
                                  (out * std::sin(turn)) * cross(along, side);
      const Vec3<double> point = draws.uniform(0, 1) * draws.direction();
      // Some look along the line.
      const Vec3<double> at = draws.below(4) == 0 ? centre + draws.scale(1e-3, 2) * along : point;
      const Vec3<double> seen = draws.off(
          normalised(at - centre), just_within(eps) * (draws.below(2) == 0 ? 1 : draws.uniform()));
      const Interval found = heights({at, seen, angle_of(eps)}, base, along, r);
      failures += found.low <= z && z <= found.high ? 0 : 1;
    }
  }
  return failures;
}

}  // namespace driftwood::pose::testing

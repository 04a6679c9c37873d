// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "pose/geometry/unit_ball.hpp"
#include "pose/synthetic.hpp"
#include "unit/pose/draws.hpp"

namespace driftwood::pose::testing {

/// Correspondences with points in the unit ball, and the rotation that is right.
struct TestProblem {
  std::vector<Correspondence> correspondences;
  std::vector<bool> is_right;
  Rotation<double> truth;
};

inline TestProblem problem_of(int points, double outliers, std::uint64_t number) {
  auto options = SyntheticOptions::preset("std");
  options.points = points;
  options.outliers = outliers;
  const auto drawn = synthetic_problem(options, seed, number);
  TestProblem out = {drawn.correspondences, drawn.is_right, drawn.truth.rotation};
  std::vector<Vec3<double>> at;
  for (const auto& c : out.correspondences) at.push_back(c.point);
  const UnitBall ball(at);
  for (auto& c : out.correspondences) c.point = ball.into(c.point);
  return out;
}

/// With a few pairs that are always or never consistent: bearings close to each other, and points
/// that were matched twice.
inline TestProblem problem_with_ties(int points, double outliers, std::uint64_t number) {
  TestProblem out = problem_of(points, outliers, number);
  auto& all = out.correspondences;
  for (std::size_t i = 0; i + 9 < all.size(); i += 10) {
    all[i + 1].point = all[i].point;      // of two bearings: never
    all[i + 5].bearing = all[i].bearing;  // of two points: always
    all[i + 7] = all[i + 9];              // the same match twice: always
  }
  return out;
}

/// The quaternion of a rotation that is not by half a turn.
inline Quaternion<double> quaternion_of(const Rotation<double>& r) {
  return {1 + r(0, 0) + r(1, 1) + r(2, 2), r(2, 1) - r(1, 2), r(0, 2) - r(2, 0), r(1, 0) - r(0, 1)};
}

/// Any box, or one around the rotation.
inline BoxKey box_near(Draws& draws, const Rotation<double>& truth) {
  if (draws.below(2) == 0) return draws.box(deepest_level);
  return box_around(quaternion_of(truth), draws.below(deepest_level + 1));
}

}  // namespace driftwood::pose::testing

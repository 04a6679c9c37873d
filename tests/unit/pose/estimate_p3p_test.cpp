// SPDX-License-Identifier: BSD-3-Clause
// Claims: one of the poses of three correspondences is the one that they were made with, all see
// the points where they were, and triples without a pose have none.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "pose/estimate/p3p.hpp"
#include "unit/pose/draws.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::pose;
using driftwood::pose::testing::Draws;

double largest_residual(const Pose<double>& pose, const std::array<Correspondence, 3>& seen) {
  double out = 0;
  for (const auto& c : seen) out = std::max(out, residual(pose, c));
  return out;
}

std::array<Correspondence, 3> seen_by(Draws& draws, const Pose<double>& pose, double unit) {
  std::array<Correspondence, 3> out;
  for (auto& c : out) {
    c.bearing = draws.direction();
    const double distance = unit * draws.scale(0.5, 5);
    c.point = rotated_back(pose.rotation, distance * c.bearing) + pose.centre;
    c.threshold = 0;
  }
  return out;
}

TEST(P3p, FindsThePoseOfRandomTriples) {
  Draws draws(20);
  int no_solution = 0;
  int far_from_truth = 0;
  double worst = 0;
  for (int k = 0; k < 100000; ++k) {
    const double unit = draws.scale(1e-3, 1e3);
    const Pose<double> truth = {rotation_of(draws.quaternion()),
                                unit * draws.uniform(0, 10) * draws.direction()};
    const auto seen = seen_by(draws, truth, unit);
    const P3p found = p3p(seen[0], seen[1], seen[2]);
    double nearest = std::numeric_limits<double>::infinity();
    for (const auto& pose : found) {
      worst = std::max(worst, largest_residual(pose, seen));
      nearest = std::min(nearest, norm(pose.centre - truth.centre) / unit);
    }
    no_solution += found.count == 0 ? 1 : 0;
    // Where two poses are about to merge, rounding of the input moves them by its square root.
    far_from_truth += nearest < 1e-5 ? 0 : 1;
  }
  EXPECT_EQ(no_solution, 0);
  EXPECT_EQ(far_from_truth, 0);
  EXPECT_LT(worst, 1e-9);
}

// As of a camera with a lens of ordinary length: bearings within 25 degrees of each other.
TEST(P3p, FindsAPoseOfNarrowTriples) {
  Draws draws(21);
  int no_solution = 0;
  double worst = 0;
  for (int k = 0; k < 100000; ++k) {
    const Pose<double> truth = {rotation_of(draws.quaternion()), draws.direction()};
    const Vec3<double> axis = draws.direction();
    std::array<Correspondence, 3> seen;
    for (auto& c : seen) {
      c.bearing = draws.off(axis, draws.scale(1e-3, 0.2));
      c.point = rotated_back(truth.rotation, draws.uniform(4, 8) * c.bearing) + truth.centre;
    }
    const P3p found = p3p(seen[0], seen[1], seen[2]);
    for (const auto& pose : found) worst = std::max(worst, largest_residual(pose, seen));
    no_solution += found.count == 0 ? 1 : 0;
  }
  EXPECT_EQ(no_solution, 0);
  EXPECT_LT(worst, 1e-9);
}

TEST(P3p, OfWhatNoCameraSeesIsExactOrNone) {
  Draws draws(22);
  int solved = 0;
  for (int k = 0; k < 100000; ++k) {
    std::array<Correspondence, 3> seen;
    for (auto& c : seen) c = {draws.direction(), draws.direction(), 0};
    for (const auto& pose : p3p(seen[0], seen[1], seen[2])) {
      EXPECT_LT(largest_residual(pose, seen), 1e-9);
      const Rotation<double>& r = pose.rotation;
      EXPECT_NEAR(dot(cross(Vec3<double>{r(0, 0), r(0, 1), r(0, 2)},
                            Vec3<double>{r(1, 0), r(1, 1), r(1, 2)}),
                      Vec3<double>{r(2, 0), r(2, 1), r(2, 2)}),
                  1, 1e-13);
      ++solved;
    }
  }
  EXPECT_GT(solved, 1000);
}

TEST(P3p, HasNoPoseOfDegenerateTriples) {
  Draws draws(23);
  const Pose<double> truth = {rotation_of(draws.quaternion()), {1, 2, 3}};
  const auto seen = seen_by(draws, truth, 1);
  const auto at = [](Correspondence c, const Vec3<double>& point) {
    c.point = point;
    return c;
  };
  const Vec3<double> a = seen[0].point;
  const Vec3<double> b = seen[1].point;
  EXPECT_EQ(p3p(seen[0], seen[1], at(seen[2], 0.3 * a + 0.7 * b)).count, 0) << "on a line";
  EXPECT_EQ(p3p(seen[0], seen[1], at(seen[2], b)).count, 0) << "twice the same";
  EXPECT_EQ(p3p(seen[0], at(seen[1], a), at(seen[2], a)).count, 0) << "all the same";
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(p3p(seen[0], seen[1], at(seen[2], {nan, 0, 0})).count, 0);
  // Different points in one direction: what there is must be right, be it none.
  for (int k = 0; k < 1000; ++k) {
    auto same = seen_by(draws, truth, 1);
    same[1].bearing = same[0].bearing;
    if (k % 2 == 0) same[2].bearing = same[0].bearing;
    for (const auto& pose : p3p(same[0], same[1], same[2])) {
      EXPECT_LT(largest_residual(pose, same), 1e-6);
    }
  }
}

}  // namespace

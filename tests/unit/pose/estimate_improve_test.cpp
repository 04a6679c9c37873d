// SPDX-License-Identifier: BSD-3-Clause
// Claims: derivatives of residuals are those of finite differences; improved poses explain no less;
// from a rotation near the truth and members of which some are wrong comes a pose that explains
// what the truth does.
#include <gtest/gtest.h>

#include <cmath>

#include "pose/estimate/climb.hpp"
#include "pose/estimate/improve.hpp"
#include "pose/estimate/linearised.hpp"
#include "pose/synthetic.hpp"
#include "unit/pose/near.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::pose;
using driftwood::pose::testing::Draws;
using driftwood::pose::testing::near;

TEST(Linearised, HasTheSlopesOfFiniteDifferences) {
  Draws draws(30);
  for (int k = 0; k < 1000; ++k) {
    const Pose<double> pose = {rotation_of(draws.quaternion()), draws.direction()};
    const Vec3<double> seen = draws.direction();
    const Correspondence c = {
        rotated_back(pose.rotation, draws.uniform(1, 5) * draws.off(seen, draws.scale(1e-4, 1))) +
            pose.centre,
        seen, 0.01};
    const Linearised here(pose, c);
    EXPECT_NEAR(std::hypot(here.residual[0], here.residual[1]), std::sin(residual(pose, c)), 1e-14);
    for (int a = 0; a < 6; ++a) {
      constexpr double h = 1e-5;
      PoseStep step = {};
      step[a] = h;
      const Linearised ahead(moved(pose, step), c);
      step[a] = -h;
      const Linearised behind(moved(pose, step), c);
      for (int i = 0; i < 2; ++i) {
        EXPECT_NEAR((ahead.residual[i] - behind.residual[i]) / (2 * h), here.slope[i][a], 1e-8);
      }
    }
  }
}

TEST(Moved, TurnsByTheStep) {
  Draws draws(31);
  for (int k = 0; k < 1000; ++k) {
    const auto q = draws.quaternion();
    const double angle = draws.scale(1e-9, 3);
    const Pose<double> pose = {rotation_of(q), draws.direction()};
    const Vec3<double> axis = draws.direction();
    const Pose<double> there =
        moved(pose, {angle * axis[0], angle * axis[1], angle * axis[2], 0, 0, 0});
    const Vec3<double> v = draws.direction();
    const Vec3<double> u = rotated(pose.rotation, v);
    // Rodrigues' formula.
    const Vec3<double> expected = std::cos(angle) * u + std::sin(angle) * cross(axis, u) +
                                  (1 - std::cos(angle)) * dot(axis, u) * axis;
    EXPECT_LT(norm(rotated(there.rotation, v) - expected), 2e-15);
  }
}

TEST(Improved, ExplainsNoLess) {
  Draws draws(32);
  for (std::uint64_t p = 0; p < 200; ++p) {
    auto options = SyntheticOptions::preset(p % 2 == 0 ? "std" : "wide");
    options.points = 20 + draws.below(200);
    options.outliers = draws.uniform(0, 0.9);
    const auto problem = synthetic_problem(options, pose::testing::seed, p);
    const auto start = near(draws, problem.truth, draws.scale(1e-4, 0.1), draws.scale(1e-3, 0.5));
    const Found before = counted(start, problem.correspondences);
    const Found after = improved(problem.correspondences, start);
    EXPECT_FALSE(better(before, after));
    EXPECT_EQ(after.inliers, inliers(after.pose, problem.correspondences));
    EXPECT_EQ(after.cost, counted(after.pose, problem.correspondences).cost);
  }
}

TEST(Improved, ComesBackFromNearTheTruth) {
  Draws draws(33);
  int good = 0;
  for (std::uint64_t p = 0; p < 200; ++p) {
    auto options = SyntheticOptions::preset("std");
    options.outliers = 0.7;
    const auto problem = synthetic_problem(options, pose::testing::seed, p);
    // 0.3 degrees and 5 cm at depths of 4 to 8 m, where thresholds are 0.3 degrees.
    const auto start = near(draws, problem.truth, 0.005, 0.05);
    const Found found = improved(problem.correspondences, start);
    good += found.inliers >= inliers(problem.truth, problem.correspondences) ? 1 : 0;
  }
  EXPECT_GE(good, 198);
}

// Thresholds that cut through the noise of inliers: the most inliers are not where least squares
// is.
TEST(Climbed, ExplainsMoreWhereThresholdsAreTight) {
  int before = 0;
  int after = 0;
  for (std::uint64_t p = 0; p < 20; ++p) {
    auto problem = synthetic_problem(SyntheticOptions::preset("std"), pose::testing::seed, p);
    for (auto& c : problem.correspondences) c.threshold *= 0.4;
    const std::span<const Correspondence> all = problem.correspondences;
    const Found fit = fitted(all, problem.truth);
    const Found found = improved(all, problem.truth);
    const Found climb = climbed(all, found, 1, 300);
    EXPECT_FALSE(better(fit, found));
    EXPECT_FALSE(better(found, climb));
    EXPECT_EQ(climb.inliers, inliers(climb.pose, all));
    EXPECT_EQ(climbed(all, found, 1, 300).cost, climb.cost);
    before += fit.inliers;
    after += climb.inliers;
  }
  EXPECT_GE(after, before + 60);
}

TEST(Climbed, StaysWherePosesAreNotDetermined) {
  const auto problem = synthetic_problem(SyntheticOptions::preset("std"), 1);
  const std::vector<Correspondence> same(20, problem.correspondences[0]);
  const Found start = counted(problem.truth, same);
  EXPECT_FALSE(better(start, climbed(same, start, 1, 100)));
}

TEST(FromMembers, BearsWrongOnes) {
  Draws draws(34);
  for (const double wrong : {0.0, 0.2, 0.35}) {
    int good = 0;
    for (std::uint64_t p = 0; p < 100; ++p) {
      auto options = SyntheticOptions::preset("std");
      options.outliers = 0.7;
      const auto problem = synthetic_problem(options, pose::testing::seed, p);
      std::vector<int> members;
      for (int i = 0; i < options.points; ++i) {
        const bool right = problem.is_right[static_cast<std::size_t>(i)];
        // Outliers are 7 of 10: as many of them as make the share wanted.
        const double rate = right ? 1 : wrong / (1 - wrong) * 3 / 7;
        if (draws.uniform() < rate) members.push_back(i);
      }
      const auto turned = near(draws, problem.truth, 0.01, 0);
      const auto found = from_members(problem.correspondences, members, turned.rotation);
      good += found && found->inliers >= inliers(problem.truth, problem.correspondences) ? 1 : 0;
    }
    EXPECT_GE(good, wrong < 0.3 ? 99 : 90) << wrong;
  }
}

TEST(FromMembers, NeedsThree) {
  const auto problem = synthetic_problem(SyntheticOptions::preset("std"), 1);
  const std::vector<int> two = {3, 4};
  EXPECT_FALSE(from_members(problem.correspondences, two, problem.truth.rotation));
  EXPECT_FALSE(from_members(problem.correspondences, {}, problem.truth.rotation));
  // One direction determines no centre.
  const std::vector<Correspondence> same(20, problem.correspondences[0]);
  const std::vector<int> all = {0, 1, 2, 3, 4, 5};
  const auto found = from_members(same, all, problem.truth.rotation);
  if (found) {
    EXPECT_EQ(found->inliers, inliers(found->pose, same));
  }
}

}  // namespace

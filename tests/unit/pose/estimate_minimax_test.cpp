// SPDX-License-Identifier: BSD-3-Clause
// Claims: minimax poses have no larger ratios than where they started, nor than poses of a random
// search nearby; members that are all inliers of a pose are found to be; what cannot be is not.
#include "pose/estimate/minimax.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "pose/estimate/linearised.hpp"
#include "pose/synthetic.hpp"
#include "unit/pose/draws.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::pose;
using driftwood::pose::testing::Draws;

Pose<double> off(Draws& draws, const Pose<double>& pose, double angle, double distance) {
  const Vec3<double> turn = angle * draws.direction();
  const Vec3<double> shift = distance * draws.direction();
  return moved(pose, {turn[0], turn[1], turn[2], shift[0], shift[1], shift[2]});
}

double largest(const std::vector<Correspondence>& all, const Pose<double>& pose) {
  double out = 0;
  for (const Correspondence& c : all) out = std::max(out, residual(pose, c) / c.threshold);
  return out;
}

struct Case {
  std::vector<Correspondence> all;
  Pose<double> truth;
  std::vector<int> members;
};

Case case_of(int points, std::uint64_t number) {
  auto options = SyntheticOptions::preset(number % 2 == 0 ? "std" : "wide");
  options.points = points;
  options.outliers = 0;
  const auto drawn = synthetic_problem(options, pose::testing::seed, number);
  Case out = {drawn.correspondences, drawn.truth, std::vector<int>(drawn.correspondences.size())};
  std::iota(out.members.begin(), out.members.end(), 0);
  return out;
}

TEST(Minimax, IsLeastNearby) {
  Draws draws(70);
  for (std::uint64_t p = 0; p < 40; ++p) {
    const Case problem = case_of(8 + draws.below(60), p);
    const auto start = off(draws, problem.truth, draws.scale(1e-4, 0.03), draws.scale(1e-4, 0.1));
    const auto found = minimax(problem.all, problem.members, start, 0);
    ASSERT_TRUE(found);
    EXPECT_DOUBLE_EQ(found->ratio, largest(problem.all, found->pose));
    EXPECT_LE(found->ratio, largest(problem.all, start));
    EXPECT_LE(found->ratio, largest(problem.all, problem.truth));
    // Moves of every size, none of which is better by more than what a fit leaves.
    for (int k = 0; k < 2000; ++k) {
      const double size = draws.scale(1e-8, 1e-2);
      const auto there = off(draws, found->pose, size, 5 * size);
      ASSERT_GE(largest(problem.all, there), found->ratio - 1e-6);
    }
  }
}

TEST(Minimax, FindsThatAllAreInliers) {
  Draws draws(71);
  for (std::uint64_t p = 0; p < 100; ++p) {
    Case problem = case_of(20 + draws.below(200), p);
    // Thresholds a hair above what the best pose needs.
    const auto best = minimax(problem.all, problem.members, problem.truth, 0);
    ASSERT_TRUE(best);
    const auto start = off(draws, problem.truth, 0.005, 0.02);
    for (auto& c : problem.all) c.threshold *= best->ratio * (1 + 1e-5);
    const auto found = minimax(problem.all, problem.members, start);
    ASSERT_TRUE(found);
    EXPECT_LE(found->ratio, 1);
    EXPECT_EQ(inliers(found->pose, problem.all), std::ssize(problem.all));
    for (auto& c : problem.all) c.threshold *= 1 - 1e-4;
    const auto none = minimax(problem.all, problem.members, start);
    ASSERT_TRUE(none);
    EXPECT_GT(none->ratio, 1);
  }
}

TEST(Minimax, NeedsPointsInFront) {
  Case problem = case_of(10, 0);
  for (auto& c : problem.all) c.bearing = -1.0 * c.bearing;
  EXPECT_FALSE(minimax(problem.all, problem.members, problem.truth));
  EXPECT_FALSE(minimax(problem.all, {}, problem.truth));
}

}  // namespace

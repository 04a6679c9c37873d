// SPDX-License-Identifier: BSD-3-Clause
// Claims: seeds explain at least what the truth does, up to the rate at which triples of inliers
// are drawn; they are functions of their arguments, and there is none of fewer than three points.
#include <gtest/gtest.h>

#include <cmath>

#include "pose/estimate/seed.hpp"
#include "pose/synthetic.hpp"
#include "unit/pose/draws.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::pose;

/// Of `problems` problems, those whose seed explains at least what the truth does.
int successes(const SyntheticOptions& options, int problems, int samples) {
  int out = 0;
  for (int p = 0; p < problems; ++p) {
    const auto problem =
        synthetic_problem(options, pose::testing::seed, static_cast<std::uint64_t>(p));
    const auto found = seed_pose(problem.correspondences, 7, samples);
    EXPECT_TRUE(found.has_value());
    if (!found) continue;
    EXPECT_EQ(found->inliers, inliers(found->pose, problem.correspondences));
    out += found->inliers >= inliers(problem.truth, problem.correspondences) ? 1 : 0;
  }
  return out;
}

TEST(Seed, ExplainsWhatTheTruthDoes) {
  for (const char* scene : {"std", "wide", "posebench", "planar"}) {
    for (const double outliers : {0.1, 0.3, 0.5, 0.7, 0.8}) {
      auto options = SyntheticOptions::preset(scene);
      options.outliers = outliers;
      // At 80 % no triple of inliers is drawn with probability (1 - 0.2^3)^1000 = 3e-4.
      EXPECT_GE(successes(options, 20, 1000), 19) << scene << " " << outliers;
    }
  }
}

TEST(Seed, FailsAsOftenAsTriplesDo) {
  auto options = SyntheticOptions::preset("std");
  options.outliers = 0.9;
  // Triples of inliers fail to be among 1000 with probability 0.37, of which not all lead to the
  // truth: 100 problems, standard error 4.8, and below 40 by chance in fewer than 1e-5 cases.
  EXPECT_GE(successes(options, 100, 1000), 40);
  EXPECT_GE(successes(options, 100, 10000), 98);
}

TEST(Seed, IsOfTheLargerStructure) {
  auto options = SyntheticOptions::preset("structured");
  options.outliers = 0.7;
  EXPECT_EQ(successes(options, 30, 1000), 30);
}

TEST(Seed, OfManyIsOfAll) {
  auto options = SyntheticOptions::preset("std");
  options.points = 20000;
  options.outliers = 0.8;
  EXPECT_EQ(successes(options, 5, 1000), 5);
}

TEST(Seed, IsAFunctionOfItsArguments) {
  const auto problem = synthetic_problem(SyntheticOptions::preset("std"), 1);
  const auto a = seed_pose(problem.correspondences, 5, 200);
  const auto b = seed_pose(problem.correspondences, 5, 200);
  ASSERT_TRUE(a && b);
  EXPECT_EQ(a->inliers, b->inliers);
  EXPECT_EQ(a->cost, b->cost);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(a->pose.centre[i], b->pose.centre[i]);
}

TEST(Seed, NeedsThreePoints) {
  const auto problem = synthetic_problem(SyntheticOptions::preset("std"), 1);
  const std::span<const Correspondence> all = problem.correspondences;
  EXPECT_FALSE(seed_pose(all.first(0), 5, 200));
  EXPECT_FALSE(seed_pose(all.first(2), 5, 200));
  EXPECT_FALSE(seed_pose(all, 5, 0));
  const std::vector<Correspondence> same(20, all[0]);
  EXPECT_FALSE(seed_pose(same, 5, 200));
  // Three points that a camera sees.
  auto options = SyntheticOptions::preset("wide");
  options.points = 3;
  options.outliers = 0;
  const auto few = synthetic_problem(options, 2);
  const auto found = seed_pose(few.correspondences, 5, 200);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->inliers, 3);
}

}  // namespace

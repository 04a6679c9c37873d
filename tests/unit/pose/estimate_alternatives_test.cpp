// SPDX-License-Identifier: BSD-3-Clause
// Claims: a plane that is seen with little perspective has a second pose, and so have wrong matches
// that agree on one; scenes with much of both depth and angle have none.
#include <gtest/gtest.h>

#include "pose/estimate/alternatives.hpp"
#include "pose/estimate/improve.hpp"
#include "pose/estimate/metrics.hpp"
#include "pose/synthetic.hpp"
#include "unit/pose/near.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::pose;

constexpr double apart = 0.05;

TEST(Alternatives, OfAPlaneSeenFromAfar) {
  int ambiguous = 0;
  for (std::uint64_t p = 0; p < 20; ++p) {
    auto options = SyntheticOptions::preset("planar");
    options.focal = 20000;  // the image is 1.8 degrees wide
    options.points = 100;
    const auto problem = synthetic_problem(options, pose::testing::seed, p);
    const std::span<const Correspondence> all = problem.correspondences;
    const Found best = improved(all, problem.truth);
    const auto others = alternatives(all, best, 0.9, apart, 1);
    ambiguous += others.empty() ? 0 : 1;
    for (const Found& other : others) {
      EXPECT_EQ(other.inliers, inliers(other.pose, all));
      EXPECT_GE(other.inliers, 0.9 * best.inliers);
      EXPECT_GT(angle_between(other.pose.rotation, best.pose.rotation), apart);
    }
  }
  EXPECT_GE(ambiguous, 15);
}

TEST(Alternatives, OfStructuredOutliers) {
  for (std::uint64_t p = 0; p < 20; ++p) {
    auto options = SyntheticOptions::preset("structured");
    options.outliers = 0.7;
    const auto problem = synthetic_problem(options, pose::testing::seed, p);
    const std::span<const Correspondence> all = problem.correspondences;
    const Found best = improved(all, problem.truth);
    EXPECT_TRUE(alternatives(all, best, 0.9, apart, 1).empty());
    const auto others = alternatives(all, best, 0.5, apart, 1);
    ASSERT_EQ(others.size(), 1U);
    EXPECT_LT(angle_between(others[0].pose.rotation, problem.second->rotation), 0.01);
    const auto again = alternatives(all, best, 0.5, apart, 1);
    EXPECT_EQ(again[0].cost, others[0].cost);
  }
}

TEST(Alternatives, AreNotOfGeneralScenes) {
  for (const char* scene : {"std", "wide", "planar"}) {
    for (std::uint64_t p = 0; p < 10; ++p) {
      const auto problem =
          synthetic_problem(SyntheticOptions::preset(scene), pose::testing::seed, p);
      const std::span<const Correspondence> all = problem.correspondences;
      EXPECT_TRUE(alternatives(all, improved(all, problem.truth), 0.9, apart, 1).empty()) << scene;
    }
  }
  const Found none =
      counted(Pose<double>{rotation_of(Quaternion<double>{1, 0, 0, 0}), {0, 0, 0}}, {});
  EXPECT_TRUE(alternatives({}, none, 0.9, apart, 1).empty());
}

}  // namespace

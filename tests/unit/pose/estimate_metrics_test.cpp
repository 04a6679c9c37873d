// SPDX-License-Identifier: BSD-3-Clause
// Claims: errors of poses, scores of inliers and areas under recall are what their definitions say.
#include <gtest/gtest.h>

#include "pose/estimate/metrics.hpp"
#include "unit/pose/near.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::pose;
using driftwood::pose::testing::Draws;
using driftwood::pose::testing::near;

TEST(PoseError, IsByHowMuchThePoseIsOff) {
  Draws draws(50);
  for (int k = 0; k < 1000; ++k) {
    const Pose<double> truth = {rotation_of(draws.quaternion()), draws.direction()};
    const double angle = draws.scale(1e-7, 3.1);
    const auto error = error_of(near(draws, truth, angle, 0.05), truth, 5);
    EXPECT_NEAR(error.degrees, angle * 180 / pi, 1e-13 + 1e-7 * angle);
    EXPECT_NEAR(error.distance, 0.05, 1e-15);
    EXPECT_NEAR(error.relative, 0.01, 1e-15);
  }
  EXPECT_TRUE((PoseError{1, 7, 0.01}.success()));
  EXPECT_FALSE((PoseError{1.01, 7, 0.01}.success()));
  EXPECT_FALSE((PoseError{1, 7, 0.011}.success()));
  EXPECT_FALSE((PoseError{1, 1.1, 0.001}.coarse_success()));
  EXPECT_TRUE((PoseError{5, 1, 0.1}.coarse_success()));
}

TEST(InlierScore, CountsSharesOfBoth) {
  const Pose<double> pose = {rotation_of(Quaternion<double>{1, 0, 0, 0}), {0, 0, 0}};
  const Vec3<double> ahead = {0, 0, 1};
  const Correspondence inlier = {{0, 0, 2}, ahead, 0.01};
  const Correspondence far = {{0, 0, 6}, ahead, 0.01};
  const Correspondence outlier = {{1, 0, 2}, ahead, 0.01};
  const std::vector all = {inlier, far, far, outlier, outlier};
  const auto score = score_of(pose, all, {true, true, false, true, false});
  EXPECT_DOUBLE_EQ(score.precision, 2.0 / 3);
  EXPECT_DOUBLE_EQ(score.recall, 2.0 / 3);
  EXPECT_EQ(median_distance(pose, all), 6);
  EXPECT_EQ(median_distance(pose, std::span(all).first(2)), 6);
  EXPECT_EQ(median_distance(pose, std::span(all).first(1)), 2);
  const std::vector none = {outlier};
  EXPECT_TRUE(std::isnan(median_distance(pose, none)));
  EXPECT_EQ(score_of(pose, none, {false}).precision, 1);
  EXPECT_EQ(score_of(pose, none, {false}).recall, 1);
}

TEST(AreaUnderRecall, IsThatOfTheSteps) {
  const std::vector<double> errors = {0, 0.5, 1, 3, std::numeric_limits<double>::quiet_NaN()};
  // The recall is 1/5 up to 0.5, then 2/5, then 3/5.
  EXPECT_DOUBLE_EQ(area_under_recall(errors, 1), (0.5 / 5 + 0.5 * 2 / 5));
  EXPECT_DOUBLE_EQ(area_under_recall(errors, 2), (0.5 / 5 + 0.5 * 2 / 5 + 3.0 / 5) / 2);
}

}  // namespace

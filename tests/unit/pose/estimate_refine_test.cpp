// SPDX-License-Identifier: BSD-3-Clause
// Claims: refined poses do not depend on where they start from, are near the truth, and no further
// from it than their covariance says; what inliers do not determine is said to be so.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "pose/estimate/metrics.hpp"
#include "pose/estimate/refine.hpp"
#include "pose/synthetic.hpp"
#include "unit/pose/near.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::pose;
using driftwood::pose::testing::Draws;
using driftwood::pose::testing::near;

constexpr double degree = pi / 180;

TEST(Refined, IsNearTheTruth) {
  Draws draws(40);
  std::vector<double> degrees;
  std::vector<double> relative;
  for (std::uint64_t p = 0; p < 60; ++p) {
    auto options = SyntheticOptions::preset("std");
    options.outliers = draws.uniform(0.1, 0.7);
    const auto problem = synthetic_problem(options, pose::testing::seed, p);
    const std::span<const Correspondence> all = problem.correspondences;
    const auto start = near(draws, problem.truth, 0.002, 0.02);
    const Refined found = refined(all, start);
    EXPECT_TRUE(found.converged);
    EXPECT_EQ(found.inliers, inliers(found.pose, all));
    EXPECT_EQ(found.cost, counted(found.pose, all).cost);
    EXPECT_GE(found.inliers, inliers(problem.truth, all) - 3);
    EXPECT_LT(found.rms, options.threshold());
    const auto error = error_of(found.pose, problem.truth, median_distance(problem.truth, all));
    EXPECT_TRUE(error.success());
    degrees.push_back(error.degrees);
    relative.push_back(error.relative);
  }
  std::sort(degrees.begin(), degrees.end());
  std::sort(relative.begin(), relative.end());
  EXPECT_LT(degrees[30], 0.06);
  EXPECT_LT(relative[30], 0.001);
}

TEST(Refined, DependsOnTheInliersOfItsStartAlone) {
  Draws draws(41);
  int compared = 0;
  for (std::uint64_t p = 0; p < 40; ++p) {
    auto options = SyntheticOptions::preset(p % 2 == 0 ? "std" : "wide");
    options.points = 100;
    const auto problem = synthetic_problem(options, pose::testing::seed, p);
    const std::span<const Correspondence> all = problem.correspondences;
    const auto first = near(draws, problem.truth, 1e-3, 1e-2);
    const Refined from_first = refined(all, first);
    for (int k = 0; k < 50; ++k) {
      const auto second = near(draws, first, draws.scale(1e-6, 1e-3), draws.scale(1e-6, 1e-3));
      if (!std::all_of(all.begin(), all.end(), [&](const Correspondence& c) {
            return is_inlier(first, c) == is_inlier(second, c);
          })) {
        continue;
      }
      ++compared;
      const Refined from_second = refined(all, second);
      EXPECT_LE(angle_between(from_first.pose.rotation, from_second.pose.rotation), 1e-6 * degree);
      EXPECT_LE(norm(from_first.pose.centre - from_second.pose.centre), 1e-8);
      EXPECT_EQ(from_first.inliers, from_second.inliers);
    }
  }
  EXPECT_GT(compared, 500);
}

/// Points that a camera sees without error.
std::vector<Correspondence> exact_scene(Draws& draws, const Pose<double>& truth, int points) {
  std::vector<Correspondence> out;
  for (int i = 0; i < points; ++i) {
    const double z = draws.uniform(4, 8);
    const Vec3<double> y = {z * draws.uniform(-0.5, 0.5), z * draws.uniform(-0.4, 0.4), z};
    out.push_back({rotated_back(truth.rotation, y) + truth.centre, normalised(y), 0.01});
  }
  return out;
}

Correspondence disturbed(Draws& draws, Correspondence c, Noise noise, double sd) {
  const double a = sd * draws.normal();
  const double b = sd * draws.normal();
  if (noise == Noise::pixels) {
    const Vec3<double> f = 1 / c.bearing[2] * c.bearing;
    c.bearing = normalised(Vec3<double>{f[0] + a, f[1] + b, 1.0});
    c.threshold = std::asin(0.01 * c.bearing[2]);  // the same in all of the image
  } else {
    const Vec3<double> u = orthogonal_to(c.bearing);
    c.bearing = normalised(c.bearing + a * u + b * cross(c.bearing, u));
  }
  return c;
}

/// (omega, c) for which the truth is exp([omega]) R, C + c, to first order.
PoseStep step_to(const Pose<double>& truth, const Pose<double>& pose) {
  const Rotation<double> turn =
      product(truth.rotation,
              Rotation<double>{{{pose.rotation(0, 0), pose.rotation(1, 0), pose.rotation(2, 0)},
                                {pose.rotation(0, 1), pose.rotation(1, 1), pose.rotation(2, 1)},
                                {pose.rotation(0, 2), pose.rotation(1, 2), pose.rotation(2, 2)}}});
  const Vec3<double> shift = truth.centre - pose.centre;
  return {(turn(2, 1) - turn(1, 2)) / 2,
          (turn(0, 2) - turn(2, 0)) / 2,
          (turn(1, 0) - turn(0, 1)) / 2,
          shift[0],
          shift[1],
          shift[2]};
}

/// x^T A^-1 x
double distance_by(const std::array<double, 36>& covariance, const PoseStep& x) {
  Square<PoseStep> a;
  PoseStep y = x;
  for (int i = 0; i < 6; ++i) {
    for (int j = 0; j < 6; ++j) a(i, j) = covariance[static_cast<std::size_t>(6 * i + j)];
  }
  solve(a, y);
  return dot(x, y);
}

// 3000 simulations: the standard error of a variance is sqrt(2 / 3000) = 2.6 % of it, so that a
// deviation of 20 % by chance has a probability below 1e-13; that of the mean of the squared
// distances, whose law is 6 F(6, 114), is 0.065.
TEST(Refined, HasTheCovarianceOfSimulations) {
  constexpr int simulations = 3000;
  for (const Noise noise : {Noise::bearings, Noise::pixels}) {
    Draws draws(42);
    const Pose<double> truth = {rotation_of(draws.quaternion()), draws.direction()};
    const auto scene = exact_scene(draws, truth, 60);
    double said[6] = {};
    double seen[6] = {};
    double distance = 0;
    for (int k = 0; k < simulations; ++k) {
      std::vector<Correspondence> all;
      for (const auto& c : scene) all.push_back(disturbed(draws, c, noise, 0.001));
      const Refined found = refined(all, truth, noise);
      ASSERT_TRUE(found.converged);
      const PoseStep error = step_to(truth, found.pose);
      for (int a = 0; a < 6; ++a) {
        said[a] += found.covariance[static_cast<std::size_t>(7 * a)] / simulations;
        seen[a] += error[a] * error[a] / simulations;
      }
      distance += distance_by(found.covariance, error) / simulations;
    }
    for (int a = 0; a < 6; ++a) EXPECT_NEAR(said[a] / seen[a], 1, 0.2) << a;
    EXPECT_NEAR(distance, 6 * 114.0 / 112, 0.4);
  }
}

TEST(Linearised, HasTheSlopesOfFiniteDifferencesInTheImage) {
  Draws draws(43);
  for (int k = 0; k < 1000; ++k) {
    const Pose<double> pose = {rotation_of(draws.quaternion()), draws.direction()};
    const auto scene = exact_scene(draws, pose, 1);
    const Correspondence c = disturbed(draws, scene[0], Noise::pixels, 0.01);
    const Linearised here(pose, c, Noise::pixels);
    for (int a = 0; a < 6; ++a) {
      constexpr double h = 1e-5;
      PoseStep step = {};
      step[a] = h;
      const Linearised ahead(moved(pose, step), c, Noise::pixels);
      step[a] = -h;
      const Linearised behind(moved(pose, step), c, Noise::pixels);
      for (int i = 0; i < 2; ++i) {
        EXPECT_NEAR((ahead.residual[i] - behind.residual[i]) / (2 * h), here.slope[i][a], 1e-8);
      }
    }
  }
}

TEST(Refined, SaysWhatInliersDoNotDetermine) {
  Draws draws(44);
  const Pose<double> truth = {rotation_of(draws.quaternion()), draws.direction()};
  auto scene = exact_scene(draws, truth, 30);
  const Vec3<double> from = scene[0].point;
  const Vec3<double> to = scene[1].point;
  for (std::size_t i = 2; i < scene.size(); ++i) {
    scene[i].point = from + draws.uniform() * (to - from);
    scene[i].bearing = normalised(rotated(truth.rotation, scene[i].point - truth.centre));
  }
  for (auto& c : scene) c = disturbed(draws, c, Noise::bearings, 1e-3);
  const Refined line = refined(scene, truth);
  EXPECT_FALSE(line.converged) << "points on a line leave a turn about it";
  EXPECT_EQ(line.covariance[0], std::numeric_limits<double>::infinity());
  EXPECT_EQ(line.inliers, inliers(line.pose, scene));

  const Refined two = refined(std::span<const Correspondence>(scene).first(2), truth);
  EXPECT_FALSE(two.converged);
  const Refined none = refined({}, truth);
  EXPECT_FALSE(none.converged);
  EXPECT_EQ(none.inliers, 0);
  // Three points determine a pose, but show no noise.
  const auto three = exact_scene(draws, truth, 3);
  const Refined exact = refined(three, near(draws, truth, 1e-4, 1e-4));
  EXPECT_TRUE(exact.converged);
  EXPECT_LT(norm(exact.pose.centre - truth.centre), 1e-9);
  EXPECT_EQ(exact.covariance[0], std::numeric_limits<double>::infinity());
}

}  // namespace

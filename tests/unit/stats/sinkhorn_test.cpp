// SPDX-License-Identifier: BSD-3-Clause
#include "stats/sinkhorn.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "base/error.hpp"
#include "stats/wasserstein.hpp"
#include "unit/stats/points.hpp"

namespace {
using namespace driftwood;
using test::normal_points;
using Values = std::vector<double>;

/// OT with epsilon, by the iteration on scalings themselves, and by the primal value: the mean cost
/// plus epsilon times the relative entropy.
double plain_transport(const stats::PointSet& x, const stats::PointSet& y, double epsilon) {
  const auto m = static_cast<std::size_t>(x.count);
  const auto n = static_cast<std::size_t>(y.count);
  const auto cost = [&](std::size_t i, std::size_t j) {
    return stats::squared_distance(x[static_cast<std::int64_t>(i)],
                                   y[static_cast<std::int64_t>(j)]);
  };
  const auto weight = [](std::size_t count) { return 1 / static_cast<double>(count); };
  Values u(m, 1.0);
  Values v(n, 1.0);
  for (int k = 0; k < 20'000; ++k) {
    for (std::size_t i = 0; i < m; ++i) {
      double sum = 0;
      for (std::size_t j = 0; j < n; ++j) sum += weight(n) * std::exp(-cost(i, j) / epsilon) * v[j];
      u[i] = 1 / sum;
    }
    for (std::size_t j = 0; j < n; ++j) {
      double sum = 0;
      for (std::size_t i = 0; i < m; ++i) sum += weight(m) * std::exp(-cost(i, j) / epsilon) * u[i];
      v[j] = 1 / sum;
    }
  }
  double value = 0;
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      const double density = u[i] * std::exp(-cost(i, j) / epsilon) * v[j];
      value += weight(m) * weight(n) * density * (cost(i, j) + epsilon * std::log(density));
    }
  }
  return value;
}

TEST(Sinkhorn, OfPointMassesIsTheSquaredDistance) {
  const Values x = {0, 0};
  const Values y = {3, 4};
  const auto result = stats::sinkhorn_divergence({x, 1, 2}, {y, 1, 2});
  EXPECT_DOUBLE_EQ(result.value, 25);
  EXPECT_DOUBLE_EQ(result.epsilon, 1.25);
  EXPECT_EQ(stats::sinkhorn_divergence({x, 1, 2}, {x, 1, 2}).value, 0);
}

TEST(Sinkhorn, AgreesWithThePrimalProblem) {
  std::mt19937_64 engine(41);
  const auto x = normal_points(7, 2, engine);
  const auto y = normal_points(5, 2, engine);
  const auto result =
      stats::sinkhorn_divergence(x.view(), y.view(), {.relative_epsilon = 0.2, .tolerance = 1e-12});
  const double expected = plain_transport(x.view(), y.view(), result.epsilon) -
                          plain_transport(x.view(), x.view(), result.epsilon) / 2 -
                          plain_transport(y.view(), y.view(), result.epsilon) / 2;
  EXPECT_NEAR(result.value, expected, 1e-10);
}

// The squared distance to a shifted set differs by what depends on one of the points alone, which
// potentials absorb.
TEST(Sinkhorn, OfAShiftIsItsSquaredLength) {
  const auto x = normal_points(60, 3, 42);
  auto y = x;
  for (std::size_t i = 0; i < y.values.size(); ++i) y.values[i] += static_cast<double>(i % 3);
  const auto result = stats::sinkhorn_divergence(x.view(), y.view(), {.tolerance = 1e-10});
  EXPECT_NEAR(result.value, 5, 1e-8);
}

TEST(Sinkhorn, OfEqualSetsIsZero) {
  const auto x = normal_points(80, 2, 43);
  EXPECT_NEAR(stats::sinkhorn_divergence(x.view(), x.view()).value, 0, 1e-6);
}

TEST(Sinkhorn, IsSymmetricAndPositive) {
  std::mt19937_64 engine(44);
  for (int repeat = 0; repeat < 5; ++repeat) {
    const auto x = normal_points(40, 2, engine);
    const auto y = normal_points(55, 2, engine);
    const auto there = stats::sinkhorn_divergence(x.view(), y.view());
    const auto back = stats::sinkhorn_divergence(y.view(), x.view());
    EXPECT_GT(there.value, 0);
    EXPECT_NEAR(there.value, back.value, 1e-5);
    EXPECT_EQ(there.epsilon, back.epsilon);
  }
}

TEST(Sinkhorn, TendsToTheExactDistance) {
  std::mt19937_64 engine(45);
  const auto x = normal_points(30, 2, engine);
  const auto y = normal_points(30, 2, engine);
  const double exact = std::pow(stats::wasserstein_exact(x.view(), y.view()), 2);
  const auto result = stats::sinkhorn_divergence(
      x.view(), y.view(), {.relative_epsilon = 1e-3, .tolerance = 1e-4, .max_iterations = 200'000});
  EXPECT_NEAR(result.value / exact, 1, 0.02);
}

// One point on each side is far from the rest: what leaks from it falls as 1 / iterations without
// acceleration.
TEST(Sinkhorn, ConvergesWithOutliers) {
  auto x = normal_points(50, 2, 49);
  auto y = normal_points(50, 2, 50);
  x.values[0] += 8;
  y.values[0] += 8;
  EXPECT_LT(stats::sinkhorn_divergence(x.view(), y.view()).iterations, 500);
}

TEST(Sinkhorn, SurvivesAMedianOfZero) {
  // Most pairs coincide; epsilon is then relative to the mean.
  const Values x = {0, 0, 0, 0, 1};
  const Values y = {0, 0, 0, 0, 2};
  const auto result = stats::sinkhorn_divergence({x, 5, 1}, {y, 5, 1});
  EXPECT_GT(result.epsilon, 0);
  EXPECT_NEAR(result.value, 0.2, 0.05);
}

TEST(Sinkhorn, RefusesWhatMeansNothingAndGivesUp) {
  const auto x = normal_points(20, 2, 46);
  const auto y = normal_points(20, 2, 47);
  const auto other = normal_points(20, 3, 48);
  EXPECT_THROW((void)stats::sinkhorn_divergence(x.view(), other.view()), Error);
  EXPECT_THROW((void)stats::sinkhorn_divergence(x.view(), y.view(), {.relative_epsilon = 0}),
               Error);
  EXPECT_THROW((void)stats::sinkhorn_divergence(x.view(), y.view(), {.max_iterations = 2}),
               NumericsError);
}
}  // namespace

// SPDX-License-Identifier: BSD-3-Clause
#include "stats/assignment.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include "base/error.hpp"

namespace {
using namespace driftwood;
using Values = std::vector<double>;

double least_of_all_permutations(const Values& cost, std::size_t n) {
  std::vector<std::size_t> column(n);
  std::iota(column.begin(), column.end(), std::size_t{0});
  double least = std::numeric_limits<double>::infinity();
  do {
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) sum += cost[i * n + column[i]];
    least = std::min(least, sum);
  } while (std::next_permutation(column.begin(), column.end()));
  return least;
}

/// A permutation whose cost is that which is stated, and near enough its bound.
void expect_optimal(const stats::Assignment& found, const Values& cost, std::int64_t n) {
  std::vector<bool> used(static_cast<std::size_t>(n), false);
  double sum = 0;
  double scale = 1;
  for (std::size_t i = 0; i < used.size(); ++i) {
    const auto j = static_cast<std::size_t>(found.column_of_row.at(i));
    ASSERT_FALSE(used.at(j));
    used[j] = true;
    sum += cost[i * used.size() + j];
    scale += std::abs(cost[i * used.size() + j]);
  }
  EXPECT_DOUBLE_EQ(found.cost, sum);
  EXPECT_NEAR(found.lower_bound, found.cost, 1e-13 * scale);
}

TEST(Assignment, IsTheBestOfAllPermutations) {
  std::mt19937_64 engine(21);
  std::normal_distribution<double> normal;
  for (std::size_t n = 1; n <= 7; ++n) {
    for (int repeat = 0; repeat < 100; ++repeat) {
      Values cost(n * n);
      for (double& c : cost) c = normal(engine);
      const auto found = stats::solve_assignment(cost, static_cast<std::int64_t>(n));
      expect_optimal(found, cost, static_cast<std::int64_t>(n));
      EXPECT_NEAR(found.cost, least_of_all_permutations(cost, n), 1e-13) << n << ", seed 21";
    }
  }
}

TEST(Assignment, IsTheBestWhereCostsAreEqual) {
  std::mt19937_64 engine(22);
  std::uniform_int_distribution<int> die(0, 3);
  for (std::size_t n = 1; n <= 7; ++n) {
    for (int repeat = 0; repeat < 100; ++repeat) {
      Values cost(n * n);
      for (double& c : cost) c = die(engine);
      const auto found = stats::solve_assignment(cost, static_cast<std::int64_t>(n));
      EXPECT_EQ(found.cost, least_of_all_permutations(cost, n)) << n << ", seed 22";
      EXPECT_EQ(found.lower_bound, found.cost);
    }
  }
}

TEST(Assignment, MeetsItsBoundOnLargerMatrices) {
  std::mt19937_64 engine(23);
  std::uniform_real_distribution<double> uniform;
  for (const std::size_t n : {50U, 300U}) {
    Values cost(n * n);
    for (double& c : cost) c = uniform(engine);
    expect_optimal(stats::solve_assignment(cost, static_cast<std::int64_t>(n)), cost,
                   static_cast<std::int64_t>(n));
    for (double& c : cost) c = std::floor(10 * c);
    expect_optimal(stats::solve_assignment(cost, static_cast<std::int64_t>(n)), cost,
                   static_cast<std::int64_t>(n));
    // Products, on which methods that displace row after row are slow.
    for (std::size_t i = 0; i < n * n; ++i)
      cost[i] = static_cast<double>((i / n + 1) * (i % n + 1));
    expect_optimal(stats::solve_assignment(cost, static_cast<std::int64_t>(n)), cost,
                   static_cast<std::int64_t>(n));
  }
}

TEST(Assignment, OfNothingIsNothing) {
  EXPECT_TRUE(stats::solve_assignment({}, 0).column_of_row.empty());
  EXPECT_EQ(stats::solve_assignment({}, 0).cost, 0);
  EXPECT_EQ(stats::solve_assignment(Values{-3}, 1).cost, -3);
}

TEST(Assignment, RefusesWhatIsNotASquareOfNumbers) {
  EXPECT_THROW((void)stats::solve_assignment(Values(6), 2), Error);
  EXPECT_THROW((void)stats::solve_assignment(Values{std::nan("")}, 1), Error);
  EXPECT_THROW((void)stats::solve_assignment(Values(1), -1), Error);
}
}  // namespace

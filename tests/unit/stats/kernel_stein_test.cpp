// SPDX-License-Identifier: BSD-3-Clause
#include "stats/kernel_stein.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "unit/stats/points.hpp"

namespace {
using namespace driftwood;
using test::normal_points;
using Values = std::vector<double>;

/// Points and their scores under the standard normal law, -x.
struct Scored {
  explicit Scored(test::Points x) : points(std::move(x)), scores(points) {
    for (double& s : scores.values) s = -s;
  }
  [[nodiscard]] stats::ScoredPoints view() const { return {points.view(), scores.view()}; }
  /// The points from `first` to `end`.
  [[nodiscard]] Scored part(std::int64_t first, std::int64_t end) const {
    const auto at = [&](std::int64_t i) { return points.values.begin() + i * points.dim; };
    return Scored({Values(at(first), at(end)), end - first, points.dim});
  }
  test::Points points;
  test::Points scores;
};

const Scored three({{0, 0, 1, 0, 0, 2}, 3, 2});

double kernel(std::int64_t i, std::int64_t j) {
  return stats::stein_block_sum(three.part(i, i + 1).view(), three.part(j, j + 1).view());
}

TEST(KernelStein, OfThreePoints) {
  EXPECT_DOUBLE_EQ(kernel(0, 0), 2);
  EXPECT_DOUBLE_EQ(kernel(1, 1), 3);
  EXPECT_DOUBLE_EQ(kernel(2, 2), 6);
  EXPECT_NEAR(kernel(0, 1), -0.1767767, 5e-8);
  EXPECT_NEAR(kernel(0, 2), -0.3935480, 5e-8);
  EXPECT_NEAR(kernel(1, 2), -0.3742276, 5e-8);
  const auto result = stats::stein_discrepancy(three.view());
  EXPECT_NEAR(result.v, 1.0123217, 5e-8);
  EXPECT_NEAR(std::sqrt(result.v), 1.0061420, 5e-8);
  EXPECT_NEAR(result.u, -(0.1767767 + 0.3935480 + 0.3742276) / 3, 5e-8);
}

/// The Stein kernel by derivatives of k that differences take: s s k + s(x) d_y k + s(y) d_x k +
/// the trace of d_x d_y k.
TEST(KernelStein, IsWhatDifferencesOfTheKernelSay) {
  std::mt19937_64 engine(51);
  for (const auto& imq : {stats::ImqKernel{}, stats::ImqKernel{.c = 0.7, .beta = -0.3}}) {
    const Scored x(normal_points(1, 3, engine));
    const Scored y(normal_points(1, 3, engine));
    const auto k = [&](const Values& a, const Values& b) {
      return std::pow(imq.c * imq.c + stats::squared_distance(a, b), imq.beta);
    };
    const double h = 1e-3;
    double sum = stats::dot(x.scores.values, y.scores.values) * k(x.points.values, y.points.values);
    for (std::size_t d = 0; d < 3; ++d) {
      const auto moved = [&](double by_x, double by_y) {
        Values a = x.points.values;
        Values b = y.points.values;
        a[d] += by_x;
        b[d] += by_y;
        return k(a, b);
      };
      sum += x.scores.values[d] * (moved(0, h) - moved(0, -h)) / (2 * h);
      sum += y.scores.values[d] * (moved(h, 0) - moved(-h, 0)) / (2 * h);
      sum += (moved(h, h) - moved(h, -h) - moved(-h, h) + moved(-h, -h)) / (4 * h * h);
    }
    EXPECT_NEAR(stats::stein_block_sum(x.view(), y.view(), imq), sum, 1e-5);
  }
}

TEST(KernelStein, IsTheSumOfItsBlocks) {
  const Scored x(normal_points(50, 3, 52));
  const std::vector<std::int64_t> cut = {0, 13, 30, 50};
  double all = 0;
  double diagonal = 0;
  for (std::size_t a = 0; a < 3; ++a) {
    const Scored left = x.part(cut[a], cut[a + 1]);
    diagonal += stats::stein_diagonal_sum(left.view());
    for (std::size_t b = 0; b < 3; ++b) {
      all += stats::stein_block_sum(left.view(), x.part(cut[b], cut[b + 1]).view());
    }
  }
  const auto whole = stats::stein_discrepancy(x.view());
  const auto blocks = stats::stein_discrepancy(all, diagonal, 50);
  EXPECT_NEAR(blocks.v, whole.v, 1e-14);
  EXPECT_NEAR(blocks.u, whole.u, 1e-14);
}

// Over 200 samples of the target, 5 standard errors: a false alarm in 2 million.
TEST(KernelStein, HasMeanZeroUnderTheTarget) {
  std::mt19937_64 engine(53);
  double sum = 0;
  double square = 0;
  constexpr int repeats = 200;
  for (int k = 0; k < repeats; ++k) {
    const double u = stats::stein_discrepancy(Scored(normal_points(50, 2, engine)).view()).u;
    sum += u;
    square += u * u;
  }
  const double mean = sum / repeats;
  const double error = std::sqrt((square / repeats - mean * mean) / repeats);
  EXPECT_NEAR(mean, 0, 5 * error) << "seed 53";

  auto shifted = normal_points(50, 2, engine);
  for (double& v : shifted.values) v += 1;
  EXPECT_GT(stats::stein_discrepancy(Scored(shifted).view()).u, 100 * error);
}

TEST(KernelStein, OfOnePointHasNoUStatistic) {
  const auto result = stats::stein_discrepancy(three.part(1, 2).view());
  EXPECT_DOUBLE_EQ(result.v, 3);
  EXPECT_TRUE(std::isnan(result.u));
}

TEST(KernelStein, RefusesWhatMeansNothing) {
  const Scored x(normal_points(4, 2, 54));
  const Scored y(normal_points(4, 3, 55));
  EXPECT_THROW((void)stats::stein_block_sum(x.view(), y.view()), Error);
  EXPECT_THROW((void)stats::stein_discrepancy({x.points.view(), x.part(0, 3).scores.view()}),
               Error);
  EXPECT_THROW((void)stats::stein_discrepancy({{}, {}}), Error);
  EXPECT_THROW((void)stats::stein_diagonal_sum(x.view(), {.c = 1, .beta = 0.5}), Error);
  EXPECT_THROW((void)stats::stein_diagonal_sum(x.view(), {.c = 0, .beta = -0.5}), Error);
}
}  // namespace

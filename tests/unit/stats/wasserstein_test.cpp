// SPDX-License-Identifier: BSD-3-Clause
#include "stats/wasserstein.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numbers>
#include <random>
#include <vector>

#include "base/error.hpp"
#include "unit/stats/points.hpp"

namespace {
using namespace driftwood;
using test::normal_points;
using Values = std::vector<double>;

TEST(Wasserstein1d, OfSmallSamples) {
  EXPECT_EQ(stats::wasserstein_1d(Values{3}, Values{-1}), 4);
  EXPECT_EQ(stats::wasserstein_1d(Values{2, 0}, Values{3, 1}), 1);
  // Thirds against halves: masses 1/3, 1/6, 1/6, 1/3 at distances 0, 1, 1, 0.
  EXPECT_DOUBLE_EQ(stats::wasserstein_1d(Values{2, 0, 1}, Values{0, 2}), std::sqrt(1.0 / 3));
  EXPECT_EQ(stats::wasserstein_1d(Values{5, 1, 2}, Values{2, 5, 1}), 0);
}

TEST(Wasserstein1d, OfUnequalSizesIsThatOfRepeatedPoints) {
  std::mt19937_64 engine(31);
  const auto x = normal_points(6, 1, engine);
  const auto y = normal_points(10, 1, engine);
  Values x30;
  Values y30;
  for (int k = 0; k < 5; ++k) x30.insert(x30.end(), x.values.begin(), x.values.end());
  for (int k = 0; k < 3; ++k) y30.insert(y30.end(), y.values.begin(), y.values.end());
  const double expected = stats::wasserstein_1d(x30, y30);
  EXPECT_NEAR(stats::wasserstein_1d(x.values, y.values), expected, 1e-15);
  EXPECT_NEAR(stats::wasserstein_1d(y.values, x.values), expected, 1e-15);
}

TEST(WassersteinExact, AgreesWithSortingOnALine) {
  std::mt19937_64 engine(32);
  for (const std::int64_t n : {1, 2, 50, 400}) {
    const auto x = normal_points(n, 1, engine);
    const auto y = normal_points(n, 1, engine);
    // Along the direction (0.6, 0.8) of a plane, so that points are assigned, not sorted.
    const auto lift = [n](const Values& v) {
      Values result;
      for (const double t : v) result.insert(result.end(), {0.6 * t, 0.8 * t});
      return test::Points{result, n, 2};
    };
    EXPECT_NEAR(stats::wasserstein_exact(lift(x.values).view(), lift(y.values).view()),
                stats::wasserstein_1d(x.values, y.values), 1e-14)
        << n << ", seed 32";
    EXPECT_EQ(stats::wasserstein_exact(x.view(), y.view()),
              stats::wasserstein_1d(x.values, y.values));
  }
}

TEST(WassersteinExact, OfAShiftIsItsLength) {
  const auto x = normal_points(300, 2, 33);
  auto y = x;
  for (std::size_t i = 0; i < y.values.size(); ++i) y.values[i] += i % 2 == 0 ? 3 : 4;
  std::rotate(y.values.begin(), y.values.begin() + 40, y.values.end());
  EXPECT_NEAR(stats::wasserstein_exact(x.view(), y.view()), 5, 1e-13);
  EXPECT_EQ(stats::wasserstein_exact(x.view(), x.view()), 0);
}

struct Floor {
  std::int64_t dim;
  std::int64_t points;
  int repeats;
  double mean;
  double error;
};

// The mean distance between two samples of one normal law. Each reference is itself a mean of
// repetitions, with the standard error given: 5 standard errors of the difference, a false alarm in
// 2 million each.
class TwoSampleFloor : public testing::TestWithParam<Floor> {};

TEST_P(TwoSampleFloor, IsTheOneKnown) {
  const Floor floor = GetParam();
  constexpr std::uint64_t seed = 34;
  std::mt19937_64 engine(seed);
  double sum = 0;
  double square = 0;
  for (int k = 0; k < floor.repeats; ++k) {
    const auto x = normal_points(floor.points, floor.dim, engine);
    const auto y = normal_points(floor.points, floor.dim, engine);
    const double distance = stats::wasserstein_exact(x.view(), y.view());
    sum += distance;
    square += distance * distance;
  }
  const double mean = sum / floor.repeats;
  const double error = std::sqrt((square / floor.repeats - mean * mean) / (floor.repeats - 1.0));
  EXPECT_NEAR(mean, floor.mean, 5 * std::hypot(error, floor.error)) << "seed " << seed;
  std::printf("[  floor   ] d=%d N=%d: %.5f +- %.5f, seed %d\n", static_cast<int>(floor.dim),
              static_cast<int>(floor.points), mean, error, static_cast<int>(seed));
}

INSTANTIATE_TEST_SUITE_P(
    OfNormals, TwoSampleFloor,
    testing::Values(Floor{1, 250, 2000, 0.1475, 3e-4}, Floor{1, 1000, 2000, 0.0768, 2e-4},
                    Floor{2, 250, 200, 0.341, 5e-3}, Floor{2, 1000, 30, 0.199, 4e-3},
                    Floor{10, 250, 40, 2.39, 1e-2}, Floor{10, 1000, 8, 2.07, 5e-3}));

// In one dimension the mean of the squared distance is 2 / n times the sum of the variances of the
// order statistics, thus 2 (1 - sum of their squared means / n). Here n = 2: the larger one of two
// normals has the mean 1 / sqrt(pi).
TEST(Wasserstein1d, OfPairsIsThatOfOrderStatistics) {
  constexpr int repeats = 200'000;
  std::mt19937_64 engine(49);
  double sum = 0;
  double square = 0;
  for (int k = 0; k < repeats; ++k) {
    const auto x = normal_points(2, 1, engine);
    const auto y = normal_points(2, 1, engine);
    const double w = std::pow(stats::wasserstein_1d(x.values, y.values), 2);
    sum += w;
    square += w * w;
  }
  const double mean = sum / repeats;
  const double error = std::sqrt((square / repeats - mean * mean) / repeats);
  EXPECT_NEAR(mean, 2 * (1 - 1 / std::numbers::pi), 5 * error) << "seed 49";
}

TEST(WassersteinSliced, IsTheMeanOverDirections) {
  std::mt19937_64 engine(35);
  const auto x = normal_points(40, 2, engine);
  const auto y = normal_points(30, 2, engine);
  Values first_x, second_x, first_y, second_y;
  for (std::int64_t i = 0; i < 40; ++i) {
    first_x.push_back(x.view()[i][0]);
    second_x.push_back(x.view()[i][1]);
  }
  for (std::int64_t i = 0; i < 30; ++i) {
    first_y.push_back(y.view()[i][0]);
    second_y.push_back(y.view()[i][1]);
  }
  const Values axes = {2, 0, 0, -0.5};  // of any length
  EXPECT_NEAR(stats::wasserstein_sliced(x.view(), y.view(), {axes, 2, 2}),
              std::sqrt((std::pow(stats::wasserstein_1d(first_x, first_y), 2) +
                         std::pow(stats::wasserstein_1d(second_x, second_y), 2)) /
                        2),
              1e-15);
}

TEST(WassersteinSliced, OfAShift) {
  // |t|^2 / dim in the mean over the sphere, here over axes, which are a design of that strength.
  const auto x = normal_points(100, 3, 36);
  auto y = x;
  for (std::size_t i = 0; i < y.values.size(); ++i) y.values[i] += static_cast<double>(i % 3);
  const Values axes = {1, 0, 0, 0, 1, 0, 0, 0, 1};
  EXPECT_NEAR(stats::wasserstein_sliced(x.view(), y.view(), {axes, 3, 3}), std::sqrt(5.0 / 3),
              1e-14);
}

TEST(WassersteinNormal, OfDiagonalCovariances) {
  const Values m1 = {0, 1};
  const Values m2 = {3, 1};
  const Values s1 = {4, 0, 0, 9};
  const Values s2 = {1, 0, 0, 25};
  EXPECT_NEAR(stats::wasserstein_normal({m1, s1}, {m2, s2}), std::sqrt(9 + 1 + 4), 1e-14);
  EXPECT_EQ(stats::wasserstein_normal({m1, s1}, {m1, s1}), 0);
}

TEST(WassersteinNormal, OfTwoDimensionsInClosedForm) {
  // The eigenvalues of S1 S2 have product det and sum tr, so the trace of the root is
  // sqrt(tr(S1 S2) + 2 sqrt(det S1 det S2)).
  const Values zero = {0, 0};
  const Values s1 = {2, 0.5, 0.5, 1};
  const Values s2 = {1, -0.7, -0.7, 3};
  const double trace = 2 * 1 + 2 * 0.5 * -0.7 + 1 * 3;
  const double det = (2 - 0.25) * (3 - 0.49);
  const double square = 3 + 4 - 2 * std::sqrt(trace + 2 * std::sqrt(det));
  EXPECT_NEAR(stats::wasserstein_normal({zero, s1}, {zero, s2}), std::sqrt(square), 1e-14);
  EXPECT_NEAR(stats::wasserstein_normal({zero, s2}, {zero, s1}), std::sqrt(square), 1e-14);
}

TEST(WassersteinNormal, IsAccurateWhereItIsSmall) {
  const Values zero = {0, 0};
  const Values s1 = {1, 0, 0, 1};
  const double root = 1 + 0x1p-30;
  const Values s2 = {root * root, 0, 0, 1};
  EXPECT_NEAR(stats::wasserstein_normal({zero, s1}, {zero, s2}) / 0x1p-30, 1, 1e-5);
}

TEST(WassersteinNormal, OfSingularCovariances) {
  const Values zero = {0, 0};
  const Values point = {0, 0, 0, 0};
  const Values line = {1, 1, 1, 1};
  EXPECT_NEAR(stats::wasserstein_normal({zero, point}, {zero, line}), std::sqrt(2), 1e-14);
  EXPECT_EQ(stats::wasserstein_normal({zero, point}, {zero, point}), 0);
}

TEST(Wasserstein, RefusesWhatMeansNothing) {
  const auto x = normal_points(10, 2, 37);
  const auto fewer = normal_points(9, 2, 38);
  const auto other = normal_points(10, 3, 39);
  EXPECT_THROW((void)stats::wasserstein_1d(Values{}, Values{1}), Error);
  EXPECT_THROW((void)stats::wasserstein_1d(Values{1}, Values{std::nan("")}), Error);
  EXPECT_THROW((void)stats::wasserstein_exact(x.view(), fewer.view()), Error);
  EXPECT_THROW((void)stats::wasserstein_exact(x.view(), other.view()), Error);
  const auto many = normal_points(4097, 2, 40);
  EXPECT_THROW((void)stats::wasserstein_exact(many.view(), many.view()), Error);
  EXPECT_THROW((void)stats::wasserstein_sliced(x.view(), x.view(), {Values{0, 0}, 1, 2}), Error);
  EXPECT_THROW((void)stats::wasserstein_sliced(x.view(), x.view(), {Values{1}, 1, 1}), Error);
  const Values zero = {0, 0};
  const Values good = {1, 0, 0, 1};
  const Values indefinite = {1, 2, 2, 1};
  const Values skew = {1, 0.5, 0, 1};
  EXPECT_THROW((void)stats::wasserstein_normal({zero, good}, {zero, indefinite}), NumericsError);
  EXPECT_THROW((void)stats::wasserstein_normal({zero, skew}, {zero, good}), NumericsError);
  EXPECT_THROW((void)stats::wasserstein_normal({zero, good}, {Values{0}, Values{1}}), Error);
  EXPECT_THROW((void)stats::wasserstein_normal({zero, Values{1}}, {zero, good}), Error);
}
}  // namespace

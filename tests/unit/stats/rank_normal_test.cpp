// SPDX-License-Identifier: BSD-3-Clause
#include "stats/rank_normal.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <random>
#include <vector>

#include "stats/chain_draws.hpp"

namespace {
using namespace driftwood;
using Values = std::vector<double>;

/// Phi(x), without loss of digits in the lower tail.
double normal_cdf(double x) { return std::erfc(-x / std::numbers::sqrt2) / 2; }

TEST(NormalQuantile, HasKnownValues) {
  EXPECT_EQ(stats::normal_quantile(0.5), 0);
  EXPECT_DOUBLE_EQ(stats::normal_quantile(0.975), 1.959963984540054);
  EXPECT_DOUBLE_EQ(stats::normal_quantile(0.25), -0.6744897501960817);
  EXPECT_DOUBLE_EQ(stats::normal_quantile(0.001), -3.090232306167813);
  EXPECT_DOUBLE_EQ(stats::normal_quantile(1e-20), -9.262340089798408);
}

TEST(NormalQuantile, InvertsTheDistributionToRounding) {
  // Of the lower tail alone: 1 - p would be rounded. An error dp of p is one of dp / density of x.
  for (double p = 0x1p-1000; p <= 0.5; p *= 1.37) {
    const double x = stats::normal_quantile(p);
    const double density = std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi);
    const double relative_error = (normal_cdf(x) - p) / density / x;
    // erfc itself is good to about 1e-15 x^2 of relative error of p, thus 1e-15 of x.
    EXPECT_LT(std::abs(relative_error), 2e-15) << p;
  }
}

TEST(NormalQuantile, IsOddAndEndsAtInfinity) {
  for (const double p : {0x1p-30, 0x1p-5, 0.125, 0.375}) {
    EXPECT_EQ(stats::normal_quantile(p), -stats::normal_quantile(1 - p));
  }
  constexpr double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(stats::normal_quantile(0), -infinity);
  EXPECT_EQ(stats::normal_quantile(1), infinity);
  EXPECT_TRUE(std::isnan(stats::normal_quantile(-0.1)));
  EXPECT_TRUE(std::isnan(stats::normal_quantile(1.1)));
  EXPECT_TRUE(std::isnan(stats::normal_quantile(std::nan(""))));
}

TEST(Ranks, OfTiesAreShared) {
  EXPECT_EQ(stats::average_ranks(Values{30, 10, 20}), (Values{3, 1, 2}));
  EXPECT_EQ(stats::average_ranks(Values{5, 1, 5, 5, 0}), (Values{4, 2, 4, 4, 1}));
  EXPECT_EQ(stats::average_ranks(Values{7, 7}), (Values{1.5, 1.5}));
  EXPECT_EQ(stats::average_ranks(Values{0.0, -0.0, 1}), (Values{1.5, 1.5, 3}));
  EXPECT_EQ(stats::average_ranks(Values{}), Values{});
}

TEST(Ranks, AgreeWithCounting) {
  std::mt19937_64 engine(11);
  std::uniform_int_distribution<int> die(1, 20);
  Values x(300);
  for (double& v : x) v = die(engine);
  const auto ranks = stats::average_ranks(x);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const auto below = std::count_if(x.begin(), x.end(), [&](double v) { return v < x[i]; });
    const auto equal = std::count(x.begin(), x.end(), x[i]);
    EXPECT_EQ(ranks[i], static_cast<double>(below) + static_cast<double>(equal + 1) / 2);
  }
}

TEST(NormalScores, FollowTheFormula) {
  const auto z = stats::normal_scores(Values{2, 9, 4, 4});
  EXPECT_EQ(z[0], stats::normal_quantile((1 - 0.375) / 4.25));
  EXPECT_EQ(z[1], stats::normal_quantile((4 - 0.375) / 4.25));
  EXPECT_EQ(z[2], stats::normal_quantile((2.5 - 0.375) / 4.25));
  EXPECT_EQ(z[3], z[2]);
}

TEST(Folded, IsTheSortedDistance) {
  std::mt19937_64 engine(12);
  std::uniform_int_distribution<int> die(-9, 9);
  for (const std::size_t n : {1U, 2U, 7U, 100U}) {
    Values x(n);
    for (double& v : x) v = 0.1 * die(engine);
    const auto sorted = stats::sort_with_places(x);
    const double median = stats::median(sorted);
    const auto result = stats::folded(sorted, median);
    ASSERT_EQ(result.size(), n);
    std::vector<bool> seen(n, false);
    for (std::size_t i = 0; i < n; ++i) {
      const auto place = static_cast<std::size_t>(result[i].place);
      EXPECT_EQ(result[i].value, std::abs(x[place] - median));
      EXPECT_FALSE(seen[place]);
      seen[place] = true;
      if (i > 0) {
        EXPECT_LE(result[i - 1].value, result[i].value);
      }
    }
  }
}

TEST(Quantile, IsInterpolated) {
  const auto sorted = stats::sort_with_places(Values{4, 1, 3, 2});
  EXPECT_EQ(stats::interpolated_quantile(sorted, 0), 1);
  EXPECT_EQ(stats::interpolated_quantile(sorted, 1), 4);
  EXPECT_EQ(stats::interpolated_quantile(sorted, 0.5), 2.5);
  EXPECT_EQ(stats::median(sorted), 2.5);
  EXPECT_DOUBLE_EQ(stats::interpolated_quantile(sorted, 0.05), 1.15);
}

TEST(HalfChains, DropTheMiddleOfAnOddNumber) {
  const Values x = {1, 2, 3, 4, 5, 10, 20, 30, 40, 50};
  const stats::HalfChains odd({x, 2, 5});
  EXPECT_EQ(odd.view().chains, 4);
  EXPECT_EQ(odd.view().draws, 2);
  const auto kept = odd.view().values;
  EXPECT_EQ(Values(kept.begin(), kept.end()), (Values{1, 2, 4, 5, 10, 20, 40, 50}));
  for (std::int64_t i = 0; i < 10; ++i) {
    const auto place = stats::place_in_halves(i, 5);
    EXPECT_EQ(place < 0, i % 5 == 2);
    if (place < 0) continue;
    EXPECT_EQ(kept[static_cast<std::size_t>(place)], x[static_cast<std::size_t>(i)]);
  }

  const stats::HalfChains even({x, 1, 10});
  EXPECT_EQ(even.view().values.data(), x.data());
  EXPECT_EQ(even.view().chains, 2);
  EXPECT_EQ(even.view().chain(1)[0], 10);
  EXPECT_THROW(stats::HalfChains({x, 3, 3}), Error);
}
}  // namespace

// SPDX-License-Identifier: BSD-3-Clause
#include "stats/autocovariance.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "base/error.hpp"
#include "unit/stats/chains.hpp"

namespace {
using namespace driftwood;

std::vector<double> direct(std::span<const double> x) {
  const std::size_t n = x.size();
  double mean = 0;
  for (const double v : x) mean += v / static_cast<double>(n);
  std::vector<double> result(n, 0.0);
  for (std::size_t t = 0; t < n; ++t) {
    for (std::size_t i = 0; i + t < n; ++i) result[t] += (x[i] - mean) * (x[i + t] - mean);
    result[t] /= static_cast<double>(n);
  }
  return result;
}

TEST(Autocovariance, IsTheDirectSum) {
  for (const std::int64_t n : {1, 2, 3, 7, 64, 101, 997}) {
    const auto x = test::ar1(3, n, 0.6, 5 + static_cast<std::uint64_t>(n));
    stats::Autocovariance autocovariance(n);
    const auto all = autocovariance.of_each(x.view());
    const auto mean = autocovariance.mean(x.view());
    ASSERT_EQ(all.size(), x.values.size());
    std::vector<double> sum(static_cast<std::size_t>(n), 0.0);
    for (std::int64_t c = 0; c < 3; ++c) {
      const auto expected = direct(x.view().chain(c));
      for (std::size_t t = 0; t < expected.size(); ++t) {
        EXPECT_NEAR(all[static_cast<std::size_t>(c * n) + t], expected[t], 1e-14) << n << ' ' << t;
        sum[t] += expected[t];
      }
    }
    for (std::size_t t = 0; t < sum.size(); ++t) EXPECT_NEAR(mean[t], sum[t] / 3, 1e-14);
  }
}

TEST(Autocovariance, DoesNotSufferFromALargeMean) {
  const auto x = test::ar1(1, 500, 0.5, 3);
  const auto far = x.map([](double v) { return v + 0x1p30; });
  const auto near = far.map([](double v) { return v - 0x1p30; });  // rounded alike
  stats::Autocovariance autocovariance(500);
  const auto a = autocovariance.mean(far.view());
  const auto b = autocovariance.mean(near.view());
  for (std::size_t t = 0; t < a.size(); ++t) EXPECT_NEAR(a[t], b[t], 1e-14);
}

TEST(Autocovariance, HasTheSameBitsEveryTime) {
  const auto x = test::ar1(2, 333, 0.9, 4);
  stats::Autocovariance first(333);
  const auto a = first.of_each(x.view());
  stats::Autocovariance second(333);
  EXPECT_EQ(a, second.of_each(x.view()));
  EXPECT_EQ(a, first.of_each(x.view()));
}

TEST(Autocovariance, OfEqualDrawsIsZero) {
  const std::vector<double> x(10, 0.1);
  stats::Autocovariance autocovariance(10);
  EXPECT_EQ(autocovariance.mean({x, 1, 10}), std::vector<double>(10, 0.0));
}

TEST(Autocovariance, RefusesOtherShapes) {
  EXPECT_THROW(stats::Autocovariance(0), Error);
  stats::Autocovariance autocovariance(5);
  const std::vector<double> x(10, 1.0);
  EXPECT_THROW((void)autocovariance.mean({x, 1, 10}), Error);
  EXPECT_THROW((void)autocovariance.mean({x, 3, 5}), Error);
  EXPECT_THROW((void)autocovariance.mean({{}, 0, 5}), Error);
  EXPECT_TRUE(autocovariance.of_each({{}, 0, 5}).empty());
}
}  // namespace

// SPDX-License-Identifier: BSD-3-Clause
// Claims: inputs are uniform and in any part the same numbers; orders are permutations that depend
// on their key; what a bootstrap looks at is in range and evenly spread.
#include "natgrad/ensemble/draw.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace {
using namespace driftwood;
using natgrad::DesignKey;
using natgrad::RowSource;

constexpr DesignKey key{.seed = 3, .design = 1, .replica = 4};

TEST(Uniforms, AreUniformAndTheSameInAnyParts) {
  constexpr std::size_t n = 10'000;
  std::vector<double> x(n);
  natgrad::draw_uniforms(key, RowSource::design, 0, x);
  std::vector<double> part(10);
  natgrad::draw_uniforms(key, RowSource::design, 500, part);
  EXPECT_TRUE(std::equal(part.begin(), part.end(), x.begin() + 500));
  std::vector<double> other(10);
  natgrad::draw_uniforms(key, RowSource::unlabelled, 500, other);
  EXPECT_NE(part, other);
  std::sort(x.begin(), x.end());
  double distance = 0;
  for (std::size_t i = 0; i < n; ++i) {
    distance = std::max(distance, std::abs(x[i] - (static_cast<double>(i) + 0.5) / n));
  }
  // Kolmogorov and Smirnov's statistic is above 2.23 / sqrt(n) once in 10,000 seeds; this one is
  // fixed.
  EXPECT_LT(distance, 2.23 / std::sqrt(n));
}

TEST(Order, IsAPermutationOfItsKey) {
  const std::vector<std::size_t> order = natgrad::shuffled(key, 1000);
  std::vector<std::size_t> sorted = order;
  std::sort(sorted.begin(), sorted.end());
  std::vector<std::size_t> all(1000);
  std::iota(all.begin(), all.end(), std::size_t{0});
  EXPECT_EQ(sorted, all);
  EXPECT_NE(order, all);
  EXPECT_EQ(order, natgrad::shuffled(key, 1000));
  EXPECT_NE(order, natgrad::shuffled({.seed = 4}, 1000));
}

TEST(Resample, LooksAtAllEvenly) {
  constexpr std::size_t n = 10;
  constexpr std::size_t draws = 10'000;
  std::vector<std::size_t> drawn(draws);
  natgrad::draw_resample(key, n, drawn);
  for (std::size_t i = 0; i < n; ++i) {
    const auto count = std::count(drawn.begin(), drawn.end(), i);
    // 4.5 standard errors of a binomial count: 1 in 10,000 for all ten.
    EXPECT_NEAR(static_cast<double>(count), draws / n, 4.5 * std::sqrt(900.0)) << i;
  }
  EXPECT_LT(*std::max_element(drawn.begin(), drawn.end()), n);
}

}  // namespace

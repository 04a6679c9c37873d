// SPDX-License-Identifier: BSD-3-Clause
// Claim: moments merged pairwise agree with sums in extended precision about the true mean.
#include "stats/moments.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "stats/merge_tree.hpp"

namespace {
using namespace driftwood;
using stats::MomentLayout;
using Tree = stats::MergeTree<double, stats::MomentMerge>;

constexpr MomentLayout layout{.times = 1, .components = 2, .formulas = 0};

/// Two correlated, skewed columns.
struct Sample {
  std::vector<double> x;
  std::vector<double> y;
};

Sample draw(std::mt19937_64& bits, std::size_t n, double offset) {
  std::gamma_distribution<double> gamma(2.0);
  std::normal_distribution<double> normal;
  Sample sample;
  for (std::size_t i = 0; i < n; ++i) {
    sample.x.push_back(offset + gamma(bits));
    sample.y.push_back(0.5 * sample.x.back() + normal(bits));
  }
  return sample;
}

std::vector<double> merged(const Sample& sample) {
  Tree tree(static_cast<std::size_t>(layout.size()), {layout});
  for (std::size_t i = 0; i < sample.x.size(); ++i) {
    Tree::Record path(static_cast<std::size_t>(layout.size()), 0.0);
    path[0] = 1;
    path[1] = sample.x[i];
    path[2] = sample.y[i];
    tree.push(static_cast<std::int64_t>(i), std::move(path));
  }
  return tree.root();
}

long double mean(const std::vector<double>& values) {
  long double sum = 0;
  for (const double v : values) sum += v;
  return sum / static_cast<long double>(values.size());
}

/// Mean of (x - mean x)^p (y - mean y)^q.
long double central(const Sample& sample, int p, int q) {
  const long double mx = mean(sample.x);
  const long double my = mean(sample.y);
  long double sum = 0;
  for (std::size_t i = 0; i < sample.x.size(); ++i) {
    sum += std::pow(sample.x[i] - mx, p) * std::pow(sample.y[i] - my, q);
  }
  return sum / static_cast<long double>(sample.x.size());
}

// Both columns have a standard deviation of order 1. A difference of two means near `offset`
// carries a rounding error of about offset * 2^-53, relative to that; 32 such errors are allowed.
void expect_agreement(const Sample& sample, double offset) {
  const double tolerance = 32 * 0x1p-53 * (1 + offset);
  const auto summary = stats::summarise(layout, merged(sample));
  const auto& table = summary.components;
  const double n = static_cast<double>(sample.x.size());
  const double unbiased = n / (n - 1);
  const auto m2 = static_cast<double>(central(sample, 2, 0));
  const auto m3 = static_cast<double>(central(sample, 3, 0));
  const auto m4 = static_cast<double>(central(sample, 4, 0));
  EXPECT_NEAR(table.mean[0], static_cast<double>(mean(sample.x)), tolerance);
  EXPECT_NEAR(table.variance[0] / (m2 * unbiased), 1, tolerance);
  EXPECT_NEAR(table.skewness[0] / (m3 / std::pow(m2, 1.5)), 1, tolerance);
  EXPECT_NEAR(table.kurtosis[0] / (m4 / (m2 * m2)), 1, tolerance);
  EXPECT_NEAR(table.variance[1] / static_cast<double>(central(sample, 0, 2)) / unbiased, 1,
              tolerance);
  EXPECT_NEAR(summary.covariance[1] / static_cast<double>(central(sample, 1, 1)) / unbiased, 1,
              tolerance);
  EXPECT_EQ(summary.covariance[1], summary.covariance[2]);
}

TEST(PairwiseMoments, AgreeWithExtendedPrecision) {
  for (unsigned seed = 1; seed <= 12; ++seed) {
    std::mt19937_64 bits(seed);
    const auto n = std::uniform_int_distribution<std::size_t>(500, 5000)(bits);
    for (const double offset : {0.0, 10.0, 1e4, 1e7}) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << ", offset " << offset << ", n " << n);
      expect_agreement(draw(bits, n, offset), offset);
    }
  }
}

}  // namespace

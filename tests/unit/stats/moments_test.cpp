// SPDX-License-Identifier: BSD-3-Clause
#include "stats/moments.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>
#include <vector>

#include "base/error.hpp"

namespace {
using namespace driftwood;
using stats::MomentLayout;
using Record = std::vector<double>;

double& at(Record& record, std::int64_t offset) { return record[static_cast<std::size_t>(offset)]; }

/// The record of one path at one time.
Record path(const MomentLayout& layout, const std::vector<double>& values) {
  Record record(static_cast<std::size_t>(layout.size()), 0.0);
  at(record, MomentLayout::count()) = 1;
  for (std::size_t k = 0; k < values.size(); ++k) {
    at(record, MomentLayout::mean(static_cast<std::int64_t>(k))) = values[k];
  }
  return record;
}

Record merged(const MomentLayout& layout, const std::vector<std::vector<double>>& paths) {
  Record all(static_cast<std::size_t>(layout.size()), 0.0);
  for (const auto& values : paths) stats::merge_moments(layout, all, path(layout, values));
  return all;
}

TEST(MomentLayout, GivesEveryNumberItsOwnPlace) {
  const MomentLayout layout{.times = 2, .components = 4, .formulas = 2};
  std::set<std::int64_t> offsets{MomentLayout::count()};
  for (std::int64_t k = 0; k < layout.channels(); ++k) {
    offsets.insert(MomentLayout::mean(k));
    for (int p = 2; p <= 4; ++p) offsets.insert(layout.central(p, k));
  }
  for (std::int64_t i = 0; i < 4; ++i) {
    for (std::int64_t j = i + 1; j < 4; ++j) offsets.insert(layout.comoment(i, j));
  }
  EXPECT_EQ(layout.stride(), 1 + 4 * 6 + 6);
  EXPECT_EQ(static_cast<std::int64_t>(offsets.size()), layout.stride());
  EXPECT_EQ(*offsets.begin(), 0);
  EXPECT_EQ(*offsets.rbegin(), layout.stride() - 1);
  EXPECT_EQ(layout.size(), 2 * layout.stride());
}

TEST(MomentLayout, LeavesOutTheCoMomentsThatNobodyAskedFor) {
  const MomentLayout layout{.times = 1, .components = 3, .formulas = 0, .covariance = false};
  EXPECT_EQ(layout.stride(), 1 + 4 * 3);
  const auto summary = stats::summarise(layout, Record(13, 0.0));
  EXPECT_TRUE(summary.covariance.empty());
}

// Deviations from 5 are -3 -1 -1 -1 0 0 2 4, so M2 = 32, M3 = 42, M4 = 356.
TEST(Moments, OfASmallArray) {
  const MomentLayout layout{.times = 1, .components = 1, .formulas = 0};
  const auto record = merged(layout, {{2}, {4}, {4}, {4}, {5}, {5}, {7}, {9}});
  const auto summary = stats::summarise(layout, record);
  EXPECT_EQ(summary.count, Record{8});
  EXPECT_DOUBLE_EQ(summary.components.mean[0], 5);
  EXPECT_DOUBLE_EQ(summary.components.variance[0], 32.0 / 7);
  EXPECT_DOUBLE_EQ(summary.components.standard_error[0], std::sqrt(32.0 / 7 / 8));
  EXPECT_DOUBLE_EQ(summary.components.skewness[0], 0.65625);
  EXPECT_DOUBLE_EQ(summary.components.kurtosis[0], 2.78125);
  EXPECT_DOUBLE_EQ(summary.covariance[0], 32.0 / 7);
}

TEST(Moments, CovarianceIsUnbiasedAndSymmetric) {
  const MomentLayout layout{.times = 1, .components = 3, .formulas = 0};
  // x = 1 2 3, y = -2 x, z = 5 3 4: cov(x, z) = -1/2, cov(y, z) = 1.
  const auto record = merged(layout, {{1, -2, 5}, {2, -4, 3}, {3, -6, 4}});
  const auto summary = stats::summarise(layout, record);
  const Record expected{1, -2, -0.5, -2, 4, 1, -0.5, 1, 1};
  ASSERT_EQ(summary.covariance.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(summary.covariance[i], expected[i], 1e-15) << i;
  }
}

TEST(Moments, FormulasAreTablesOfTheirOwn) {
  const MomentLayout layout{.times = 2, .components = 1, .formulas = 2};
  Record record(static_cast<std::size_t>(layout.size()), 0.0);
  for (std::int64_t t = 0; t < 2; ++t) {
    at(record, t * layout.stride()) = 2;
    for (std::int64_t k = 0; k < 3; ++k) {
      at(record, t * layout.stride() + MomentLayout::mean(k)) = static_cast<double>(10 * t + k);
      at(record, t * layout.stride() + layout.central(2, k)) = static_cast<double>(k);
    }
  }
  const auto summary = stats::summarise(layout, record);
  EXPECT_EQ(summary.components.mean, (Record{0, 10}));
  ASSERT_EQ(summary.formulas.size(), 2U);
  EXPECT_EQ(summary.formulas[0].mean, (Record{1, 11}));
  EXPECT_EQ(summary.formulas[1].mean, (Record{2, 12}));
  EXPECT_EQ(summary.formulas[1].variance, (Record{2, 2}));
}

TEST(Moments, AnEmptySideIsTheIdentityBitForBit) {
  const MomentLayout layout{.times = 1, .components = 2, .formulas = 1};
  const auto some = merged(layout, {{0.1, -0.0, 3}, {0.7, 1e-310, 5}, {-0.3, 2, 1.0 / 3}});
  // Whatever a kernel leaves where there are no paths must not matter.
  Record none(some.size(), std::numeric_limits<double>::quiet_NaN());
  at(none, MomentLayout::count()) = 0;

  auto left = some;
  stats::merge_moments(layout, left, none);
  EXPECT_EQ(left, some);
  auto right = none;
  stats::merge_moments(layout, right, some);
  EXPECT_EQ(right, some);
}

TEST(Moments, EachTimeHasItsOwnCount) {
  const MomentLayout layout{.times = 2, .components = 1, .formulas = 0};
  Record left(10, 0.0);
  Record right(10, 0.0);
  left[0] = 1, left[1] = 3;    // time 0: one path at 3
  right[0] = 1, right[1] = 5;  // and one at 5
  right[5] = 1, right[6] = 7;  // time 1: only the right one
  stats::merge_moments(layout, left, right);
  EXPECT_EQ(left, (Record{2, 4, 2, 0, 2, 1, 7, 0, 0, 0}));
}

TEST(Moments, AreNanWhereTheyMeanNothing) {
  const MomentLayout layout{.times = 1, .components = 1, .formulas = 0};
  const auto none = stats::summarise(layout, Record(5, 0.0)).components;
  EXPECT_TRUE(std::isnan(none.mean[0]));
  EXPECT_TRUE(std::isnan(none.variance[0]));

  const auto one = stats::summarise(layout, merged(layout, {{4}})).components;
  EXPECT_EQ(one.mean[0], 4);
  EXPECT_TRUE(std::isnan(one.variance[0]));
  EXPECT_TRUE(std::isnan(one.standard_error[0]));
  EXPECT_TRUE(std::isnan(one.skewness[0]));

  const auto equal = stats::summarise(layout, merged(layout, {{0.1}, {0.1}, {0.1}})).components;
  EXPECT_EQ(equal.variance[0], 0);
  EXPECT_EQ(equal.standard_error[0], 0);
  EXPECT_TRUE(std::isnan(equal.skewness[0]));
  EXPECT_TRUE(std::isnan(equal.kurtosis[0]));
}

TEST(Moments, ShapeOfRoundingNoiseIsNan) {
  const MomentLayout layout{.times = 1, .components = 1, .formulas = 0};
  // Sums about a mean that is off by a quarter ulp of 1: a standard deviation of 2^-54.
  const Record noise{4, 1, 4 * 0x1p-108, 4 * 0x1p-162, 4 * 0x1p-216};
  const auto table = stats::summarise(layout, noise).components;
  EXPECT_TRUE(std::isnan(table.skewness[0]));
  EXPECT_TRUE(std::isnan(table.kurtosis[0]));
}

TEST(Moments, OfTinyValuesStayInRange) {
  const MomentLayout layout{.times = 1, .components = 1, .formulas = 0};
  const double tiny = 1e-70;  // M4 is about 1e-280, M2 squared likewise
  const auto record = merged(layout, {{-tiny}, {tiny}, {-tiny}, {tiny}});
  const auto table = stats::summarise(layout, record).components;
  EXPECT_NEAR(table.kurtosis[0], 1, 1e-14);
  EXPECT_NEAR(table.skewness[0], 0, 1e-14);
}

TEST(Moments, RefuseRecordsOfAnotherLayout) {
  const MomentLayout layout{.times = 1, .components = 1, .formulas = 0};
  Record record(5, 0.0);
  EXPECT_THROW(stats::merge_moments(layout, record, Record(6, 0.0)), Error);
  EXPECT_THROW((void)stats::summarise(layout, Record(4, 0.0)), Error);
}

}  // namespace

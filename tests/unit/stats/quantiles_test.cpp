// SPDX-License-Identifier: BSD-3-Clause
#include "stats/quantiles.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <thread>
#include <vector>

#include "base/error.hpp"
#include "stats/order_statistics.hpp"

namespace {
using namespace driftwood;
using stats::Cells;
using stats::PathMask;
using Values = std::vector<double>;

constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

Values quantiles(const stats::QuantileCollector& collector, const Values& probabilities) {
  return collector.quantiles(comm::Communicator::world(), probabilities);
}

Values exact(const Values& values, const Values& probabilities, PathMask finite = {}) {
  const auto collector = stats::make_exact_quantiles({1, 1}, std::ssize(values));
  collector->add(0, 0, values, finite);
  return quantiles(*collector, probabilities);
}

Values binned(const Values& values, const Values& probabilities, PathMask finite = {}) {
  const auto collector = stats::make_binned_quantiles({1, 1});
  collector->add(0, 0, values, finite);
  return quantiles(*collector, probabilities);
}

TEST(QuantilePosition, IsTheInverseOfTheEmpiricalDistribution) {
  EXPECT_EQ(stats::quantile_position(0, 10), 0);
  EXPECT_EQ(stats::quantile_position(0.1, 10), 0);
  EXPECT_EQ(stats::quantile_position(0.11, 10), 1);
  EXPECT_EQ(stats::quantile_position(0.5, 10), 4);
  EXPECT_EQ(stats::quantile_position(0.5, 11), 5);
  EXPECT_EQ(stats::quantile_position(1, 10), 9);
  EXPECT_EQ(stats::quantile_position(1, std::int64_t{1} << 40), (std::int64_t{1} << 40) - 1);
}

TEST(QuantilePosition, IsNotPushedUpByRounding) {
  ASSERT_GT(0.07 * 100, 7);
  EXPECT_EQ(stats::quantile_position(0.07, 100), 6);
  for (std::int64_t percent = 1; percent <= 100; ++percent) {
    const double p = static_cast<double>(percent) / 100;
    EXPECT_EQ(stats::quantile_position(p, 1'000'000), percent * 10'000 - 1) << percent;
  }
}

// Clusters of both signs at ever smaller magnitudes, where cuts by value settle next to nothing.
TEST(OrderStatistics, NeedFewRoundsForAnyValues) {
  std::vector<std::uint64_t> keys;
  for (int octave = 0; octave < 1000; ++octave) {
    for (const double sign : {-1.0, 1.0}) {
      keys.push_back(stats::ordered_key(std::ldexp(sign, -octave)));
      keys.push_back(stats::ordered_key(std::nextafter(std::ldexp(sign, -octave), 0.0)));
    }
  }
  const auto world = comm::Communicator::world();
  stats::OrderStatistics<std::uint64_t> search(world);
  std::vector<std::int64_t> positions(keys.size());
  std::iota(positions.begin(), positions.end(), 0);
  search.search(std::span<const std::uint64_t>(keys), positions);
  const auto found = search.run();
  std::ranges::sort(keys);
  EXPECT_EQ(found, keys);
  EXPECT_LE(search.rounds(), 9);
}

TEST(ExactQuantiles, OfSmallArrays) {
  const Values values{5, -1, 3, 3, 8, -7};
  EXPECT_EQ(exact(values, {0, 0.25, 0.5, 0.75, 1}), (Values{-7, -1, 3, 5, 8}));
  EXPECT_EQ(exact({42}, {0, 0.5, 1}), (Values{42, 42, 42}));
  EXPECT_EQ(exact({1, 1, 1, 1, 2}, {0.8, 0.81}), (Values{1, 2}));
}

TEST(ExactQuantiles, AcceptProbabilitiesInAnyOrder) {
  EXPECT_EQ(exact({4, 3, 2, 1}, {1, 0.25, 0.5, 0.25}), (Values{4, 1, 2, 1}));
  EXPECT_TRUE(exact({4, 3, 2, 1}, {}).empty());
}

TEST(ExactQuantiles, SignedZerosAreOneValue) {
  const auto middle = exact({-0.0, 0.0, -0.0, 1, -1}, {0.4, 0.5, 0.8});
  EXPECT_EQ(middle, (Values{0, 0, 0}));
  EXPECT_FALSE(std::signbit(middle[0]));
}

TEST(ExactQuantiles, ReachTheEndsOfTheDoubles) {
  const double most = std::numeric_limits<double>::max();
  const double least = std::numeric_limits<double>::denorm_min();
  const Values values{-most, most, least, -least, 0};
  EXPECT_EQ(exact(values, {0.2, 0.4, 0.6, 0.8, 1}), (Values{-most, -least, 0, least, most}));
}

TEST(Quantiles, LeaveOutWhatIsNotFiniteOrMasked) {
  const Values values{inf, 1, nan, 2, -inf, 3, 100};
  const std::vector<std::uint8_t> mask{1, 1, 1, 1, 1, 1, 0};
  EXPECT_EQ(exact(values, {0, 0.5, 1}, mask), (Values{1, 2, 3}));
  EXPECT_EQ(exact(values, {1}), Values{100});
  const auto centres = binned(values, {0, 0.5, 1}, mask);
  EXPECT_NEAR(centres[0], 1, 1e-3);
  EXPECT_NEAR(centres[1], 2, 2e-3);
  EXPECT_NEAR(centres[2], 3, 3e-3);
}

// Many values, so that the loops for chunks in which all count and for others both run.
TEST(Quantiles, LeaveOutAMaskedValueLikeTheOthers) {
  Values values(1000, 2.0);
  std::vector<std::uint8_t> mask(values.size(), 1);
  for (std::size_t i = 600; i < 800; ++i) {
    values[i] = 1 + static_cast<double>(i) / 1000;
    mask[i] = 0;
  }
  for (const auto& collector :
       {stats::make_exact_quantiles({1, 1}, 3000), stats::make_binned_quantiles({1, 1})}) {
    collector->add(0, 0, values);  // 200 values below 2
    collector->add(0, 0, values, mask);
    collector->add(0, 0, values, mask);
    const auto found = quantiles(*collector, {200.0 / 2600, 201.0 / 2600});
    EXPECT_NEAR(found[0], 1.799, 1.8e-3);
    EXPECT_NEAR(found[1], 2, 2e-3);
  }
}

TEST(Quantiles, AreNanWithoutValues) {
  EXPECT_TRUE(std::isnan(exact({}, {0.5})[0]));
  EXPECT_TRUE(std::isnan(exact({nan, inf}, {0.5})[0]));
  EXPECT_TRUE(std::isnan(binned({nan, -inf}, {0.5})[0]));
}

TEST(Quantiles, RefuseBadProbabilities) {
  EXPECT_THROW((void)exact({1}, {1.5}), Error);
  EXPECT_THROW((void)binned({1}, {nan}), Error);
}

TEST(Quantiles, AreOrderedByTimeProbabilityComponent) {
  const Cells cells{2, 3};
  const auto collector = stats::make_exact_quantiles(cells, 2);
  for (std::int64_t t = 0; t < 2; ++t) {
    for (std::int64_t c = 0; c < 3; ++c) {
      const double base = static_cast<double>(100 * t + 10 * c);
      collector->add(t, c, Values{base + 2, base + 1});
    }
  }
  EXPECT_EQ(quantiles(*collector, {0, 1}),
            (Values{1, 11, 21, 2, 12, 22, 101, 111, 121, 102, 112, 122}));
}

TEST(Quantiles, OfSinglePrecisionAreThoseOfTheSameDoubles) {
  const std::vector<float> values{0.1F, -2.5F, 3e38F, 1e-45F,
                                  std::numeric_limits<float>::infinity()};
  const auto collector = stats::make_exact_quantiles({1, 1}, 5);
  collector->add(0, 0, values);
  EXPECT_EQ(quantiles(*collector, {0, 0.5, 0.75, 1}),
            (Values{-2.5, double{1e-45F}, double{0.1F}, double{3e38F}}));
}

TEST(ExactQuantiles, SayWhenThereIsNoRoom) {
  const auto collector = stats::make_exact_quantiles({1, 1}, 3);
  collector->add(0, 0, Values{1, 2});
  EXPECT_THROW(collector->add(0, 0, Values{3, 4}), Error);
  collector->add(0, 0, Values{3});
  EXPECT_EQ(quantiles(*collector, {1}), Values{3});
}

TEST(BinnedQuantiles, AreWithinAThousandthFromTheSmallestToTheLargest) {
  for (double magnitude = 1e-300; magnitude < 1e300; magnitude *= 1.2345) {
    for (const double value : {magnitude, -magnitude}) {
      const double found = binned({value}, {0.5})[0];
      ASSERT_LE(std::abs(found - value), 0x1p-10 * std::abs(value)) << value;
    }
  }
}

TEST(BinnedQuantiles, CountZerosAndDenormalsAsZero) {
  const Values values{-1, 0.0, -0.0, 1e-310, -4e-324, 1};
  const auto found = binned(values, {0, 0.2, 0.8, 1});
  EXPECT_NEAR(found[0], -1, 1e-3);
  EXPECT_EQ(found[1], 0);
  EXPECT_EQ(found[2], 0);
  EXPECT_NEAR(found[3], 1, 1e-3);
}

TEST(BinnedQuantiles, HoldOnlyTheOctavesThatOccur) {
  const auto collector = stats::make_binned_quantiles({1, 1});
  const auto empty = collector->memory();
  for (int repeat = 0; repeat < 100; ++repeat) collector->add(0, 0, Values{1, 1.5, 1.99});
  EXPECT_EQ(collector->memory() - empty, 4096U);
  collector->add(0, 0, Values{7.5, -1});
  EXPECT_EQ(collector->memory() - empty, 4 * 4096U);
}

TEST(Quantiles, SurviveBytes) {
  for (const bool is_exact : {true, false}) {
    const auto make = [&] {
      return is_exact ? stats::make_exact_quantiles({1, 2}, 4)
                      : stats::make_binned_quantiles({1, 2});
    };
    const auto whole = make();
    const auto part = make();
    const auto restored = make();
    const Values first{-3, 0, 1e5};
    const Values second{-0.001, 2, 7, 9};
    part->add(0, 1, first);
    whole->add(0, 0, first);
    restored->absorb(part->bytes());
    restored->add(0, 1, second);
    const auto reference = stats::make_exact_quantiles({1, 2}, 7);
    const Values probabilities{0, 0.2, 0.3, 0.5, 0.7, 0.8, 1};
    const auto found = quantiles(*restored, probabilities);
    const Values all{-3, -0.001, 0, 2, 7, 9, 1e5};
    for (std::size_t q = 0; q < probabilities.size(); ++q) {
      EXPECT_TRUE(std::isnan(found[2 * q]));
      EXPECT_NEAR(found[2 * q + 1], all[q], is_exact ? 0 : std::abs(all[q]) * 0x1p-10);
    }
    auto torn = part->bytes();
    torn.pop_back();
    EXPECT_THROW(make()->absorb(torn), Error);
  }
}

TEST(Quantiles, CellsMayBeFilledByDifferentThreads) {
  for (const bool is_exact : {true, false}) {
    const Cells cells{4, 1};
    const auto collector =
        is_exact ? stats::make_exact_quantiles(cells, 3000) : stats::make_binned_quantiles(cells);
    std::vector<std::thread> threads;
    for (std::int64_t t = 0; t < 4; ++t) {
      threads.emplace_back([&collector, t] {
        for (int i = 1; i <= 3000; ++i) collector->add(t, 0, Values{static_cast<double>(i + t)});
      });
    }
    for (auto& thread : threads) thread.join();
    const auto median = quantiles(*collector, {0.5});
    for (std::size_t t = 0; t < 4; ++t) {
      const double value = 1500 + static_cast<double>(t);
      EXPECT_NEAR(median[t], value, is_exact ? 0 : value * 0x1p-10);
    }
  }
}

TEST(Quantiles, AreExactWhileTheWholeEnsembleFits) {
  const Cells cells{10, 2};
  EXPECT_TRUE(stats::quantiles_fit(cells, 1000, 160'000));
  EXPECT_FALSE(stats::quantiles_fit(cells, 1001, 160'000));
  EXPECT_FALSE(stats::quantiles_fit({1 << 20, 64}, std::int64_t{1} << 40, 256 << 20));
  EXPECT_EQ(stats::make_quantiles(cells, 1000, 10, 160'000)->method(), "exact");
  EXPECT_EQ(stats::make_quantiles(cells, 1001, 10, 160'000)->method(), "binned");
}

}  // namespace

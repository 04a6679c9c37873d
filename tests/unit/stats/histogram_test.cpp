// SPDX-License-Identifier: BSD-3-Clause
#include "stats/histogram.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "base/error.hpp"

namespace {
using namespace driftwood;
using stats::Histogram;
using stats::Range;
using Values = std::vector<double>;

constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

std::vector<std::int64_t> counts(const Histogram& histogram) {
  const auto all = histogram.counts(0, 0);
  return {all.begin(), all.end()};
}

Histogram one_cell(std::int64_t bins, const Range& range) {
  Histogram histogram({1, 1}, bins);
  histogram.set_range(0, 0, range);
  return histogram;
}

TEST(Histogram, BinsAreHalfOpenAndTheLastIsClosed) {
  auto histogram = one_cell(4, {0, 2});
  histogram.add(0, 0, Values{0, 0.25, 0.5, 1, 1.25, 1.5, 2, -1e-300, 2.0000001, 5});
  EXPECT_EQ(counts(histogram), (std::vector<std::int64_t>{2, 1, 2, 2}));
  EXPECT_EQ(histogram.below(0, 0), 1);
  EXPECT_EQ(histogram.above(0, 0), 2);
}

// The bin is decided by the stored edges, also where (x - low) * scale rounds across one.
TEST(Histogram, EdgesAndTheirNeighboursFallWhereTheEdgesSay) {
  for (const Range range : {Range{0.1, 0.7}, Range{-3.3, 1.1}, Range{1e15, 1e15 + 90},
                            Range{-1e-200, 3e-200}, Range{-0.9e308, 0.8e308}}) {
    constexpr std::int64_t bins = 61;
    const auto reference = one_cell(bins, range);
    const auto edges = reference.edges(0, 0);
    ASSERT_EQ(edges.size(), 62U);
    EXPECT_EQ(edges.front(), range.low);
    EXPECT_EQ(edges.back(), range.high);
    for (std::size_t i = 0; i < edges.size(); ++i) {
      auto at = reference;
      at.add(0, 0, Values{edges[i]});
      EXPECT_EQ(at.counts(0, 0)[std::min<std::size_t>(i, 60)], 1) << i;
      auto before = reference;
      before.add(0, 0, Values{std::nextafter(edges[i], -inf)});
      EXPECT_EQ(i == 0 ? before.below(0, 0) : before.counts(0, 0)[i - 1], 1) << i;
    }
  }
}

TEST(Histogram, LeavesOutWhatIsNotFiniteOrMasked) {
  auto histogram = one_cell(1, {0, 1});
  const std::vector<std::uint8_t> mask{1, 1, 1, 1, 0};
  histogram.add(0, 0, Values{inf, -inf, nan, 0.5, 0.5}, mask);
  histogram.add(0, 0, std::vector<float>{0.25F, std::numeric_limits<float>::quiet_NaN()});
  EXPECT_EQ(counts(histogram), std::vector<std::int64_t>{2});
  EXPECT_EQ(histogram.below(0, 0), 0);
  EXPECT_EQ(histogram.above(0, 0), 0);
}

TEST(Histogram, RefusesRangesWithoutDistinctEdges) {
  for (const Range range : {Range{1, 1}, Range{2, 1}, Range{0, inf}, Range{nan, 1},
                            Range{1, 1 + 1e-15}, Range{-1.7e308, 1.7e308}}) {
    EXPECT_THROW(one_cell(50, range), Error) << range.low << ' ' << range.high;
  }
  EXPECT_THROW(Histogram({1, 1}, 0), Error);
}

TEST(NeatRange, IsAQuarterWiderAndRound) {
  EXPECT_EQ(stats::neat_range({0, 4}), (Range{-1, 5}));
  EXPECT_EQ(stats::neat_range({-3.91, 4.12}), (Range{-6, 7}));
  EXPECT_EQ(stats::neat_range({0.0112, 0.0873}), (Range{-0.01, 0.11}));
  EXPECT_EQ(stats::neat_range({1e6, 1.5e6}), (Range{850'000, 1'650'000}));
}

TEST(NeatRange, HoldsTheValuesAtAnyScale) {
  for (double scale = 1e-280; scale < 1e299; scale *= 7.3) {
    const Range range = stats::neat_range({-0.3 * scale, 0.9 * scale});
    EXPECT_LE(range.low, -0.599 * scale) << scale;
    EXPECT_GE(range.high, 1.199 * scale) << scale;
    EXPECT_LT(range.high - range.low, 2.2 * scale) << scale;
    EXPECT_NO_THROW(one_cell(200, range)) << scale;
  }
}

TEST(NeatRange, SurroundsASingleValue) {
  EXPECT_EQ(stats::neat_range({3, 3}), (Range{1.5, 4.5}));
  EXPECT_EQ(stats::neat_range({-2, -2}), (Range{-3, -1}));
  EXPECT_EQ(stats::neat_range({0, 0}), (Range{-0.5, 0.5}));
  EXPECT_EQ(stats::neat_range({4e-324, 5e-324}), (Range{-0.5, 0.5}));
  const Range close = stats::neat_range({1, 1 + 1e-14});
  EXPECT_NEAR(close.low, 0.5, 1e-12);
  EXPECT_NO_THROW(one_cell(1000, close));
  const double most = std::numeric_limits<double>::max();
  EXPECT_NO_THROW(one_cell(1000, stats::neat_range({-most, most})));
}

TEST(Histogram, TakesItsRangeFromThePilot) {
  const auto world = comm::Communicator::world();
  Histogram histogram({2, 1}, 10);
  const std::vector<std::uint8_t> mask{1, 1, 1, 0};
  histogram.pilot(1, 0, Values{1, inf, 3, 1000}, mask);
  histogram.pilot(1, 0, Values{2, 5});
  histogram.agree(world);
  EXPECT_EQ(histogram.edges(0, 0).front(), 0);  // nothing seen: [0, 1]
  EXPECT_EQ(histogram.edges(0, 0).back(), 1);
  EXPECT_EQ(histogram.edges(1, 0).front(), 0);
  EXPECT_EQ(histogram.edges(1, 0).back(), 6);
  EXPECT_EQ(histogram.reduced(world).below(1, 0), 0);
}

TEST(Histogram, SurvivesBytes) {
  auto saved = one_cell(3, {-1, 2});
  saved.add(0, 0, Values{-5, -0.5, 0.5, 0.6, 9, 9});
  Histogram restored({1, 1}, 3);
  restored.absorb(saved.bytes());
  restored.add(0, 0, Values{1.5});
  EXPECT_EQ(counts(restored), (std::vector<std::int64_t>{1, 2, 1}));
  EXPECT_EQ(restored.below(0, 0), 1);
  EXPECT_EQ(restored.above(0, 0), 2);
  EXPECT_EQ(restored.edges(0, 0).back(), 2);

  auto other = one_cell(3, {0, 1});
  other.add(0, 0, Values{0.5});
  EXPECT_THROW(restored.absorb(other.bytes()), Error);
  EXPECT_THROW(Histogram({1, 1}, 4).absorb(saved.bytes()), Error);
}

}  // namespace

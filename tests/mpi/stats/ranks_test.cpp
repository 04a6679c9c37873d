// SPDX-License-Identifier: BSD-3-Clause
// Claim: merged statistics have the same bits for any number of ranks. Every rank knows all the
// data, and compares with what it computes alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

#include "comm/communicator.hpp"
#include "stats/histogram.hpp"
#include "stats/merge_tree.hpp"
#include "stats/moments.hpp"
#include "stats/order_statistics.hpp"
#include "stats/quantiles.hpp"

namespace {
using namespace driftwood;
using stats::Cells;
using Values = std::vector<double>;
using Tree = stats::MergeTree<double, stats::MomentMerge>;

constexpr stats::MomentLayout layout{.times = 2, .components = 2, .formulas = 1};
constexpr Cells cells{2, 3};

/// Uniform on (0, 1): splitmix64 of (id, stream).
double uniform(std::int64_t id, std::int64_t stream) {
  auto z = static_cast<std::uint64_t>(id * 64 + stream) * 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return (static_cast<double>((z ^ (z >> 31)) >> 11) + 0.5) * 0x1p-53;
}

/// A symmetric heavy-tailed value, rounded for ties in the last cell, NaN now and then.
double value(std::int64_t path, std::int64_t time, std::int64_t component) {
  const double u = uniform(path, time * cells.components + component);
  if (u < 0.01) return std::nan("");
  const double x = std::tan(3 * (u - 0.5));
  return component == 2 ? std::round(x) : x;
}

Values values_of(comm::Share paths, std::int64_t time, std::int64_t component) {
  Values values;
  for (auto p = paths.first; p < paths.last; ++p) values.push_back(value(p, time, component));
  return values;
}

Tree::Record block_record(std::int64_t block) {
  Tree::Record record(static_cast<std::size_t>(layout.size()));
  for (std::size_t i = 0; i < record.size(); ++i) {
    record[i] = 4 * uniform(block, static_cast<std::int64_t>(i)) - 2;
  }
  for (std::int64_t t = 0; t < layout.times; ++t) {
    record[static_cast<std::size_t>(t * layout.stride())] = static_cast<double>(block % 4);
  }
  return record;
}

Tree tree_of(comm::Share blocks) {
  Tree tree(static_cast<std::size_t>(layout.size()), {layout});
  for (auto b = blocks.first; b < blocks.last; ++b) tree.push(b, block_record(b));
  return tree;
}

std::vector<std::uint64_t> bits_of(const Values& values) {
  std::vector<std::uint64_t> bits;
  for (const double x : values) bits.push_back(std::bit_cast<std::uint64_t>(x));
  return bits;
}

TEST(Ranks, MergeBlocksInOneOrder) {
  const auto world = comm::Communicator::world();
  for (const std::int64_t blocks : {1, 2, 3, 5, 8, 13, 37, 64}) {
    const auto all = tree_of(world.share(blocks)).collected(world);
    if (world.is_root()) {
      EXPECT_EQ(bits_of(all.root()), bits_of(tree_of({0, blocks}).root())) << blocks;
      EXPECT_EQ(all.blocks(), blocks);
    } else {
      EXPECT_TRUE(all.empty());
    }
  }
}

TEST(Ranks, MergeWavesThatEachAreShared) {
  const auto world = comm::Communicator::world();
  Tree total(static_cast<std::size_t>(layout.size()), {layout});
  for (std::int64_t first = 0; first < 40; first += 10) {
    const auto mine = world.share(10);
    total.absorb(tree_of({first + mine.first, first + mine.last}).collected(world));
  }
  if (world.is_root()) {
    EXPECT_EQ(bits_of(total.root()), bits_of(tree_of({0, 40}).root()));
  }
}

class Collected : public testing::TestWithParam<std::int64_t> {
 protected:
  [[nodiscard]] Values quantiles(const std::unique_ptr<stats::QuantileCollector>& collector) const {
    for (std::int64_t t = 0; t < cells.times; ++t) {
      for (std::int64_t c = 0; c < cells.components; ++c) {
        collector->add(t, c, values_of(world.share(GetParam()), t, c));
      }
    }
    return collector->quantiles(world, probabilities);
  }

  /// The order statistic of all paths' values by sorting.
  [[nodiscard]] double sorted(std::int64_t t, double p, std::int64_t c) const {
    auto all = values_of({0, GetParam()}, t, c);
    std::erase_if(all, [](double x) { return std::isnan(x); });
    if (all.empty()) return std::nan("");
    std::ranges::sort(all);
    return all[static_cast<std::size_t>(stats::quantile_position(p, std::ssize(all)))];
  }

  template <class Check>
  void for_each(const Values& found, const Check& check) const {
    std::size_t i = 0;
    for (std::int64_t t = 0; t < cells.times; ++t) {
      for (const double p : probabilities) {
        for (std::int64_t c = 0; c < cells.components; ++c) check(found[i++], sorted(t, p, c));
      }
    }
    ASSERT_EQ(i, found.size());
  }

  const comm::Communicator world = comm::Communicator::world();
  const Values probabilities{0, 0.01, 0.25, 0.5, 0.9, 1};
};

TEST_P(Collected, ExactQuantilesAreThoseOfSorting) {
  const auto found = quantiles(stats::make_exact_quantiles(cells, world.share(GetParam()).count()));
  for_each(found, [](double quantile, double expected) {
    if (std::isnan(expected)) {
      EXPECT_TRUE(std::isnan(quantile));
    } else {
      EXPECT_EQ(quantile, expected);
    }
  });
}

TEST_P(Collected, BinnedQuantilesAreTheCentresOfTheirBins) {
  const auto found = quantiles(stats::make_binned_quantiles(cells));
  for_each(found, [](double quantile, double expected) {
    if (std::isnan(expected) || expected == 0) {
      EXPECT_EQ(std::isnan(quantile), std::isnan(expected));
      return;
    }
    constexpr std::uint64_t low_bits = (1ULL << 43) - 1;
    const auto lower_edge = std::bit_cast<std::uint64_t>(expected) & ~low_bits;
    EXPECT_EQ(quantile, std::bit_cast<double>(lower_edge | (1ULL << 42)));
  });
}

TEST_P(Collected, HistogramsAddUp) {
  const auto mine = world.share(GetParam());
  stats::Histogram histogram(cells, 20);
  stats::Histogram alone(cells, 20);
  for (std::int64_t t = 0; t < cells.times; ++t) {
    for (std::int64_t c = 0; c < cells.components; ++c) {
      const auto pilot = values_of({0, std::min<std::int64_t>(GetParam(), 50)}, t, c);
      if (mine.first == 0 && !mine.empty()) histogram.pilot(t, c, pilot);
      alone.pilot(t, c, pilot);
    }
  }
  histogram.agree(world);
  alone.agree(world);
  for (std::int64_t t = 0; t < cells.times; ++t) {
    for (std::int64_t c = 0; c < cells.components; ++c) {
      histogram.add(t, c, values_of(mine, t, c));
      alone.add(t, c, values_of({0, GetParam()}, t, c));
    }
  }
  EXPECT_EQ(histogram.reduced(world).bytes(), alone.bytes());
}

INSTANTIATE_TEST_SUITE_P(Paths, Collected, testing::Values(1, 3, 1000, 20'000));

}  // namespace

// SPDX-License-Identifier: BSD-3-Clause
// Claim: merged moments have the same bits for any split of the blocks into ranks and waves.
#include "stats/merge_tree.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <random>
#include <vector>

#include "stats/moments.hpp"

namespace {
using namespace driftwood;
using Tree = stats::MergeTree<double, stats::MomentMerge>;

constexpr stats::MomentLayout layout{.times = 3, .components = 3, .formulas = 2};

Tree empty_tree() { return Tree(static_cast<std::size_t>(layout.size()), {layout}); }

/// A block's record with arbitrary numbers; now and then a time without paths.
Tree::Record block(std::mt19937_64& bits) {
  std::normal_distribution<double> normal(1, 3);
  Tree::Record record(static_cast<std::size_t>(layout.size()));
  for (auto& value : record) value = normal(bits);
  for (std::int64_t t = 0; t < layout.times; ++t) {
    record[static_cast<std::size_t>(t * layout.stride())] = static_cast<double>(bits() % 5);
  }
  return record;
}

std::vector<std::uint64_t> bits_of(const Tree::Record& record) {
  std::vector<std::uint64_t> bits;
  for (const double x : record) bits.push_back(std::bit_cast<std::uint64_t>(x));
  return bits;
}

/// Cuts the blocks into contiguous parts, some empty, and merges the parts' trees in random pairs
/// of neighbours, through bytes half of the time.
Tree::Record merged_in_parts(const std::vector<Tree::Record>& blocks, std::mt19937_64& bits) {
  const std::size_t parts = 1 + bits() % 9;
  std::vector<std::size_t> cuts{0, blocks.size()};
  for (std::size_t i = 1; i < parts; ++i) cuts.push_back(bits() % (blocks.size() + 1));
  std::ranges::sort(cuts);
  std::vector<Tree> trees;
  for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
    trees.push_back(empty_tree());
    for (auto b = cuts[i]; b < cuts[i + 1]; ++b) {
      trees.back().push(static_cast<std::int64_t>(b), blocks[b]);
    }
  }
  while (trees.size() > 1) {
    const auto left = bits() % (trees.size() - 1);
    const auto right = trees.begin() + static_cast<std::ptrdiff_t>(left) + 1;
    if (bits() % 2 == 0) {
      trees[left].absorb(right->bytes());
    } else {
      trees[left].absorb(std::move(*right));
    }
    trees.erase(right);
  }
  return trees.front().root();
}

TEST(MergedMoments, HaveTheSameBitsForAnySplit) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 bits(seed);
    std::vector<Tree::Record> blocks(1 + bits() % 60);
    std::ranges::generate(blocks, [&] { return block(bits); });
    Tree whole = empty_tree();
    for (std::size_t b = 0; b < blocks.size(); ++b) {
      whole.push(static_cast<std::int64_t>(b), blocks[b]);
    }
    const auto expected = bits_of(whole.root());
    for (int split = 0; split < 4; ++split) {
      ASSERT_EQ(bits_of(merged_in_parts(blocks, bits)), expected);
    }
  }
}

}  // namespace

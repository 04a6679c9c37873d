// SPDX-License-Identifier: BSD-3-Clause
#include "stats/merge_tree.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <map>
#include <numeric>
#include <random>
#include <vector>

#include "base/error.hpp"

namespace {
using namespace driftwood;

/// A merge that tells any two trees apart: neither associative nor commutative.
struct Entangle {
  void operator()(std::span<std::uint64_t> left, std::span<const std::uint64_t> right) const {
    left[0] = (left[0] ^ 0x9e3779b97f4a7c15) * 0xff51afd7ed558ccd + std::rotl(right[0], 23);
  }
};
using Tree = stats::MergeTree<std::uint64_t, Entangle>;

Tree::Record leaf(std::int64_t block) { return {static_cast<std::uint64_t>(block) + 1}; }

/// The definition: split at the middle of [first, first + width), what lies beyond is the identity.
Tree::Record by_definition(std::int64_t first, std::int64_t width, std::int64_t blocks) {
  if (width == 1) return leaf(first);
  auto left = by_definition(first, width / 2, blocks);
  if (first + width / 2 < blocks) {
    Entangle{}(left, by_definition(first + width / 2, width / 2, blocks));
  }
  return left;
}

Tree::Record expected(std::int64_t blocks) {
  const auto width = std::bit_ceil(static_cast<std::uint64_t>(blocks));
  return by_definition(0, static_cast<std::int64_t>(width), blocks);
}

Tree tree_of(std::int64_t first, std::int64_t last) {
  Tree tree(1);
  for (std::int64_t block = first; block < last; ++block) tree.push(block, leaf(block));
  return tree;
}

TEST(MergeTree, FollowsTheDefinition) {
  for (std::int64_t blocks = 1; blocks <= 70; ++blocks) {
    EXPECT_EQ(tree_of(0, blocks).root(), expected(blocks)) << blocks;
  }
}

TEST(MergeTree, DoesNotDependOnHowBlocksAreShared) {
  constexpr std::int64_t blocks = 21;
  for (std::int64_t a = 0; a <= blocks; ++a) {
    for (std::int64_t b = a; b <= blocks; ++b) {
      auto tree = tree_of(0, a);
      auto right = tree_of(a, b);
      right.absorb(tree_of(b, blocks));
      tree.absorb(std::move(right));
      ASSERT_EQ(tree.root(), expected(blocks)) << a << ' ' << b;
    }
  }
}

TEST(MergeTree, MayHaveGapsThatAreFilledLater) {
  Tree odd(1);
  Tree even(1);
  for (std::int64_t block = 0; block < 13; ++block) {
    (block % 2 == 0 ? even : odd).push(block, leaf(block));
  }
  EXPECT_EQ(even.records_held(), 7U);
  odd.absorb(std::move(even));
  EXPECT_EQ(odd.root(), expected(13));
  EXPECT_EQ(odd.blocks(), 13);
}

TEST(MergeTree, HoldsFewRecords) {
  Tree from_start(1);
  Tree from_middle(1);
  for (std::int64_t i = 0; i < 5000; ++i) {
    from_start.push(i, leaf(i));
    from_middle.push(1234567 + i, leaf(i));
    ASSERT_LE(from_start.records_held(), 13U);
    ASSERT_LE(from_middle.records_held(), 26U);
  }
  EXPECT_EQ(from_start.records_held(), std::popcount(5000U));
}

TEST(MergeTree, SurvivesBytes) {
  auto tree = tree_of(0, 5);
  tree.absorb(tree_of(5, 11).bytes());
  tree.absorb(Tree(1).bytes());
  EXPECT_EQ(tree.root(), expected(11));
  Tree copy(1);
  copy.absorb(tree.bytes());
  EXPECT_EQ(copy.root(), tree.root());
  copy.push(11, leaf(11));
  EXPECT_EQ(copy.root(), expected(12));
}

TEST(MergeTree, IsEmptyWithoutBlocks) {
  Tree tree(1);
  EXPECT_TRUE(tree.empty());
  EXPECT_TRUE(tree.root().empty());
  tree.absorb(Tree(1));
  EXPECT_EQ(tree.blocks(), 0);
}

TEST(MergeTree, CountsABlockOnce) {
  auto tree = tree_of(0, 6);
  EXPECT_THROW(tree.push(2, leaf(2)), Error);       // inside a complete node
  EXPECT_THROW(tree.push(5, leaf(5)), Error);       // a node of its own, merged upwards
  EXPECT_THROW(tree.absorb(tree_of(0, 8)), Error);  // a node around what is there
  EXPECT_THROW(tree.push(-1, leaf(0)), Error);
  EXPECT_EQ(tree.root(), expected(6));
}

TEST(MergeTree, TellsOfAllPrefixesInWhateverOrderBlocksCome) {
  std::vector<std::int64_t> order(16);
  std::iota(order.begin(), order.end(), 0);
  std::mt19937_64 random(7);
  for (int trial = 0; trial < 50; ++trial) {
    std::map<std::int64_t, Tree::Record> seen;
    Tree tree(1, {}, [&](std::int64_t blocks, const Tree::Record& record) {
      seen.insert_or_assign(blocks, record);
    });

    for (const std::int64_t block : order) tree.push(block, leaf(block));

    for (const std::int64_t blocks : {1, 2, 4, 8, 16}) {
      ASSERT_EQ(seen.count(blocks), 1U) << "trial " << trial << ", " << blocks << " blocks";
      EXPECT_EQ(seen[blocks], expected(blocks));
    }
    std::ranges::shuffle(order, random);
  }
}

TEST(MergeTree, TellsWhichBlocksItCovers) {
  using comm::Share;
  auto tree = tree_of(3, 12);
  tree.absorb(tree_of(20, 21));

  EXPECT_EQ(tree.covered(), (std::vector<Share>{{3, 12}, {20, 21}}));

  tree.absorb(tree_of(0, 3));
  EXPECT_EQ(tree.covered(), (std::vector<Share>{{0, 12}, {20, 21}}));
  EXPECT_TRUE(Tree(1).covered().empty());
}

TEST(MergeTree, RefusesOtherRecords) {
  Tree tree(1);
  EXPECT_THROW(tree.push(0, {1, 2}), Error);
  auto bytes = tree_of(0, 3).bytes();
  bytes.pop_back();
  EXPECT_THROW(tree.absorb(bytes), Error);
  auto longer = tree_of(4, 5).bytes();
  longer.push_back(std::byte{0});
  EXPECT_THROW(Tree(1).absorb(longer), Error);
}

TEST(MergeTree, HoldsAsManyNodesAsAreCounted) {
  for (std::int64_t first = 0; first < 40; ++first) {
    Tree tree(1);
    EXPECT_EQ(stats::nodes_of(first, first), 0);
    for (std::int64_t last = first + 1; last < 80; ++last) {
      tree.push(last - 1, leaf(last - 1));
      EXPECT_EQ(stats::nodes_of(first, last), static_cast<int>(tree.records_held()))
          << first << " to " << last;
    }
  }
}
}  // namespace

// SPDX-License-Identifier: BSD-3-Clause
// Claims: bounds of many boxes at once are never below those of one box after the other in double
// precision, nor above what twice the leaning of single precision makes of these; so for blocks of
// any size, partial ones, and pairs that are always or never consistent. They are functions of the
// box alone; where `enough` cuts them short they remain bounds and say no more than `enough`.
// Members of cores are those of the last core, and right correspondences near the right rotation.
#include "pose/launch/box_bounds.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.hpp"
#include "support/kokkos_environment.hpp"
#include "unit/pose/one_box.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::pose;
using driftwood::pose::testing::Draws;
using driftwood::pose::testing::failures_of_launch;
using driftwood::pose::testing::loose_graph;
using driftwood::pose::testing::problem_of;
using driftwood::pose::testing::problem_with_ties;
using driftwood::pose::testing::quaternion_of;
using driftwood::pose::testing::some_boxes;

template <int Words>
void compare(int points, double outliers, int boxes) {
  EXPECT_EQ((failures_of_launch<Words>(40 + Words, points, outliers, boxes)), 0);
}

TEST(BoxBounds, OfBlocksOf64AreThoseOfOneBox) { compare<1>(150, 0.6, 300); }
TEST(BoxBounds, OfBlocksOf128AreThoseOfOneBox) { compare<2>(300, 0.8, 100); }
TEST(BoxBounds, OfBlocksOf192AreThoseOfOneBox) { compare<3>(200, 0.9, 100); }
TEST(BoxBounds, OfBlocksOf256AreThoseOfOneBox) { compare<4>(257, 0.9, 60); }

TEST(BoxBounds, KnowTheirSizes) {
  const auto problem = problem_of(150, 0.5, 1);
  const BoxBounds bounds(problem.correspondences, 192);
  EXPECT_EQ(bounds.size(), 150);
  EXPECT_EQ(bounds.block(), 192);
  EXPECT_GE(bounds.bytes(), 4 * sizeof(float) * 192 * 191 / 2);
}

TEST(BoxBounds, OfFewCorrespondences) {
  for (const int points : {1, 2, 5, 63, 64, 65}) compare<1>(points, 0.3, 30);
}

TEST(BoxBounds, AreOfTheBoxAlone) {
  Draws draws(45);
  const auto problem = problem_with_ties(200, 0.7, 5);
  const auto keys = some_boxes(draws, problem, 100);
  BoxBounds bounds(problem.correspondences, 64);
  std::vector<int> together(keys.size());
  bounds.core(keys, -1, together);
  for (std::size_t k = 0; k < keys.size(); ++k) {
    int alone = 0;
    bounds.core({&keys[k], 1}, -1, {&alone, 1});
    EXPECT_EQ(alone, together[k]);
  }
}

TEST(BoxBounds, StopWhereEnoughIsKnown) {
  Draws draws(46);
  const auto problem = problem_with_ties(300, 0.7, 6);
  const auto keys = some_boxes(draws, problem, 300);
  BoxBounds bounds(problem.correspondences, 64);
  std::vector<int> exact(keys.size());
  bounds.core(keys, -1, exact);
  std::vector<int> sorted = exact;
  std::sort(sorted.begin(), sorted.end());
  const int enough = sorted[sorted.size() / 2];
  std::vector<int> stopped(keys.size());
  bounds.core(keys, enough, stopped);
  int looser = 0;
  for (std::size_t k = 0; k < keys.size(); ++k) {
    EXPECT_GE(stopped[k], exact[k]);
    if (exact[k] > enough) {
      EXPECT_EQ(stopped[k], exact[k]);
    } else {
      EXPECT_LE(stopped[k], enough);
    }
    looser += stopped[k] > exact[k] ? 1 : 0;
  }
  EXPECT_GT(looser, 10);
}

TEST(BoxBounds, KnowMembersOfCores) {
  Draws draws(47);
  const auto problem = problem_with_ties(150, 0.6, 7);
  const std::span<const Correspondence> all = problem.correspondences;
  BoxBounds bounds(all, 64);
  for (const BoxKey& key : some_boxes(draws, problem, 50)) {
    const auto members = bounds.core_members(key);
    ASSERT_EQ(members.size(), all.size());
    int bound = 0;
    bounds.core({&key, 1}, -1, {&bound, 1});
    // Every member of a block has as many neighbours among them as the bound of the block says.
    int by_degrees = 0;
    for (std::size_t begun = 0; begun < all.size(); begun += 64) {
      const auto of_block = all.subspan(begun, std::min<std::size_t>(64, all.size() - begun));
      const auto graph = loose_graph<1>(of_block, box_of<double>(key));
      VertexSet<1> core{};
      for (int v = 0; v < graph.size; ++v) {
        if (members[begun + static_cast<std::size_t>(v)] != 0) core.insert(v);
      }
      int least = 64;
      for (int v = 0; v < graph.size; ++v) {
        if (core.has(v)) least = std::min(least, size_of_common(graph.neighbours[v], core));
      }
      by_degrees += least + 1;
    }
    EXPECT_GE(by_degrees, bound);
  }
}

TEST(BoxBounds, HaveRightCorrespondencesInCoresNearTheTruth) {
  const auto problem = problem_of(200, 0.5, 9);
  BoxBounds bounds(problem.correspondences, 64);
  const auto members = bounds.core_members(box_around(quaternion_of(problem.truth), 10));
  int wrong = 0;
  for (std::size_t i = 0; i < members.size(); ++i) {
    EXPECT_TRUE(members[i] == 1 || !problem.is_right[i]) << i;
    wrong += problem.is_right[i] ? 0 : members[i];
  }
  EXPECT_LE(wrong, 5);
}

TEST(BoxBounds, RejectBlocksOfOtherSizes) {
  const auto problem = problem_with_ties(10, 0, 8);
  EXPECT_THROW(BoxBounds(problem.correspondences, 32), UsageError);
  EXPECT_THROW(BoxBounds(problem.correspondences, 100), UsageError);
  EXPECT_THROW(BoxBounds(problem.correspondences, 320), UsageError);
  EXPECT_THROW(BoxBounds({}, 64), UsageError);
}

}  // namespace

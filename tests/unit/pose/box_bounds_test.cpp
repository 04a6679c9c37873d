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
#include "pose/bounds/block.hpp"
#include "support/kokkos_environment.hpp"
#include "unit/pose/problems.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::pose;
using driftwood::pose::testing::box_near;
using driftwood::pose::testing::Draws;
using driftwood::pose::testing::problem_of;
using driftwood::pose::testing::problem_with_ties;
using driftwood::pose::testing::quaternion_of;
using driftwood::pose::testing::TestProblem;

std::vector<BoxKey> some_boxes(Draws& draws, const TestProblem& problem, int count) {
  std::vector<BoxKey> out;
  for (int k = 0; k < count; ++k) out.push_back(box_near(draws, problem.truth));
  return out;
}

/// Whether a pair passes in double precision with twice the leaning of single precision: for each
/// sum that the kernel leans, and for the slack.
bool passes_loosely(const Correspondence& i, const Correspondence& j, const Box<double>& box) {
  using Single = Rounding<float>;
  const Pair pair(i, j);
  const RotationBall<double> ball(box);
  const double beta = radians(ball.slack) + 2 * static_cast<double>(Single::angle);
  if (beta >= pi / 2) return true;  // nothing is tested then
  if (pair.kind != PairKind::tested) return pair.kind == PairKind::always;
  const Ray<double> a(ball.middle, i.bearing, i.point);
  const Ray<double> b(ball.middle, j.bearing, j.point);
  const LinePair<double> line(pair);
  const double middle = line.along * (gap(a, b) + 2 * static_cast<double>(Single::gap));
  const double side =
      line.across * (std::abs(reciprocal_product(a, b)) - 2 * static_cast<double>(Single::moment));
  const double lean = 2 * static_cast<double>(Single::test);
  const double widest = std::acos(std::clamp(pair.radius.cosine, -1.0, 1.0)) + beta;
  return side <= line.sine_of_tilt * middle + std::sin(beta) + lean &&
         (widest >= pi || middle >= std::cos(widest) - lean);
}

template <int Words>
Graph<Words> loose_graph(std::span<const Correspondence> members, const Box<double>& box) {
  Graph<Words> graph;
  graph.size = static_cast<int>(members.size());
  for (std::size_t i = 0; i < members.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (passes_loosely(members[i], members[j], box)) {
        graph.join(static_cast<int>(i), static_cast<int>(j));
      }
    }
  }
  return graph;
}

struct Range {
  int core_least = 0;
  int core_most = 0;
  int h_index_least = 0;
  int h_index_most = 0;
};

template <int Words>
Range by_one_box(std::span<const Correspondence> all,
                 const std::vector<Block<double, Words>>& blocks, const BoxKey& key) {
  const auto box = box_of<double>(key);
  Range out;
  std::size_t at = 0;
  for (const auto& block : blocks) {
    const auto members = all.subspan(at, static_cast<std::size_t>(block.size()));
    at += members.size();
    const auto graph = block.consistent(RotationBall<double>(box));
    const auto loose = loose_graph<Words>(members, box);
    out.core_least += last_core(graph).bound;
    out.core_most += last_core(loose).bound;
    out.h_index_least += h_index(graph);
    out.h_index_most += h_index(loose);
  }
  return out;
}

template <int Words>
void compare(int points, double outliers, int boxes) {
  Draws draws(40 + Words);
  const auto problem = problem_with_ties(points, outliers, Words);
  const std::span<const Correspondence> all = problem.correspondences;
  const auto keys = some_boxes(draws, problem, boxes);
  const auto blocks = blocks_of<double, Words>(all);
  BoxBounds bounds(all, 64 * Words);
  EXPECT_EQ(bounds.size(), points);
  EXPECT_EQ(bounds.block(), 64 * Words);
  std::vector<int> core(keys.size());
  std::vector<int> h_index(keys.size());
  bounds.core(keys, -1, core);
  bounds.h_index(keys, -1, h_index);
  for (std::size_t k = 0; k < keys.size(); ++k) {
    const Range range = by_one_box<Words>(all, blocks, keys[k]);
    ASSERT_GE(core[k], range.core_least) << keys[k].word;
    ASSERT_LE(core[k], range.core_most) << keys[k].word;
    ASSERT_GE(h_index[k], range.h_index_least) << keys[k].word;
    ASSERT_LE(h_index[k], range.h_index_most) << keys[k].word;
  }
}

TEST(BoxBounds, OfBlocksOf64AreThoseOfOneBox) { compare<1>(150, 0.6, 300); }
TEST(BoxBounds, OfBlocksOf128AreThoseOfOneBox) { compare<2>(300, 0.8, 100); }
TEST(BoxBounds, OfBlocksOf192AreThoseOfOneBox) { compare<3>(200, 0.9, 100); }
TEST(BoxBounds, OfBlocksOf256AreThoseOfOneBox) { compare<4>(257, 0.9, 60); }

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

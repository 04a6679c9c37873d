// SPDX-License-Identifier: BSD-3-Clause
// Claims: correspondences that elimination leaves out are no inliers of a pose with more than
// enough; boxes that a search over products proves hold no such pose; the certified search closes
// problems whose best consensus least squares miss, at no gap, the same way each time, and its
// certificate is proven anew, but not one that claims less; no pose of random samples explains more
// than it says any does.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "bnb/search.hpp"
#include "pose/estimate/climb.hpp"
#include "pose/estimate/linearised.hpp"
#include "pose/estimate/seed.hpp"
#include "pose/geometry/unit_ball.hpp"
#include "pose/search/certified.hpp"
#include "pose/verify/verify.hpp"
#include "support/kokkos_environment.hpp"
#include "unit/pose/problems.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::pose;
using driftwood::pose::testing::Draws;

TEST(CoreNumbers, AreThoseOfPeeling) {
  Draws draws(80);
  for (int k = 0; k < 200; ++k) {
    Graph<2> graph;
    graph.size = 1 + draws.below(128);
    const double share = draws.uniform();
    for (int i = 0; i < graph.size; ++i) {
      for (int j = 0; j < i; ++j) {
        if (draws.uniform() < share) graph.join(i, j);
      }
    }
    const auto all = VertexSet<2>::first(graph.size);
    int core[Graph<2>::most];
    core_numbers(graph, all, core);
    int largest = 0;
    for (int c = 0; c < graph.size; ++c) {
      // The c-core by its definition.
      auto alive = all;
      for (bool is_same = false; !is_same;) {
        is_same = true;
        for (int v = 0; v < graph.size; ++v) {
          if (alive.has(v) && size_of_common(graph.neighbours[v], alive) < c) {
            alive.erase(v);
            is_same = false;
          }
        }
      }
      for (int v = 0; v < graph.size; ++v) ASSERT_EQ(core[v] >= c, alive.has(v));
    }
    for (int v = 0; v < graph.size; ++v) largest = std::max(largest, core[v] + 1);
    EXPECT_EQ(largest, last_core(graph).bound);
  }
}

TEST(Survivors, HoldTheInliersOfBetterPoses) {
  Draws draws(81);
  int less = 0;
  int poses = 0;
  for (std::uint64_t p = 0; p < 60; ++p) {
    auto options = SyntheticOptions::preset(p % 2 == 0 ? "std" : "wide");
    options.points = 50 + draws.below(250);
    options.outliers = draws.uniform(0.2, 0.9);
    const auto drawn = synthetic_problem(options, pose::testing::seed, p);
    std::vector<Vec3<double>> points;
    for (const Correspondence& c : drawn.correspondences) points.push_back(c.point);
    const UnitBall ball(points);
    std::vector<Correspondence> all = drawn.correspondences;
    for (Correspondence& c : all) c.point = ball.into(c.point);
    const Elimination eliminate(all, 64 * (1 + draws.below(4)));
    const Pose<double> truth = {drawn.truth.rotation, ball.into(drawn.truth.centre)};
    for (int k = 0; k < 40; ++k) {
      // Poses near the right one, and boxes of all sizes around them.
      const Vec3<double> turn = draws.scale(1e-5, 0.02) * draws.direction();
      const Vec3<double> shift = draws.scale(1e-5, 0.02) * draws.direction();
      const auto pose = moved(truth, {turn[0], turn[1], turn[2], shift[0], shift[1], shift[2]});
      std::vector<int> inside;
      for (std::size_t i = 0; i < all.size(); ++i) {
        if (is_inlier(pose, all[i])) inside.push_back(static_cast<int>(i));
      }
      const auto key = box_around(pose::testing::quaternion_of(pose.rotation), draws.below(12));
      const int enough = static_cast<int>(std::ssize(inside)) - 1 - draws.below(4);
      if (enough < 0) continue;
      const Survivors left = eliminate(box_of<double>(key), enough);
      ASSERT_GT(left.bound, enough);
      ASSERT_TRUE(
          std::includes(left.members.begin(), left.members.end(), inside.begin(), inside.end()));
      ++poses;
      less += std::ssize(left.members) < std::ssize(all) ? 1 : 0;
    }
  }
  EXPECT_GT(poses, 1000);
  EXPECT_GT(less, 500);
}

/// What a search came to.
struct Searched {
  std::vector<Correspondence> all;
  Found best;
  std::int64_t upper_bound;
  std::int64_t nodes;
  std::vector<CertifiedProblem::Node> closed;
  std::vector<int> order;
  BoundCounts statistics;
};

Searched search(const SyntheticProblem& drawn) {
  const auto& all = drawn.correspondences;
  CertifiedProblem problem(all, 64, 1, {});
  bnb::Search<CertifiedProblem> search(
      problem, {.gap = {}, .batch = 32, .keeps_closed = true, .max_nodes = 20'000});
  const auto seeded = seed_pose(all, 1, 500);
  if (seeded) search.offer(candidate(improved(all, seeded->pose)));
  search.begin(problem.roots());
  while (search.step()) {
  }
  const auto& found = *search.incumbent();
  return {all,
          {found.payload.pose, static_cast<int>(found.value), found.payload.cost},
          search.upper_bound(),
          search.counts().evaluated,
          search.closed(),
          problem.order(),
          problem.statistics()};
}

SyntheticProblem synthetic(int points, double outliers, std::uint64_t number) {
  auto options = SyntheticOptions::preset("std");
  options.points = points;
  options.outliers = outliers;
  return synthetic_problem(options, 1, number);
}

Certificate certificate_of(const Searched& s) {
  Certificate c;
  c.correspondences = s.all;
  c.pose = s.best.pose;
  c.consensus = s.best.inliers;
  c.allowed = s.upper_bound;
  c.upper_bound = s.upper_bound;
  c.block = 64;
  c.order = s.order;
  for (const auto& each : s.all) c.is_inlier.push_back(is_inlier(c.pose, each) ? 1 : 0);
  for (const auto& l : s.closed) c.leaves.push_back({l.word, l.bound, static_cast<long>(l.rule)});
  c.checksum = c.expected_checksum();
  return c;
}

TEST(CertifiedSearch, ClosesPlateausAndFindsWhatLeastSquaresMiss) {
  const SyntheticProblem drawn = synthetic(200, 0.5, 2);
  const Searched found = search(drawn);
  EXPECT_EQ(inliers(drawn.truth, drawn.correspondences), 100);
  EXPECT_EQ(found.best.inliers, 101);
  EXPECT_EQ(inliers(found.best.pose, found.all), 101);
  EXPECT_EQ(found.upper_bound, 101);
  EXPECT_GT(found.statistics.nested, 0);

  const Searched again = search(drawn);
  EXPECT_EQ(again.nodes, found.nodes);
  EXPECT_EQ(again.best.cost, found.best.cost);
  ASSERT_EQ(again.closed.size(), found.closed.size());
  for (std::size_t i = 0; i < found.closed.size(); ++i) {
    ASSERT_EQ(again.closed[i].word, found.closed[i].word);
    ASSERT_EQ(again.closed[i].bound, found.closed[i].bound);
  }
}

TEST(CertifiedSearch, IsProvenAnew) {
  int nested = 0;
  for (std::uint64_t p = 0; p < 8; ++p) {
    const Searched found = search(synthetic(300, 0.6, p));
    ASSERT_EQ(found.upper_bound, found.best.inliers);
    Certificate c = certificate_of(found);
    const Verdict verdict = verify(c);
    EXPECT_TRUE(verdict.is_proven) << verdict.why;
    nested += static_cast<int>(verdict.nested);

    // That the nested leaf around the pose had one inlier less than there is.
    const auto q = pose::testing::quaternion_of(c.pose.rotation);
    for (Leaf& leaf : c.leaves) {
      const BoxKey key(leaf.key);
      if (box_around(q, key.level()) != key) continue;
      leaf.bound = c.consensus - 1;
      leaf.rule = static_cast<std::int64_t>(Rule::nested);
    }
    c.checksum = c.expected_checksum();
    EXPECT_FALSE(verify(c).is_proven);
  }
  EXPECT_GT(nested, 10);
}

TEST(CertifiedSearch, BoundsWhatAnySampleExplains) {
  int above_seed = 0;
  for (std::uint64_t p = 0; p < 24; ++p) {
    auto options = SyntheticOptions::preset(p % 2 == 0 ? "std" : "wide");
    options.points = 6 + static_cast<int>(p % 7);
    options.outliers = 0.5;
    options.noise = 3 + static_cast<double>(p % 3) * 3;
    const SyntheticProblem drawn = synthetic_problem(options, pose::testing::seed, p);
    const Searched found = search(drawn);
    ASSERT_EQ(found.upper_bound, found.best.inliers);
    int most = 0;
    for (std::uint64_t sample = 0; sample < 40; ++sample) {
      const auto seeded = seed_pose(found.all, sample, 100);
      if (!seeded) continue;
      most = std::max(most, climbed(found.all, *seeded, sample, 200).inliers);
      above_seed += seeded->inliers < found.best.inliers ? 1 : 0;
    }
    EXPECT_LE(most, found.upper_bound);
  }
  EXPECT_GT(above_seed, 0);
}

}  // namespace

// SPDX-License-Identifier: BSD-3-Clause
// Claims: correspondences that elimination leaves out are no inliers of a pose with more than
// enough; boxes that a search over products proves hold no such pose; the certified search closes
// problems whose best consensus least squares miss, at no gap, the same way each time, and its
// certificate is proven anew, but not one that claims less.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "bnb/search.hpp"
#include "pose/estimate/seed.hpp"
#include "pose/search/certified.hpp"
#include "pose/verify/verify.hpp"
#include "unit/pose/problems.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::pose;
using driftwood::pose::testing::box_near;
using driftwood::pose::testing::Draws;
using driftwood::pose::testing::problem_with_ties;

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
  for (std::uint64_t p = 0; p < 40; ++p) {
    const auto problem = problem_with_ties(50 + draws.below(250), draws.uniform(0.2, 0.9), p);
    const auto& all = problem.correspondences;
    const Elimination eliminate(all, 64 * (1 + draws.below(4)));
    const int right = static_cast<int>(
        std::count(problem.is_right.begin(), problem.is_right.end(), true));
    for (int k = 0; k < 20; ++k) {
      const auto key = box_near(draws, problem.truth);
      const Box<double> box = box_of<double>(key);
      const int enough = draws.below(right + 20);
      const Survivors left = eliminate(box, enough);
      ASSERT_TRUE(std::is_sorted(left.members.begin(), left.members.end()));
      ASSERT_LE(std::ssize(left.members), std::ssize(all));
      less += left.bound > enough && std::ssize(left.members) < std::ssize(all) ? 1 : 0;
      // A pose of the box, at any centre: those of its inliers that are counted.
      const Rotation<double> r = rotation_of(draws.member(box));
      for (int c = 0; c < 5; ++c) {
        const Vec3<double> centre = draws.scale(0.3, 4) * draws.direction();
        std::vector<int> inside;
        for (std::size_t i = 0; i < all.size(); ++i) {
          if (is_inlier({r, centre}, all[i])) inside.push_back(static_cast<int>(i));
        }
        if (std::ssize(inside) <= enough) continue;
        ASSERT_GT(left.bound, enough);
        ASSERT_TRUE(std::includes(left.members.begin(), left.members.end(), inside.begin(),
                                  inside.end()));
      }
    }
  }
  EXPECT_GT(less, 50);
}

/// Ball, order and all of a synthetic problem, and a pose with many inliers.
struct Searched {
  std::vector<Correspondence> all;
  Found best;
  std::int64_t upper_bound;
  std::int64_t nodes;
  std::vector<CertifiedProblem::Node> closed;
  std::vector<int> order;
  CertifiedProblem::Statistics statistics;
};

Searched search(const SyntheticProblem& drawn) {
  const auto& all = drawn.correspondences;
  CertifiedProblem problem(all, 64, 1, {});
  bnb::Search<CertifiedProblem> search(
      problem, {.gap = {}, .batch = 32, .keeps_closed = true, .max_nodes = 20'000});
  const auto seeded = seed_pose(all, 1, 500);
  if (seeded) search.offer(problem.candidate(seeded->pose));
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
  for (const auto& l : s.closed) c.leaves.push_back({l.key, l.bound, static_cast<long>(l.rule)});
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
    ASSERT_EQ(again.closed[i].key, found.closed[i].key);
    ASSERT_EQ(again.closed[i].bound, found.closed[i].bound);
  }
}

TEST(CertifiedSearch, IsProvenAnew) {
  int nested = 0;
  for (std::uint64_t p = 0; p < 8; ++p) {
    const Searched found = search(synthetic(120 + 10 * static_cast<int>(p), 0.6, p));
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

}  // namespace

// SPDX-License-Identifier: BSD-3-Clause
// Claims: the bounds on cliques are in order, largest clique <= last core <= h-index, on random
// graphs of any density; the last core is the one found by removing one vertex at a time; to peel
// from the h-index down would not be a bound.
#include "pose/bounds/clique.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "unit/pose/draws.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::pose;
using driftwood::pose::testing::Draws;

template <int Words>
Graph<Words> random_graph(Draws& draws, int size, double density) {
  Graph<Words> graph;
  graph.size = size;
  for (int i = 0; i < size; ++i) {
    for (int j = 0; j < i; ++j) {
      if (draws.uniform() < density) graph.join(i, j);
    }
  }
  return graph;
}

/// By trying all sets of up to 14 vertices.
int largest_clique(const Graph<1>& graph) {
  int best = 0;
  for (std::uint64_t set = 0; set < (std::uint64_t{1} << graph.size); ++set) {
    bool all = true;
    for (int v = 0; v < graph.size && all; ++v) {
      const std::uint64_t others = set & ~(std::uint64_t{1} << v);
      all = ((set >> v) & 1) == 0 || (others & ~graph.neighbours[v].word[0]) == 0;
    }
    if (all) best = std::max(best, count_bits(set));
  }
  return best;
}

/// degeneracy + 1, by the largest minimum degree met on the way.
template <int Words>
int core_by_single_removals(const Graph<Words>& graph) {
  auto alive = VertexSet<Words>::first(graph.size);
  int bound = 0;
  for (int left = graph.size; left > 0; --left) {
    int least = -1;
    int degree = graph.size;
    for (int v = 0; v < graph.size; ++v) {
      const int d = alive.has(v) ? size_of_common(graph.neighbours[v], alive) : graph.size;
      if (d < degree) {
        least = v;
        degree = d;
      }
    }
    bound = std::max(bound, degree + 1);
    alive.erase(least);
  }
  return bound;
}

TEST(Clique, BoundsAreInOrder) {
  Draws draws(20);
  for (int k = 0; k < 200; ++k) {
    const auto graph = random_graph<1>(draws, draws.below(11), draws.uniform());
    const int clique = largest_clique(graph);
    const int core = last_core(graph).bound;
    EXPECT_LE(clique, core);
    EXPECT_LE(core, h_index(graph));
    EXPECT_EQ(core, core_by_single_removals(graph));
  }
}

TEST(Clique, CoresOfLargerGraphsAreThose) {
  Draws draws(21);
  for (int k = 0; k < 30; ++k) {
    const auto one = random_graph<1>(draws, 40 + draws.below(25), draws.uniform());
    const auto three = random_graph<3>(draws, 100 + draws.below(93), draws.uniform());
    EXPECT_EQ(last_core(one).bound, core_by_single_removals(one));
    EXPECT_EQ(last_core(three).bound, core_by_single_removals(three));
    EXPECT_LE(last_core(three).bound, h_index(three));
  }
}

TEST(Clique, OfAllAndOfNone) {
  EXPECT_EQ(last_core(Graph<1>{}).bound, 0);
  EXPECT_EQ(h_index(Graph<1>{}), 0);
  Draws draws(22);
  EXPECT_EQ(last_core(random_graph<1>(draws, 64, 2)).bound, 64);
  EXPECT_EQ(last_core(random_graph<2>(draws, 65, 2)).bound, 65);
  EXPECT_EQ(h_index(random_graph<2>(draws, 128, 2)), 128);
  EXPECT_EQ(last_core(random_graph<1>(draws, 64, 0)).bound, 1);
}

// Five hubs of ten leaves each beside a clique of four: five vertices have degrees of four and
// more, yet to drop all others leaves hubs without an edge, a "bound" of one.
TEST(Clique, IsNotBoundByPeelingFromTheHIndex) {
  Graph<1> graph;
  graph.size = 5 + 50 + 4;
  for (int hub = 0; hub < 5; ++hub) {
    for (int leaf = 0; leaf < 10; ++leaf) graph.join(hub, 5 + 10 * hub + leaf);
  }
  for (int i = 55; i < 59; ++i) {
    for (int j = 55; j < i; ++j) graph.join(i, j);
  }
  EXPECT_EQ(h_index(graph), 5);
  EXPECT_EQ(last_core(graph).bound, 4);

  auto alive = VertexSet<1>::first(graph.size);
  for (int v = 0; v < graph.size; ++v) {
    if (graph.neighbours[v].size() < h_index(graph) - 1) alive.erase(v);
  }
  EXPECT_EQ(alive.size(), 5);
  for (int v = 0; v < graph.size; ++v) {
    if (alive.has(v)) {
      EXPECT_EQ(size_of_common(graph.neighbours[v], alive), 0);
    }
  }
}

}  // namespace

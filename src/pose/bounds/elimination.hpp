// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Correspondences without which a box of rotations holds all poses that matter.
///
/// An inlier of a pose is in a clique of its block that all inliers of that block are in. Where
/// vertex i is in the c_i-core of the graph of a block, and in none beyond, cliques with it have
/// c_i + 1 vertices at most: a pose with the inlier i has no more inliers than the bounds of the
/// other blocks and the lesser of c_i + 1 and the bound of its own. Where that is not more than
/// enough, poses with more inliers than are enough do without i; and without it, other cores are
/// less.

#include <span>
#include <vector>

#include "pose/bounds/block.hpp"

namespace driftwood::pose {

/// The largest k such that a vertex is in the k-core of what is alive, for each of them.
template <int Words>
constexpr void core_numbers(const Graph<Words>& graph, VertexSet<Words> alive,
                            int (&core)[Graph<Words>::most]) {
  int left = alive.size();
  for (int k = 0; left > 0;) {
    VertexSet<Words> gone{};
    for (int v = 0; v < graph.size; ++v) {
      if (alive.has(v) && size_of_common(graph.neighbours[v], alive) <= k) gone.insert(v);
    }
    const int count = gone.size();
    if (count == 0) ++k;
    for (int v = 0; v < graph.size; ++v) {
      if (!gone.has(v)) continue;
      core[v] = k;
      alive.erase(v);
    }
    left -= count;
  }
}

struct Survivors {
  std::vector<int> members;  ///< places in the order of blocks
  int bound = 0;             ///< no pose has more inliers, or as many as are enough
};

/// Of the poses with a rotation in the ball that have more inliers than `enough`.
template <Real T, int Words>
[[nodiscard]] Survivors survivors_of(const std::vector<Block<T, Words>>& blocks,
                                     const RotationBall<T>& ball, int enough) {
  constexpr int most = Graph<Words>::most;
  struct State {
    Graph<Words> graph;
    VertexSet<Words> alive;
    int core[most];
    int bound;
  };
  std::vector<State> states(blocks.size());
  const auto refresh = [](State& s) {
    core_numbers(s.graph, s.alive, s.core);
    s.bound = 0;
    for (int v = 0; v < s.graph.size; ++v) {
      if (s.alive.has(v)) s.bound = max(s.bound, s.core[v] + 1);
    }
  };
  int sum = 0;
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    states[b].graph = blocks[b].consistent(ball);
    states[b].alive = VertexSet<Words>::first(blocks[b].size());
    refresh(states[b]);
    sum += states[b].bound;
  }
  for (bool is_stable = false; !is_stable && sum > enough;) {
    is_stable = true;
    for (State& s : states) {
      bool is_same = true;
      for (int v = 0; v < s.graph.size; ++v) {
        if (s.alive.has(v) && sum - s.bound + s.core[v] + 1 <= enough) {
          s.alive.erase(v);
          is_same = false;
        }
      }
      if (is_same) continue;
      sum -= s.bound;
      refresh(s);
      sum += s.bound;
      is_stable = false;
    }
  }
  Survivors out;
  out.bound = sum;
  if (sum <= enough) return out;
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    for (int v = 0; v < blocks[b].size(); ++v) {
      if (states[b].alive.has(v)) out.members.push_back(static_cast<int>(b) * most + v);
    }
  }
  return out;
}

}  // namespace driftwood::pose

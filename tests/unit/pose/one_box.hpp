// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Bounds of many boxes at once against those of one box after the other (A9).

#include <algorithm>
#include <vector>

#include "pose/bounds/block.hpp"
#include "pose/launch/box_bounds.hpp"
#include "unit/pose/problems.hpp"

namespace driftwood::pose::testing {

inline std::vector<BoxKey> some_boxes(Draws& draws, const TestProblem& problem, int count) {
  std::vector<BoxKey> out;
  for (int k = 0; k < count; ++k) out.push_back(box_near(draws, problem.truth));
  return out;
}

/// Whether a pair passes in double precision with twice the leaning of single precision: for each
/// sum that the kernel leans, and for the slack.
inline bool passes_loosely(const Correspondence& i, const Correspondence& j,
                           const Box<double>& box) {
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

/// Between what bounds in single precision must be: those of double precision, and of the loose
/// graph.
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

/// How many of as many boxes have bounds out of that range, of a synthetic problem with ties.
template <int Words>
int failures_of_launch(int component, int points, double outliers, int boxes) {
  Draws draws(component);
  const auto problem = problem_with_ties(points, outliers, Words);
  const std::span<const Correspondence> all = problem.correspondences;
  const auto keys = some_boxes(draws, problem, boxes);
  const auto blocks = blocks_of<double, Words>(all);
  BoxBounds bounds(all, 64 * Words);
  std::vector<int> core(keys.size());
  std::vector<int> h_index(keys.size());
  bounds.core(keys, -1, core);
  bounds.h_index(keys, -1, h_index);
  int failures = 0;
  for (std::size_t k = 0; k < keys.size(); ++k) {
    const Range range = by_one_box<Words>(all, blocks, keys[k]);
    const bool holds = core[k] >= range.core_least && core[k] <= range.core_most &&
                       h_index[k] >= range.h_index_least && h_index[k] <= range.h_index_most;
    failures += holds ? 0 : 1;
  }
  return failures;
}

}  // namespace driftwood::pose::testing

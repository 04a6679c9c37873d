// SPDX-License-Identifier: BSD-3-Clause
// Compiled with -fno-tree-vectorize: the reference for what packs gain.
#include <algorithm>
#include <vector>

#include "pose/bounds/clique.hpp"
#include "pose/bounds/ray_test.hpp"
#include "pose_kernel.hpp"

namespace driftwood::benchmarks {
namespace {
using namespace driftwood::pose;

constexpr std::size_t most = 64;

struct ScalarBlock {
  std::vector<Vec3<float>> bearings;
  std::vector<Vec3<float>> points;
  std::vector<RayTest<float>> tests;  // (1, 0), (2, 0), (2, 1), ...

  explicit ScalarBlock(std::span<const Correspondence> members) {
    for (std::size_t i = 0; i < members.size(); ++i) {
      bearings.push_back(rounded<float>(members[i].bearing));
      points.push_back(rounded<float>(members[i].point));
      for (std::size_t j = 0; j < i; ++j) tests.emplace_back(Pair(members[i], members[j]));
    }
  }

  void consistent(const RotationBall<float>& ball, std::vector<Ray<float>>& rays,
                  Graph<1>& graph) const {
    rays.clear();
    for (std::size_t i = 0; i < bearings.size(); ++i) {
      rays.emplace_back(ball.middle, bearings[i], points[i]);
    }
    graph.size = static_cast<int>(bearings.size());
    for (std::size_t i = 0; i < most; ++i) graph.neighbours[i] = {};
    const Angle<float> leaning = {ball.slack.sine + Rounding<float>::test, ball.slack.cosine};
    std::size_t k = 0;
    for (std::size_t i = 0; i < rays.size(); ++i) {
      const float own = dot(rays[i].bearing, rays[i].point) + Rounding<float>::gap;
      for (std::size_t j = 0; j < i; ++j, ++k) {
        const float apart =
            own + dot(rays[j].bearing, rays[j].point) -
            (dot(rays[i].bearing, rays[j].point) + dot(rays[j].bearing, rays[i].point));
        if (!tests[k].excludes(reciprocal_product(rays[i], rays[j]), apart, leaning)) {
          graph.join(static_cast<int>(i), static_cast<int>(j));
        }
      }
    }
  }
};

}  // namespace

struct ScalarBounds::Blocks {
  std::vector<ScalarBlock> all;
};

ScalarBounds::ScalarBounds(std::span<const Correspondence> all)
    : blocks_(std::make_unique<Blocks>()) {
  for (std::size_t at = 0; at < all.size(); at += most) {
    blocks_->all.emplace_back(all.subspan(at, std::min(most, all.size() - at)));
  }
}
ScalarBounds::~ScalarBounds() = default;

namespace {

template <class Blocks, class Rule>
void evaluate(const Blocks& blocks, std::span<const BoxKey> boxes, std::span<int> bounds,
              const Rule& rule) {
  std::vector<Ray<float>> rays;
  rays.reserve(most);
  Graph<1> graph;
  for (std::size_t b = 0; b < boxes.size(); ++b) {
    const RotationBall<float> ball(box_of<double>(boxes[b]));
    bounds[b] = 0;
    for (const ScalarBlock& block : blocks) {
      block.consistent(ball, rays, graph);
      bounds[b] += rule(graph);
    }
  }
}

}  // namespace

void ScalarBounds::h_index(std::span<const BoxKey> boxes, std::span<int> bounds) const {
  evaluate(blocks_->all, boxes, bounds, [](const Graph<1>& g) { return pose::h_index(g); });
}
void ScalarBounds::core(std::span<const BoxKey> boxes, std::span<int> bounds) const {
  evaluate(blocks_->all, boxes, bounds, [](const Graph<1>& g) { return last_core(g).bound; });
}

}  // namespace driftwood::benchmarks

// SPDX-License-Identifier: BSD-3-Clause
#include "pose/search/exhaustive.hpp"

#include <algorithm>

#include "pose/geometry/inside.hpp"
#include "pose/search/centre_problem.hpp"

namespace driftwood::pose {
static_assert(bnb::Problem<ExhaustiveProblem>);

ExhaustiveProblem::ExhaustiveProblem(std::span<const Correspondence> all, int level)
    : BoxTree(std::ssize(all)),
      all_(all),
      level_(level),
      ball_(ball_of(all)),
      counts_(counts_of_all(all, ball_)) {}

std::vector<ExhaustiveProblem::Node> ExhaustiveProblem::roots() const {
  std::vector<Node> out;
  const std::uint64_t paths = std::uint64_t{1} << (3 * level_);
  for (int chart = 0; chart < charts; ++chart) {
    for (std::uint64_t path = 0; path < paths; ++path) {
      out.push_back(root(BoxKey(chart, level_, path)));
    }
  }
  return out;
}

void ExhaustiveProblem::evaluate(std::span<Node> batch, Value) {
  const double widest = widest_threshold(all_);
  for (Node& node : batch) {
    const Box<double> box = node.box();
    const Angle<double> radius = radius_of(box);
    if (radians(radius) + widest >= pi / 2) continue;
    counts_.turn(rotation_of(box.middle()), radius);
    const MostAtRotation most = best_centre(counts_);
    ++boxes_;
    cells_ += most.cells;
    node.bound = std::min(node.bound, most.bound);
    node.rule = Rule::nested;
  }
}

std::optional<PoseCandidate> ExhaustiveProblem::try_improve(const Node& node) {
  const Rotation<double> middle = rotation_of(node.box().middle());
  counts_.turn(middle, {0, 1});
  const auto found = best_pose(counts_, middle, all_, ball_);
  return found ? std::optional(candidate(*found)) : std::nullopt;
}

}  // namespace driftwood::pose

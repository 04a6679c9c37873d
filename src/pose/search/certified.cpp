// SPDX-License-Identifier: BSD-3-Clause
#include "pose/search/certified.hpp"

#include <algorithm>
#include <numeric>

#include "pose/search/centre_problem.hpp"
#include "pose/search/deal.hpp"
#include "pose/search/inside.hpp"

namespace driftwood::pose {
static_assert(bnb::Problem<CertifiedProblem>);

CertifiedProblem::CertifiedProblem(std::span<const Correspondence> all, int block,
                                   std::uint64_t seed, const NestedOptions& nested)
    : BoxTree(std::ssize(all)),
      all_(all),
      options_(nested),
      widest_(widest_threshold(all)),
      ball_(ball_of(all)),
      order_(deal(all, block, seed)),
      inside_(inside(all, ball_, order_)),
      bounds_(inside_, block) {}

bool CertifiedProblem::wants_nested(const Node& node) const {
  const double radius = radians(radius_of(node.box()));
  // Cones of a right angle and more bound nothing.
  if (!options_.is_on || radius + widest_ >= pi / 2) return false;
  return radius <= options_.within * widest_ || node.fruitless >= options_.fruitless;
}

void CertifiedProblem::evaluate(std::span<Node> batch, Value enough_value) {
  const int enough = static_cast<int>(std::clamp<Value>(enough_value, -1, std::ssize(all_)));
  std::vector<Node*> open;
  const auto bound_open = [&](Rule rule, auto&& bounds) {
    keys_.clear();
    for (const Node* n : open) keys_.push_back(n->key());
    found_.resize(keys_.size());
    bounds(std::span<const BoxKey>(keys_), std::span<int>(found_));
    std::vector<Node*> left;
    for (std::size_t k = 0; k < open.size(); ++k) {
      Node& n = *open[k];
      if (found_[k] < n.bound) {
        n.bound = found_[k];
        n.rule = rule;
      }
      if (n.bound > enough) left.push_back(&n);
    }
    open = std::move(left);
  };

  std::vector<int> before;
  for (Node& n : batch) {
    open.push_back(&n);
    before.push_back(n.bound);
  }
  statistics_.h_index += std::ssize(open);
  bound_open(Rule::h_index, [&](auto keys, auto found) { bounds_.h_index(keys, enough, found); });
  statistics_.core += std::ssize(open);
  bound_open(Rule::core, [&](auto keys, auto found) { bounds_.core(keys, enough, found); });
  for (std::size_t k = 0; k < batch.size(); ++k) {
    Node& n = batch[k];
    if (n.bound < before[k]) {
      n.fruitless = 0;
    } else if (n.fruitless < 255) {
      ++n.fruitless;
    }
  }
  for (Node* n : open) {
    if (wants_nested(*n)) bound_by_centres(*n, enough);
  }
}

void CertifiedProblem::bound_by_centres(Node& node, int enough) {
  // Inliers of one pose lie in cores that are large enough... of all blocks together they need not:
  // those of the last cores alone may leave some out, so that all take part.
  std::vector<int> all(inside_.size());
  std::iota(all.begin(), all.end(), 0);
  CentreCounts counts(inside_, all);
  const Box<double> box = node.box();
  const Rotation<double> middle = rotation_of(box.middle());
  counts.turn(middle, radius_of(box));
  const MostAtRotation most = most_at_rotation(counts, enough, options_.most_cells);
  ++statistics_.nested;
  statistics_.cells += most.cells;
  if (most.bound < node.bound) {
    node.bound = most.bound;
    node.rule = Rule::nested;
  }
  if (most.witness && most.witness->w > 0) {
    const Vec3<double> centre = 1 / most.witness->w * most.witness->c;
    witness_ = Pose<double>{middle, ball_.out_of(centre)};
  }
}

bnb::Candidate<CertifiedProblem::Value, CertifiedProblem::Payload> CertifiedProblem::candidate(
    const Pose<double>& pose) const {
  const Found found = improved(all_, pose);
  return {found.inliers, {found.pose, found.cost}};
}

std::optional<bnb::Candidate<CertifiedProblem::Value, CertifiedProblem::Payload>>
CertifiedProblem::try_improve(const Node& node) {
  std::optional<bnb::Candidate<Value, Payload>> out;
  const auto offer = [&](const Found& found) {
    const bnb::Candidate<Value, Payload> next{found.inliers, {found.pose, found.cost}};
    if (!out || next.value > out->value ||
        (next.value == out->value && prefers(next.payload, out->payload))) {
      out = next;
    }
  };
  if (witness_) offer(improved(all_, *witness_));
  witness_.reset();
  std::vector<int> members;
  const std::vector<char> in_core = bounds_.core_members(node.key());
  for (std::size_t i = 0; i < in_core.size(); ++i) {
    if (in_core[i] != 0) members.push_back(order_[i]);
  }
  const Box<double> box = node.box();
  if (const auto found = from_members(all_, members, rotation_of(box.middle()))) offer(*found);
  return out;
}

}  // namespace driftwood::pose

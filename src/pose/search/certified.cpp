// SPDX-License-Identifier: BSD-3-Clause
#include "pose/search/certified.hpp"

#include <algorithm>

#include "pose/estimate/minimax.hpp"
#include "pose/geometry/inside.hpp"
#include "pose/search/deal.hpp"
#include "pose/search/product_problem.hpp"

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
      bounds_(inside_, block),
      block_(block) {}

bool CertifiedProblem::wants_nested(const Node& node, int enough) const {
  const double radius = radians(radius_of(node.box()));
  // Cones of a right angle and more bound nothing.
  if (!options_.is_on || radius + widest_ >= pi / 2) return false;
  if (radius <= options_.within * widest_) return true;
  return node.fruitless >= options_.fruitless && node.bound <= enough + options_.linear.excess;
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
    if (is_up_ && is_up_()) break;
    // What a witness explains is as good as found: it is asked for next.
    const int found = witness_ ? witness_->inliers : -1;
    const int more = std::max(enough, found);
    if (wants_nested(*n, more)) bound_by_centres(*n, more);
  }
}

void CertifiedProblem::bound_by_centres(Node& node, int enough) {
  if (node.bound <= enough) return;
  const Box<double> box = node.box();
  if (!eliminate_) eliminate_.emplace(inside_, block_);
  const Survivors left = (*eliminate_)(box, enough);
  ++statistics_.nested;
  if (left.bound <= enough) {
    node.bound = enough;
    node.rule = Rule::nested;
    return;
  }
  statistics_.survivors += std::ssize(left.members);
  CentreCounts counts(inside_, left.members);
  counts.turn(rotation_of(box.middle()), radius_of(box));
  const ProductOutcome found =
      most_in_box(counts, box, inside_, left.members, enough, options_.most_cells, options_.linear);
  statistics_.cells += found.cells;
  statistics_.fits += found.fits;
  if (found.is_proven) {
    node.bound = enough;
    node.rule = Rule::nested;
  }
  if (found.open && found.open->is_likely) look_for_witness(*found.open, enough);
}

void CertifiedProblem::look_for_witness(const ProductProblem::Open& open, int enough) {
  const auto start = pose_of(open.rotation, open.centre, ball_);
  if (!start) return;
  std::vector<int> members;
  for (const int i : open.members) members.push_back(order_[static_cast<std::size_t>(i)]);
  const auto fit = minimax(all_, members, *start);
  if (!fit) return;
  const Found found = counted(fit->pose, all_);
  if (found.inliers > enough && (!witness_ || better(found, *witness_))) witness_ = found;
}

std::optional<PoseCandidate> CertifiedProblem::try_improve(const Node& node) {
  std::optional<Found> best;
  const auto offer = [&](const Found& found) {
    if (!best || better(found, *best)) best = found;
  };
  if (witness_) {
    offer(*witness_);
    offer(improved(all_, witness_->pose));
  }
  witness_.reset();
  std::vector<int> members;
  const std::vector<char> in_core = bounds_.core_members(node.key());
  for (std::size_t i = 0; i < in_core.size(); ++i) {
    if (in_core[i] != 0) members.push_back(order_[i]);
  }
  const Box<double> box = node.box();
  if (const auto found = from_members(all_, members, rotation_of(box.middle()))) offer(*found);
  return best ? std::optional(candidate(*best)) : std::nullopt;
}

}  // namespace driftwood::pose

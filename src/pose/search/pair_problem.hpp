// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "bnb/problem.hpp"
#include "pose/launch/pair_counts.hpp"
#include "pose/search/box_node.hpp"

namespace driftwood::pose {

/// Pairs of correspondences, nearly `per_correspondence` times as many, for a search of rotations
/// alone: i and i + s of a drawn order, s = 1, 2, ... Those that constrain little, by more than 20
/// degrees of tilt, and points that coincide are left out.
[[nodiscard]] std::vector<Pair> ring_of_pairs(std::span<const Correspondence> all,
                                              double per_correspondence, std::uint64_t seed);

/// Which rotation is consistent with the most pairs: the surrogate of Liu et al. (2019), "A novel
/// method for the absolute pose problem with pairwise constraints", with the wedge and the sector
/// in place of a constant angle, which would reject pairs of inliers. A problem of branch and bound.
class PairProblem : public BoxTree {
 public:
  using Payload = Quaternion<double>;

  explicit PairProblem(std::span<const Pair> pairs)
      : BoxTree(std::ssize(pairs)), counts_(pairs) {}

  void evaluate(std::span<Node> batch, Value enough);
  [[nodiscard]] std::optional<bnb::Candidate<Value, Payload>> try_improve(const Node& node);
  [[nodiscard]] bool prefers(const Payload& a, const Payload& b) const;

 private:
  PairCounts counts_;
  std::vector<BoxKey> keys_;
  std::vector<int> found_;
};

}  // namespace driftwood::pose

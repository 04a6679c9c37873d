// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "bnb/problem.hpp"
#include "pose/launch/centre_counts.hpp"
#include "pose/search/box_node.hpp"
#include "pose/search/pose_candidate.hpp"

namespace driftwood::pose {

/// Every box of one level, each searched over camera centres to the end: what other searches are
/// checked by. For a dozen correspondences. A problem of branch and bound whose roots have no
/// children.
class ExhaustiveProblem : public BoxTree {
 public:
  using Payload = PosePayload;

  ExhaustiveProblem(std::span<const Correspondence> all, int level);

  /// 4 8^level.
  [[nodiscard]] std::vector<Node> roots() const;
  void evaluate(std::span<Node> batch, Value enough);
  [[nodiscard]] bool is_minimal(const Node&) const { return true; }
  /// At the middle of the box, from the centre that explains most there.
  [[nodiscard]] std::optional<PoseCandidate> try_improve(const Node& node);
  [[nodiscard]] bool prefers(const Payload& a, const Payload& b) const { return a < b; }

  [[nodiscard]] std::int64_t boxes() const { return boxes_; }
  [[nodiscard]] std::int64_t cells() const { return cells_; }

 private:
  std::span<const Correspondence> all_;
  int level_;
  UnitBall ball_;
  CentreCounts counts_;
  std::int64_t boxes_ = 0;
  std::int64_t cells_ = 0;
};

}  // namespace driftwood::pose

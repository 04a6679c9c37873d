// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "bnb/problem.hpp"
#include "pose/launch/centre_counts.hpp"

namespace driftwood::pose {

/// Which camera centre explains the most correspondences at one rotation: a search over all centres
/// there are. A problem of branch and bound.
class CentreProblem {
 public:
  struct Node {
    std::uint64_t key;  ///< a `BoxKey` of a chart of centres
    std::int32_t bound;
  };
  using Value = std::int64_t;
  using Payload = Centre<double>;

  /// At the rotation that `counts` was turned to last, which must outlive this.
  explicit CentreProblem(CentreCounts& counts) : counts_(counts) {}

  [[nodiscard]] std::vector<Node> roots() const;
  void children(const Node& node, std::vector<Node>& out) const;
  void evaluate(std::span<Node> batch, Value enough);
  [[nodiscard]] Value bound(const Node& node) const { return node.bound; }
  [[nodiscard]] bool goes_first(const Node& a, const Node& b) const;
  [[nodiscard]] std::uint64_t key(const Node& node) const { return node.key; }
  [[nodiscard]] bool is_minimal(const Node& node) const {
    return BoxKey(node.key).level() >= deepest_level;
  }
  [[nodiscard]] std::optional<bnb::Candidate<Value, Payload>> try_improve(const Node& node) const;
  [[nodiscard]] bool prefers(const Payload&, const Payload&) const { return false; }

 private:
  CentreCounts& counts_;
  std::vector<CentreCell<double>> cells_;
  std::vector<int> found_;
};

/// What is known of the most correspondences that a centre explains.
struct MostAtRotation {
  int bound = 0;                          ///< no centre explains more
  std::optional<Centre<double>> witness;  ///< explains more than was asked about
  std::int64_t cells = 0;                 ///< that were looked at
};

/// Searches until no centre can explain more than `enough`, one does, or `most_cells` were looked
/// at: only then the bound is above `enough` without a witness.
[[nodiscard]] MostAtRotation most_at_rotation(CentreCounts& counts, int enough,
                                              std::int64_t most_cells);

/// Searches to the end: the witness explains as many as the bound says, or as many as were found
/// where cells came to be smallest.
[[nodiscard]] MostAtRotation best_centre(CentreCounts& counts);

}  // namespace driftwood::pose

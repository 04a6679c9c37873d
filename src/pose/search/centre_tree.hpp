// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "pose/launch/centre_counts.hpp"

namespace driftwood::pose {

/// A cell of camera centres in a search over all there are.
struct CentreNode {
  std::uint64_t key;  ///< a `BoxKey` of a chart of centres
  std::int32_t bound;
};

/// What problems of branch and bound over such cells have in common, at one rotation.
class CentreTree {
 public:
  using Node = CentreNode;
  using Value = std::int64_t;

  /// At the rotation that `counts` was turned to last, which must outlive this.
  explicit CentreTree(CentreCounts& counts) : counts_(counts) {}

  [[nodiscard]] std::vector<Node> roots() const {
    std::vector<Node> out;
    for (int chart = 0; chart < centre_charts; ++chart) {
      out.push_back({BoxKey(chart, 0, 0).word, counts_.size()});
    }
    return out;
  }
  void children(const Node& node, std::vector<Node>& out) const {
    const BoxKey key(node.key);
    for (int part = 0; part < 8; ++part) out.push_back({key.child(part).word, node.bound});
  }
  [[nodiscard]] Value bound(const Node& node) const { return node.bound; }
  /// Smaller cells first.
  [[nodiscard]] bool goes_first(const Node& a, const Node& b) const {
    const int level_a = BoxKey(a.key).level();
    const int level_b = BoxKey(b.key).level();
    return level_a != level_b ? level_a > level_b : a.key < b.key;
  }
  [[nodiscard]] std::uint64_t key(const Node& node) const { return node.key; }
  [[nodiscard]] bool is_minimal(const Node& node) const {
    return BoxKey(node.key).level() >= deepest_level;
  }

 protected:
  [[nodiscard]] static CentreCell<double> cell(const Node& node) {
    return cell_of(BoxKey(node.key));
  }
  /// Lowers bounds to what the cells may explain.
  void count(std::span<Node> batch) {
    cells_.clear();
    for (const Node& n : batch) cells_.push_back(cell(n));
    found_.resize(batch.size());
    counts_(cells_, found_);
    for (std::size_t k = 0; k < batch.size(); ++k) {
      batch[k].bound = std::min(batch[k].bound, found_[k]);
    }
  }
  [[nodiscard]] const CentreCounts& counts() const { return counts_; }

 private:
  CentreCounts& counts_;
  std::vector<CentreCell<double>> cells_;
  std::vector<int> found_;
};

}  // namespace driftwood::pose

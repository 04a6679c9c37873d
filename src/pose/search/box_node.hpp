// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Nodes of searches over boxes of rotations, whatever is counted in them.

#include <cstdint>
#include <vector>

#include "pose/geometry/box.hpp"
#include "pose/search/rule.hpp"

namespace driftwood::pose {

struct BoxNode {
  std::uint64_t word;  ///< of its `BoxKey`
  std::int32_t bound;
  Rule rule;               ///< by what argument
  std::uint8_t fruitless;  ///< splits since the bound fell

  [[nodiscard]] BoxKey key() const { return BoxKey(word); }
  [[nodiscard]] Box<double> box() const { return box_of<double>(key()); }
};

/// What problems of branch and bound over such nodes have in common.
class BoxTree {
 public:
  using Node = BoxNode;
  using Value = std::int64_t;

  /// Counts at most `most`.
  explicit BoxTree(std::int64_t most) : most_(static_cast<std::int32_t>(most)) {}

  /// The four charts.
  [[nodiscard]] std::vector<Node> roots() const {
    std::vector<Node> out;
    for (int chart = 0; chart < charts; ++chart) out.push_back(root(BoxKey(chart, 0, 0)));
    return out;
  }
  void children(const Node& node, std::vector<Node>& out) const {
    for (int part = 0; part < 8; ++part) {
      out.push_back({node.key().child(part).word, node.bound, node.rule, node.fruitless});
    }
  }
  [[nodiscard]] Value bound(const Node& node) const { return node.bound; }
  /// Larger boxes first.
  [[nodiscard]] bool goes_first(const Node& a, const Node& b) const {
    const int level_a = a.key().level();
    const int level_b = b.key().level();
    return level_a != level_b ? level_a < level_b : a.word < b.word;
  }
  [[nodiscard]] std::uint64_t key(const Node& node) const { return node.word; }
  [[nodiscard]] bool is_minimal(const Node& node) const {
    return node.key().level() >= deepest_level;
  }

 protected:
  [[nodiscard]] Node root(const BoxKey& key) const { return {key.word, most_, Rule::none, 0}; }

 private:
  std::int32_t most_;
};

}  // namespace driftwood::pose

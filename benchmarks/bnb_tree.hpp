// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "bnb/problem.hpp"

namespace driftwood::benchmarks {

/// A tree of nodes with eight children each, of which chance decides how many must be branched, as
/// in the search for poses with a known incumbent: their number grows by `growth` per level, and
/// after `levels` levels shrinks by `decay`. Subtrees of the lower part end early or late by
/// chance, which makes them as uneven as work for many ranks can be: Olivier et al. (2006), "UTS:
/// an unbalanced tree search benchmark". The same on any ranks.
class BnbTree {
 public:
  using Value = std::int32_t;
  using Payload = std::int32_t;
  struct Node {
    std::uint64_t key = 0;
    std::int32_t bound = 0;
    std::int32_t level = 0;
  };

  static constexpr int children_of_each = 8;

  BnbTree(std::uint64_t seed, int levels, double growth = 3, double decay = 0.9)
      : seed_(seed), levels_(levels), growth_(growth), decay_(decay) {}

  [[nodiscard]] std::vector<Node> roots() const {
    std::vector<Node> out;
    for (std::uint64_t i = 0; i < 4; ++i) out.push_back({mixed(seed_ * 4 + i), 0, 0});
    return out;
  }
  void children(const Node& node, std::vector<Node>& out) const {
    for (std::uint64_t i = 1; i <= children_of_each; ++i) {
      out.push_back({mixed(node.key + i * 0x9e3779b97f4a7c15), node.bound, node.level + 1});
    }
  }
  void evaluate(std::span<Node> batch, Value /*enough*/) {
    for (Node& node : batch) {
      const double mean = node.level <= levels_ ? growth_ : decay_;
      const std::uint64_t bits = mixed(node.key);
      if (node.level == 0) {
        node.bound = 1000;
      } else if (static_cast<double>(bits >> 11) * 0x1p-53 < mean / children_of_each) {
        node.bound = std::max(1, node.bound - static_cast<std::int32_t>(bits % 3));
      } else {
        node.bound = 0;
      }
    }
    if (after_evaluating) after_evaluating(batch.size());
  }
  [[nodiscard]] Value bound(const Node& node) const { return node.bound; }
  [[nodiscard]] bool goes_first(const Node& a, const Node& b) const {
    return a.level > b.level || (a.level == b.level && a.key < b.key);
  }
  [[nodiscard]] std::uint64_t key(const Node& node) const { return node.key; }
  [[nodiscard]] bool is_minimal(const Node& /*node*/) const { return false; }
  [[nodiscard]] std::optional<bnb::Candidate<Value, Payload>> try_improve(const Node& /*node*/) {
    return std::nullopt;
  }
  [[nodiscard]] bool prefers(Payload a, Payload b) const { return a < b; }

  std::function<void(std::size_t)> after_evaluating;  ///< gets the number of nodes

 private:
  /// Steele, Lea and Flood (2014).
  [[nodiscard]] static std::uint64_t mixed(std::uint64_t z) {
    z += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
  }

  std::uint64_t seed_;
  int levels_;
  double growth_;
  double decay_;
};
static_assert(bnb::Problem<BnbTree>);

}  // namespace driftwood::benchmarks

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Wahba's problem (1965) with outliers: which rotation turns the most of given directions to
/// within a threshold each of others. That is the pose of a camera whose centre is known: 0, here.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "bnb/problem.hpp"
#include "pose/bounds/hopf.hpp"
#include "pose/search/box_node.hpp"

namespace driftwood::pose {

/// Correspondences as sights from 0: their points are made unit vectors, and those at 0 left out,
/// as no rotation explains them.
[[nodiscard]] std::vector<Correspondence> directions_of(std::span<const Correspondence> all);

/// Over boxes of rotations: a correspondence may be explained in one if it is at the middle, within
/// its threshold and the radius of the box. A problem of branch and bound.
class RotationProblem : public BoxTree {
 public:
  using Payload = Rotation<double>;

  explicit RotationProblem(std::span<const Correspondence> all)
      : BoxTree(std::ssize(all)), all_(directions_of(all)) {}

  void evaluate(std::span<Node> batch, Value enough);
  /// The best of the rotations that turn the z axis to where the middle does.
  [[nodiscard]] std::optional<bnb::Candidate<Value, Payload>> try_improve(const Node& node) const;
  [[nodiscard]] bool prefers(const Payload& a, const Payload& b) const;

 private:
  std::vector<Correspondence> all_;
};

/// Over cells of where the z axis goes, the angle about it swept: of two dimensions instead of
/// three, at O(N log N) a cell. A problem of branch and bound.
class SweptRotationProblem {
 public:
  struct Node {
    std::uint64_t word;  ///< of its `SphereKey`
    std::int32_t bound;

    [[nodiscard]] SphereKey key() const { return {word}; }
  };
  using Value = std::int64_t;
  using Payload = Rotation<double>;

  explicit SweptRotationProblem(std::span<const Correspondence> all) : all_(directions_of(all)) {}

  /// The six faces.
  [[nodiscard]] std::vector<Node> roots() const;
  void children(const Node& node, std::vector<Node>& out) const;
  void evaluate(std::span<Node> batch, Value enough);
  [[nodiscard]] Value bound(const Node& node) const { return node.bound; }
  /// Larger cells first.
  [[nodiscard]] bool goes_first(const Node& a, const Node& b) const;
  [[nodiscard]] std::uint64_t key(const Node& node) const { return node.word; }
  [[nodiscard]] bool is_minimal(const Node& node) const {
    return node.key().level() >= SphereKey::deepest_level;
  }
  /// The best of the rotations that turn the z axis to the middle of the cell.
  [[nodiscard]] std::optional<bnb::Candidate<Value, Payload>> try_improve(const Node& node) const;
  [[nodiscard]] bool prefers(const Payload& a, const Payload& b) const;

 private:
  std::vector<Correspondence> all_;
};

}  // namespace driftwood::pose

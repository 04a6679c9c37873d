// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "pose/geometry/box.hpp"
#include "pose/geometry/residual.hpp"

namespace driftwood::pose {

/// Bounds of many boxes at once on how many inliers a pose has whose rotation is in the box: sums
/// over blocks of correspondences of what bounds the largest clique of pairs that may both be
/// inliers. In single precision, leaning to the side that keeps a box (bounds/rounding.hpp). What
/// `most_inliers` of bounds/block.hpp computes of one box after the other; O(N block) each. Roots,
/// which are wider than a quarter of a turn, are bounded by the number of correspondences.
class BoxBounds {
 public:
  /// Of correspondences whose points lie in the unit ball, cut into blocks of `block` (64, 128, 192
  /// or 256) in their order, the last with the rest. Throws `UsageError` for another size, and
  /// where there is no correspondence.
  BoxBounds(std::span<const Correspondence> all, int block);
  BoxBounds(BoxBounds&&) noexcept;
  BoxBounds& operator=(BoxBounds&&) noexcept;
  ~BoxBounds();

  /// `bounds` of each of `boxes`, which do not depend on what other boxes there are. One that comes
  /// to be at most `enough` may stay at any number from there to `enough`; others are exact, all
  /// where that is negative. By the h-index of degrees within blocks.
  void h_index(std::span<const BoxKey> boxes, int enough, std::span<int> bounds);
  /// By the last core of each block: never more, and slower.
  void core(std::span<const BoxKey> boxes, int enough, std::span<int> bounds);

  /// Which correspondences are in the last core of their block: among them are most of the inliers
  /// of the best pose, and few others, where the box is small.
  [[nodiscard]] std::vector<char> core_members(BoxKey box);

  [[nodiscard]] int size() const;
  [[nodiscard]] int block() const;
  /// What tables of pairs take on the device [bytes].
  [[nodiscard]] std::size_t bytes() const;

 private:
  struct Launches;
  std::unique_ptr<Launches> launches_;
};

}  // namespace driftwood::pose

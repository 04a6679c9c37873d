// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A claim on one problem and what proves it: boxes that tile all rotations, none of which holds a
/// pose with more inliers than said.

#include <cstdint>
#include <string>
#include <vector>

#include "pose/geometry/residual.hpp"
#include "pose/search/leaf.hpp"

namespace driftwood::pose {

struct Certificate {
  std::vector<Correspondence> correspondences;
  Pose<double> pose;
  std::vector<char> is_inlier;  ///< of the pose
  std::int64_t consensus = 0;   ///< its inliers
  std::int64_t allowed = 0;     ///< no pose has more, it says
  std::int64_t upper_bound = 0;
  std::int64_t block = 64;
  std::vector<int> order;  ///< of correspondences in blocks
  std::vector<Leaf> leaves;
  std::uint64_t checksum = 0;

  /// What `checksum` is of all the rest. That of leaves does not depend on their order.
  [[nodiscard]] std::uint64_t sum_of_leaves() const;
  [[nodiscard]] std::uint64_t expected_checksum() const;
};

/// Part of it: leaves may be on several ranks, whose sums are added.
[[nodiscard]] std::uint64_t hash_of(const Leaf& leaf);
/// Of everything but leaves, and of their sum.
[[nodiscard]] std::uint64_t checksum_of(const Certificate& without_leaves,
                                        std::uint64_t sum_of_leaves);

}  // namespace driftwood::pose

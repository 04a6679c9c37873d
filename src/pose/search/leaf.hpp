// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace driftwood::pose {

/// A box of rotations that was not searched further.
struct Leaf {
  std::uint64_t key;   ///< a `BoxKey`
  std::int64_t bound;  ///< no pose in it has more inliers
  std::int64_t rule;   ///< a `Rule`: by what argument
};

}  // namespace driftwood::pose

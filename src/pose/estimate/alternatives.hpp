// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <vector>

#include "pose/estimate/consensus.hpp"

namespace driftwood::pose {

/// Other poses than `best` that explain much: at least `share` of what it does, turned from it and
/// from each other by more than `apart` radians, or with less than half of their inliers in common,
/// in the order of `better`. There may be two for a
/// plane seen with little perspective, and for wrong matches that agree on a pose of their own.
/// Looked for among the poses of 300 triples of inliers, and by `seed_pose` among the rest, at most
/// four times: others may exist. A pure function of the arguments.
[[nodiscard]] std::vector<Found> alternatives(std::span<const Correspondence> all,
                                              const Found& best, double share, double apart,
                                              std::uint64_t seed);

}  // namespace driftwood::pose

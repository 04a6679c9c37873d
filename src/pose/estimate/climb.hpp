// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "pose/estimate/consensus.hpp"

namespace driftwood::pose {

/// A pose that explains more than `start` does, or as much at less cost, by `tries` random moves
/// of at most about the uncertainty of its least squares, each kept if it is better; `start` where
/// none is, or where the correspondences do not determine a pose. A pure function of its arguments.
/// Where thresholds cut through the noise of inliers this finds some percent more than `improved`.
[[nodiscard]] Found climbed(std::span<const Correspondence> all, const Found& start,
                            std::uint64_t seed, int tries);

}  // namespace driftwood::pose

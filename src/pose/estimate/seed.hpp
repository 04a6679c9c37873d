// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>

#include "pose/estimate/consensus.hpp"

namespace driftwood::pose {

/// A pose that explains much, to start from: RANSAC over triples of points with local optimisation
/// (Chum, Matas and Kittler 2003), at most `samples` of them, fewer where chance has by then missed
/// no such consensus. A pure function of its arguments. None where no triple has a pose. Of more
/// than 4096 correspondences, as many are drawn to choose by.
[[nodiscard]] std::optional<Found> seed_pose(std::span<const Correspondence> all,
                                             std::uint64_t seed, int samples);

}  // namespace driftwood::pose

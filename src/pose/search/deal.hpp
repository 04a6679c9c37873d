// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "pose/geometry/residual.hpp"

namespace driftwood::pose {

/// An order of correspondences such that blocks of `block` of them, one after the other, each span
/// the field of view: pairs of bearings far apart constrain most. `seed` shuffles what is close to
/// each other. Returns numbers of correspondences.
[[nodiscard]] std::vector<int> deal(std::span<const Correspondence> all, int block,
                                    std::uint64_t seed);

}  // namespace driftwood::pose

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "base/portability.hpp"
#include "stats/moments.hpp"

namespace driftwood::stats {

/// Values of a wave of paths: one row per channel, then a row of weights, 1 for a path that counts
/// and 0 for one that does not. Whole blocks, contiguous along the paths.
using Channels = Kokkos::View<double**, Kokkos::LayoutRight, Memory>;

/// Records of a wave's blocks: (block, doubles of all times).
using BlockRecords = Kokkos::View<double**, Kokkos::LayoutRight, Memory>;

/// Launches the kernels that fill the records' part for one output time. Two passes, mean first:
/// a block's values are still in cache. The order of the sums is fixed by the lane width alone.
void block_moments(const MomentLayout& layout, std::int64_t time, const Channels& channels,
                   std::int64_t blocks, const BlockRecords& records);

}  // namespace driftwood::stats

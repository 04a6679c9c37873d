// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "stats/block_moments.hpp"

namespace driftwood::sde {

/// Puts the means of pairs of paths, columns 2 k and 2 k + 1, into as many rows below the first
/// `values` rows, the same for both paths of a pair, and lets none count without the other.
void add_means_of_pairs(const stats::Channels& channels, std::int64_t values, std::int64_t columns);

}  // namespace driftwood::sde

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "random/design_key.hpp"

namespace driftwood::natgrad {

using random::DesignKey;
using random::FeatureLaw;

/// What drawn rows are for: those of different sources are independent.
enum class RowSource {
  design,      ///< the rows that are learnt from
  unlabelled,  ///< further ones, for an estimate of the Fisher matrix
  hidden,      ///< of features that labels depend on and no row shows
};

/// Writes rows [first, first + n) of a design, by columns: feature j of row first + i, scales[j]
/// times a number of variance 1, goes to to[i + j n].
void draw_rows(const DesignKey& key, RowSource source, FeatureLaw law, std::uint64_t first,
               std::size_t n, std::span<const double> scales, double* to);

}  // namespace driftwood::natgrad

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

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

/// Writes one number for each of the rows [first, first + n), uniform on (0, 1).
void draw_uniforms(const DesignKey& key, RowSource source, std::uint64_t first,
                   std::span<double> to);

/// The numbers 0 ... n - 1 in a random order.
[[nodiscard]] std::vector<std::size_t> shuffled(const DesignKey& key, std::size_t n);

/// Writes `to.size()` numbers below n, uniform and independent: what a bootstrap looks at.
void draw_resample(const DesignKey& key, std::size_t n, std::span<std::size_t> to);

}  // namespace driftwood::natgrad

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>

#include "natgrad/large/large_replica.hpp"

namespace driftwood::natgrad {

/// Probes of either trace in one solve.
inline constexpr std::int64_t most_together = 64;

/// How a large design is held.
struct LargePlan {
  static constexpr double block_bytes = 64 << 20;  ///< of rows that are drawn anew

  bool is_stored = false;
  std::size_t together = 0;  ///< probes of either trace in one solve
  double bytes = 0;          ///< of a rank
};

[[nodiscard]] LargePlan large_plan(int ranks, std::size_t n, std::size_t d,
                                   const LargeOptions& options);

}  // namespace driftwood::natgrad

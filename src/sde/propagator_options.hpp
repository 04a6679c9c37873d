// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace driftwood::sde {

/// What a propagator needs to know besides its model.
struct PropagatorOptions {
  double end;          ///< [time]
  std::int64_t steps;  ///< equal steps from 0 to `end`
  std::uint64_t seed;
  std::int64_t capacity;  ///< paths of the largest wave
};

enum class Precision { single_, double_ };

}  // namespace driftwood::sde

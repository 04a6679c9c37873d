// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace driftwood::sde {

/// How Levy areas are drawn.
enum class LevyAreas {
  series,               ///< Fourier series, for convergence of paths
  conditional_gaussian  ///< normals with the right mean and variance given W and H, for
                        ///< expectations
};

/// What a propagator needs to know besides its model.
struct PropagatorOptions {
  double end;          ///< [time]
  std::int64_t steps;  ///< equal steps from 0 to `end`
  std::uint64_t seed;
  std::int64_t capacity;    ///< paths of the largest wave
  bool antithetic = false;  ///< paths 2 k and 2 k + 1 start alike and see W and -W
  LevyAreas levy_areas = LevyAreas::series;
};

enum class Precision { single_, double_ };

}  // namespace driftwood::sde

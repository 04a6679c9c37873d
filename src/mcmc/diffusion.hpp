// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "mcmc/chain.hpp"
#include "mcmc/diffusion_noise.hpp"
#include "random/levy.hpp"

namespace driftwood::mcmc {

/// Methods for Ito diffusions.
enum class DiffusionScheme { em, srk_id, platen_w2 };

/// What stands for the Levy areas of a step.
enum class LevyAreas {
  none,        ///< they are 0
  talay,       ///< a fair coin each, +-h/2: for expectations
  wiktorsson,  ///< a series and a normal for what it leaves out: for paths
};

/// A step of an Ito diffusion. Vectors and numbers of its own are those of the sampler.
struct DiffusionStep {
  DiffusionScheme scheme = DiffusionScheme::em;
  LevyAreas areas = LevyAreas::none;
  random::LevyTerms terms{};  ///< of the series
  double h = 0;
  const double* scale = nullptr;  ///< (dim); null: x = z

  static constexpr int vectors = 8;

  /// Number of the pair of coordinates i < j among the numbers of the sampler.
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION static int pair(int i, int j, int dim) {
    return Number::own + i * (2 * dim - i - 1) / 2 + j - i - 1;
  }
};

}  // namespace driftwood::mcmc

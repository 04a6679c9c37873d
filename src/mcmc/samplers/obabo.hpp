// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "mcmc/samplers/kinetic.hpp"

namespace driftwood::mcmc {

/// Bussi and Parrinello (2007), "Accurate sampling using Langevin dynamics", eq. (18)-(20): half of
/// friction and noise (O), half a kick (B), a drift (A), and the halves again.
struct Obabo : Splitting<Pieces<2, 'O', 'B', 'A'>, Pieces<3, 'B', 'O'>> {
  static constexpr SamplerTraits traits = {
      .name = "obabo",
      .summary = "kinetic Langevin by splitting, velocities exact on Gaussians",
      .vectors = 1,
      .bias_order = 2,
      .energy_variance = 1e-3,
      .trial = Trial::leapfrog};
};

}  // namespace driftwood::mcmc

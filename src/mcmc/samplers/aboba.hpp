// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "mcmc/samplers/kinetic.hpp"

namespace driftwood::mcmc {

/// Leimkuhler and Matthews (2013), as `Baoab`: A half, B half, O, B half, A half. The gradient and
/// the potential are those in the middle of the step.
struct Aboba : Splitting<Pieces<0, 'A'>, Pieces<0, 'B', 'O', 'B', 'A'>> {
  static constexpr SamplerTraits traits = {
      .name = "aboba",
      .summary =
          "kinetic Langevin by splitting, forces in the middle, positions exact on Gaussians",
      .vectors = 1,
      .bias_order = 2,
      .energy_variance = 1e-3,
      .trial = Trial::leapfrog};
};

}  // namespace driftwood::mcmc

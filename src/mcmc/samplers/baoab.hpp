// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "mcmc/samplers/kinetic.hpp"

namespace driftwood::mcmc {

/// Leimkuhler and Matthews (2013), "Rational construction of stochastic numerical methods for
/// molecular sampling", section 2: B half, A half, O, A half, B half.
struct Baoab : Splitting<Pieces<0, 'B', 'A', 'O', 'A'>, Pieces<0, 'B'>> {
  static constexpr SamplerTraits traits = {
      .name = "baoab",
      .summary = "kinetic Langevin by splitting, positions exact on Gaussians",
      .vectors = 1,
      .bias_order = 2,
      .energy_variance = 1e-3,
      .trial = Trial::leapfrog};
};

}  // namespace driftwood::mcmc

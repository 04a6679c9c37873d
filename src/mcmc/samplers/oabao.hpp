// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "mcmc/samplers/kinetic.hpp"

namespace driftwood::mcmc {

/// Leimkuhler and Matthews (2013), as `Baoab`: O half, A half, B, A half, O half. The gradient and
/// the potential are those in the middle of the step.
struct Oabao : Splitting<Pieces<2, 'O', 'A'>, Pieces<3, 'B', 'A', 'O'>> {
  static constexpr SamplerTraits traits = {
      .name = "oabao",
      .summary = "kinetic Langevin by splitting, one kick in the middle",
      .vectors = 1,
      .bias_order = 2,
      .energy_variance = 1e-3,
      .trial = Trial::leapfrog};
};

}  // namespace driftwood::mcmc

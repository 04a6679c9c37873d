// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "mcmc/samplers/kinetic.hpp"

namespace driftwood::mcmc {

/// Zapatero (2017), "Word series for the numerical integration of stochastic differential
/// equations", and Sanz-Serna and Zygalakis (2021), "Wasserstein distance estimates for the
/// distributions of numerical approximations to ergodic stochastic differential equations": all but
/// the force (U) over half the step, exactly, a kick (B) over all of it, U again. The gradient and
/// the potential are those in the middle of the step.
struct Ubu : Splitting<Pieces<2, 'U'>, Pieces<3, 'B', 'U'>> {
  static constexpr SamplerTraits traits = {
      .name = "ubu",
      .summary = "kinetic Langevin by splitting, all but the force exact: strong order 2",
      .vectors = 1,
      .bias_order = 2,
      .energy_variance = 1e-3,
      .trial = Trial::leapfrog};
};

}  // namespace driftwood::mcmc

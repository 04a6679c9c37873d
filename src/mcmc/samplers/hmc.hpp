// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "mcmc/samplers/trajectory.hpp"

namespace driftwood::mcmc {

/// Hamiltonian Monte Carlo. Duane, Kennedy, Pendleton and Roweth (1987), "Hybrid Monte Carlo"; Neal
/// (2011), "MCMC using Hamiltonian dynamics", section 5.3.
struct Hmc : TrajectoryLength {
  static constexpr SamplerTraits traits = {.name = "hmc",
                                           .summary = "Hamiltonian Monte Carlo",
                                           .gradients = 0,
                                           .vectors = HamiltonianTrajectory::vectors,
                                           .numbers = HamiltonianTrajectory::numbers,
                                           .acceptance = 0.8,
                                           .energy = HamiltonianTrajectory::energy_at_start};

  template <class T>
  void step(T& tile, double h) const {
    HamiltonianTrajectory::follow(tile, steps(tile, h, HamiltonianTrajectory::usual_length), 0.0);
  }
};

}  // namespace driftwood::mcmc

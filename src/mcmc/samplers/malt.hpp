// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "mcmc/samplers/trajectory.hpp"

namespace driftwood::mcmc {

/// Metropolis-adjusted Langevin trajectories. Riou-Durand and Vogrinc (2022), "Metropolis adjusted
/// Langevin trajectories: a robust alternative to Hamiltonian Monte Carlo", Algorithm 1: steps of
/// `Obabo` from a velocity drawn anew, accepted by the sum of the energy errors of all BAB. Two O
/// that follow each other are one; the first and the last of the trajectory change nothing.
struct Malt : TrajectoryLength {
  static constexpr SamplerTraits traits = {.name = "malt",
                                           .summary = "Metropolis-adjusted Langevin trajectories",
                                           .gradients = 0,
                                           .vectors = HamiltonianTrajectory::vectors,
                                           .numbers = HamiltonianTrajectory::numbers,
                                           .acceptance = 0.65,
                                           .energy = HamiltonianTrajectory::energy_at_start};

  double friction = 1;

  void describe(deck::Schema& s) {
    TrajectoryLength::describe(s);
    s.key("friction", friction, deck::positive,
          "friction of the velocities, in the unit of 1 / step size");
  }
  template <class T>
  void step(T& tile, double h) const {
    HamiltonianTrajectory::follow(tile, steps(tile, h, HamiltonianTrajectory::usual_length),
                                  friction);
  }
};

}  // namespace driftwood::mcmc

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "mcmc/samplers/microcanonical.hpp"
#include "mcmc/samplers/trajectory.hpp"

namespace driftwood::mcmc {

/// Microcanonical Monte Carlo, adjusted: trajectories of the length L from a direction drawn anew,
/// accepted with probability min(1, exp(-error)) by the energy error of all their steps, which
/// contains how the map changes volumes. Robnik, Cohn-Gordon and Seljak (2025), "Metropolis
/// adjusted microcanonical Hamiltonian Monte Carlo". Half turns that follow each other are one.
struct MclmcMh : Decoherence {
  static constexpr SamplerTraits traits = {
      .name = "mclmc_mh",
      .summary = "microcanonical trajectories, Metropolis-adjusted",
      .gradients = 0,
      .vectors = TrajectorySlots::vectors,
      .numbers = TrajectorySlots::numbers,
      .acceptance = 0.9};

  static constexpr int direction = TrajectorySlots::velocity;
  static constexpr int end = TrajectorySlots::end;
  static constexpr int at_end = TrajectorySlots::at_end;
  static constexpr int energy = TrajectorySlots::energy;

  struct Begin {
    StepSize size;

    template <class C>
    KOKKOS_FUNCTION void operator()(const C& chain) const {
      using R = typename C::Lane;
      const R h = size.of(chain.noise);
      const auto x = chain.position();
      const auto y = chain.vector(end);
      const auto u = chain.vector(direction);
      draw_direction(u, chain.noise, 0);
      chain.set_number(energy, turn(u, chain.gradient(), R(0.5) * h));
      for (int i = 0; i < chain.dim(); ++i) y.set(i, fma(h, u[i], x[i]));
    }
  };
  struct Go {
    StepSize size;

    template <class C>
    KOKKOS_FUNCTION void operator()(const C& chain) const {
      using R = typename C::Lane;
      const R h = size.of(chain.noise);
      const auto y = chain.vector(end);
      const auto u = chain.vector(direction);
      const R growth = turn(u, chain.vector(at_end), h);
      chain.set_number(energy, chain.number(energy) + growth);
      for (int i = 0; i < chain.dim(); ++i) y.set(i, fma(h, u[i], y[i]));
    }
  };
  struct Decide {
    StepSize size;

    template <class C>
    KOKKOS_FUNCTION void operator()(const C& chain) const {
      using R = typename C::Lane;
      const R h = size.of(chain.noise);
      const R growth = turn(chain.vector(direction), chain.vector(at_end), R(0.5) * h);
      HamiltonianTrajectory::decide(chain, chain.number(energy) + growth);
    }
  };

  TrajectoryLength trajectory;

  void describe(deck::Schema& s) {
    Decoherence::describe(s);
    trajectory.describe_jitter(s);
  }
  template <class T>
  void step(T& tile, double h) const {
    const auto steps = trajectory.steps(tile, h, length(tile));
    tile.apply(Begin{steps.size});
    for (int k = 1; k < steps.count; ++k) {
      if (tile.is_cut()) return;
      tile.evaluate(end, at_end, TrajectorySlots::potential_at_end);
      tile.apply(Go{steps.size});
    }
    tile.evaluate(end, at_end, TrajectorySlots::potential_at_end);
    tile.apply(Decide{steps.size});
  }
};

}  // namespace driftwood::mcmc

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>

#include "mcmc/samplers/microcanonical.hpp"

namespace driftwood::mcmc {

/// Microcanonical Langevin Monte Carlo, unadjusted. Robnik and Seljak (2024), "Fluctuation without
/// dissipation: microcanonical Langevin Monte Carlo", section 3: the force turns (B) over half the
/// step, a drift (A) over all of it, B again, and then the direction is refreshed to
/// u + nu z, made a unit vector, with nu^2 = (exp(2 h / L) - 1) / d. The energy error of a step is
/// what the potential and the kinetic energy grow by together.
struct Mclmc : Decoherence {
  static constexpr SamplerTraits traits = {.name = "mclmc",
                                           .summary = "microcanonical Langevin Monte Carlo",
                                           .vectors = 1,
                                           .numbers = 1,
                                           .bias_order = 2,
                                           .energy_variance = 5e-4};

  static constexpr int direction = Slot::own;
  static constexpr int gained = Number::own;  ///< kinetic energy, less the potential before

  struct Start {
    template <class C>
    KOKKOS_FUNCTION void operator()(const C& chain) const {
      draw_direction(chain.vector(direction), chain.noise, NormalKind::start);
    }
  };
  struct Move {
    double h;

    template <class C>
    KOKKOS_FUNCTION void operator()(const C& chain) const {
      using R = typename C::Lane;
      const auto x = chain.position();
      const auto u = chain.vector(direction);
      const R growth = turn(u, chain.gradient(), R(0.5 * h));
      for (int i = 0; i < chain.dim(); ++i) x.set(i, fma(R(h), u[i], x[i]));
      chain.set_number(gained, growth - chain.number(Number::potential));
    }
  };
  struct Turn {
    double h;
    double amount;

    template <class C>
    KOKKOS_FUNCTION void operator()(const C& chain) const {
      using R = typename C::Lane;
      const auto u = chain.vector(direction);
      const R growth = turn(u, chain.gradient(), R(0.5 * h));
      chain.set_number(Number::energy_error,
                       chain.number(Number::potential) + chain.number(gained) + growth);
      refresh(u, chain.noise, 0, amount);
    }
  };

  void begin(auto& tile) const { tile.apply(Start{}); }
  template <class T>
  void step(T& tile, double h) const {
    tile.apply(Move{h});
    tile.evaluate();
    tile.apply(Turn{h, std::sqrt(std::expm1(2 * h / length(tile)) / tile.dim())});
  }
};

}  // namespace driftwood::mcmc

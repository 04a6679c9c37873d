// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "mcmc/metropolis.hpp"
#include "mcmc/sampler_traits.hpp"
#include "mcmc/samplers/euler_step.hpp"

namespace driftwood::mcmc {

/// The Metropolis-adjusted Langevin algorithm: a step of `Ula`, accepted or not. Roberts and
/// Tweedie (1996), "Exponential convergence of Langevin distributions and their discrete
/// approximations".
struct Mala : NoKeys {
  static constexpr SamplerTraits traits = {.name = "mala",
                                           .summary = "Metropolis-adjusted Langevin algorithm",
                                           .vectors = 2,
                                           .numbers = 1,
                                           .acceptance = 0.574};

  static constexpr int proposal = Slot::own;
  static constexpr int at_proposal = Slot::own + 1;
  static constexpr int proposal_potential = Number::own;

  struct Decide {
    double h;

    template <class C>
    KOKKOS_FUNCTION void operator()(const C& chain) const {
      using R = typename C::Lane;
      const auto x = chain.position();
      const auto g = chain.gradient();
      const auto y = chain.vector(proposal);
      const auto gy = chain.vector(at_proposal);
      R there(0);  // squared lengths of the two kicks, which would make this move and its reverse
      R back(0);
      for (int i = 0; i < chain.dim(); ++i) {
        const R forth = fma(R(h), g[i], y[i] - x[i]);
        const R reverse = fma(R(h), gy[i], x[i] - y[i]);
        there = fma(forth, forth, there);
        back = fma(reverse, reverse, back);
      }
      const R potential = chain.number(Number::potential);
      const R proposed = chain.number(proposal_potential);
      const auto accepted = accept(chain, proposed - potential + R(0.25 / h) * (back - there));
      copy_where(accepted, x, y);
      copy_where(accepted, g, gy);
      chain.set_number(Number::potential, select(accepted, proposed, potential));
    }
  };

  template <class T>
  void step(T& tile, double h) const {
    tile.apply(EulerStep(proposal, h));
    tile.evaluate(proposal, at_proposal, proposal_potential);
    tile.apply(Decide{h});
  }
};

}  // namespace driftwood::mcmc

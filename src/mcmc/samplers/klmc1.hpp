// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "mcmc/samplers/kinetic.hpp"

namespace driftwood::mcmc {

/// Cheng, Chatterji, Bartlett and Jordan (2018), "Underdamped Langevin MCMC: a non-asymptotic
/// analysis", by the name of Dalalyan and Riou-Durand (2020): an exponential Euler method. The
/// gradient stays what it was at the start of the step, and the linear equation that is left is
/// solved exactly.
struct Klmc1 : Kinetic {
  static constexpr SamplerTraits traits = {
      .name = "klmc1",
      .summary = "kinetic Langevin by an exponential Euler method",
      .vectors = 1,
      .bias_order = 1,
      .energy_variance = 1e-5,
      .trial = Trial::leapfrog};

  struct Move {
    FreeFlow<double> flow;

    template <class C>
    KOKKOS_FUNCTION void operator()(const C& chain) const {
      using R = typename C::Lane;
      const auto q = chain.position();
      const auto v = chain.vector(velocity_slot);
      const auto g = chain.gradient();
      for_each_normal(chain.noise, 0, NormalKind::other, chain.dim(),
                      [&](int i, const R& a, const R& b) {
                        Phase<R> p{q[i], v[i]};
                        p.flow(flow, a, b);
                        q.set(i, fma(R(-flow.drop), g[i], p.q));
                        v.set(i, fma(R(-flow.reach), g[i], p.v));
                      });
    }
  };

  template <class T>
  void step(T& tile, double h) const {
    tile.apply(Move{FreeFlow<double>::over(h, friction)});
    tile.evaluate();
  }
};

}  // namespace driftwood::mcmc

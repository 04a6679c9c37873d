// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "mcmc/samplers/kinetic.hpp"

namespace driftwood::mcmc {

/// Shen and Lee (2019), "The randomized midpoint method for log-concave sampling", Algorithm 1, for
/// any friction: the gradient that moves a chain over the step h is that at a random time u h
/// within it, u uniform, where the chain would be with the gradient g of its start,
///
///     q_u = q + reach(u h) v - drop(u h) g + N_1
///     q' = q + reach(h) v - h reach(h - u h) g(q_u) + N_2
///     v' = decay(h) v - h decay(h - u h) g(q_u) + N_3
///
/// with the functions of `FreeFlow`. N_1, N_2 and N_3 are integrals over one Brownian motion. Given
/// u they are jointly normal, and follow from free motion over u h, whose noise is (N_1, n_v), and
/// from there over h - u h, whose noise (m_q, m_v) is independent of it:
///
///     N_2 = N_1 + reach(h - u h) n_v + m_q,   N_3 = decay(h - u h) n_v + m_v.
///
/// So the step is U, a kick by -h g(q_u), and U again.
struct RandomizedMidpointKinetic : Kinetic {
  static constexpr SamplerTraits traits = {
      .name = "rmm_k",
      .summary = "kinetic Langevin by the randomized midpoint method",
      .gradients = 2,
      .vectors = 2,
      .bias_order = 2,
      .energy_variance = 1e-3,
      .trial = Trial::leapfrog};

  static constexpr int middle = Slot::own + 1;

  struct First {
    double h;
    double friction;

    template <class C>
    KOKKOS_FUNCTION void operator()(const C& chain) const {
      using R = typename C::Lane;
      const auto q = chain.position();
      const auto v = chain.vector(velocity_slot);
      const auto g = chain.gradient();
      const auto m = chain.vector(middle);
      const auto flow = FreeFlow<R>::over(R(h) * chain.noise.uniform(0), friction);
      for_each_normal(chain.noise, NormalKind::first_half, NormalKind::other, chain.dim(),
                      [&](int i, const R& a, const R& b) {
                        Phase<R> p{q[i], v[i]};
                        p.flow(flow, a, b);
                        m.set(i, fma(-flow.drop, g[i], p.q));
                        q.set(i, p.q);
                        v.set(i, p.v);
                      });
    }
  };
  struct Second {
    double h;
    double friction;

    template <class C>
    KOKKOS_FUNCTION void operator()(const C& chain) const {
      using R = typename C::Lane;
      const auto q = chain.position();
      const auto v = chain.vector(velocity_slot);
      const auto g = chain.gradient();  // in the middle
      const auto flow = FreeFlow<R>::over(R(h) * (R(1) - chain.noise.uniform(0)), friction);
      for_each_normal(chain.noise, NormalKind::second_half, NormalKind::other + 1, chain.dim(),
                      [&](int i, const R& a, const R& b) {
                        Phase<R> p{q[i], v[i]};
                        p.kick(h, g[i]);
                        p.flow(flow, a, b);
                        q.set(i, p.q);
                        v.set(i, p.v);
                      });
    }
  };

  template <class T>
  void step(T& tile, double h) const {
    tile.apply(First{h, friction});
    tile.evaluate(middle);
    tile.apply(Second{h, friction});
    tile.evaluate();
  }
};

}  // namespace driftwood::mcmc

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>

#include "mcmc/launch/tile.hpp"
#include "mcmc/sampler_traits.hpp"

namespace driftwood::mcmc {

/// The randomized midpoint method for overdamped Langevin dynamics. He, Balasubramanian and Erdogdu
/// (2020), "On the ergodicity, bias and asymptotic normality of randomized midpoint sampling
/// method", section 2; u is uniform on (0, 1) and W a Brownian motion:
///
///     m = x - u h grad U(x) + sqrt(2) W(u h),   x' = x - h grad U(m) + sqrt(2) W(h)
struct RandomizedMidpoint : NoKeys {
  static constexpr SamplerTraits traits = {.name = "rmm",
                                           .summary = "randomized midpoint method",
                                           .gradients = 2,
                                           .vectors = 1,
                                           .bias_order = 2,
                                           .energy_variance = 4e-3,
                                           .trial = Trial::euler};

  static constexpr int middle = Slot::own;

  struct Stage {
    double h;
    double noise;

    template <class C>
    KOKKOS_FUNCTION void operator()(const C& chain) const {
      using R = typename C::Lane;
      const auto x = chain.position();
      const auto g = chain.gradient();
      const auto m = chain.vector(middle);
      const R u = chain.noise.uniform(0);
      const R drift = R(-h) * u;
      const R bridge = R(noise) * sqrt(u * (R(1) - u));  // W(u h) is u W(h) and a bridge
      const R part = R(noise) * u;
      for_each_normal(chain.noise, 0, NormalKind::other, chain.dim(),
                      [&](int i, const R& xi, const R& eta) {
                        m.set(i, fma(part, xi, fma(bridge, eta, fma(drift, g[i], x[i]))));
                      });
    }
  };
  struct Move {
    double h;
    double noise;

    template <class C>
    KOKKOS_FUNCTION void operator()(const C& chain) const {
      using R = typename C::Lane;
      const auto x = chain.position();
      const auto g = chain.gradient();  // in the middle
      for_each_normal(chain.noise, 0, chain.dim(), [&](int i, const R& xi) {
        x.set(i, fma(R(noise), xi, fma(R(-h), g[i], x[i])));
      });
    }
  };

  template <class T>
  void step(T& tile, double h) const {
    const double noise = std::sqrt(2 * h);
    tile.apply(Stage{h, noise});
    tile.evaluate(middle);
    tile.apply(Move{h, noise});
    tile.evaluate();
  }
};

}  // namespace driftwood::mcmc

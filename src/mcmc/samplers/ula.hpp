// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <string_view>

#include "mcmc/launch/tile.hpp"
#include "mcmc/sampler_traits.hpp"

namespace driftwood::mcmc {

/// Euler and Maruyama's method for overdamped Langevin dynamics, the unadjusted Langevin algorithm:
/// x' = x - h grad U(x) + sqrt(2 h) xi.
struct Ula : NoKeys {
  static constexpr SamplerTraits traits = {
      .name = "ula", .summary = "unadjusted Langevin algorithm (Euler-Maruyama)", .bias_order = 1};

  struct Move {
    double h;
    double noise;

    template <class C>
    KOKKOS_FUNCTION void operator()(const C& chain) const {
      using R = typename C::Lane;
      const auto x = chain.position();
      const auto g = chain.gradient();
      for_each_normal(chain.noise, 0, chain.dim(), [&](int i, const R& xi) {
        x.set(i, fma(R(noise), xi, fma(R(-h), g[i], x[i])));
      });
    }
  };

  template <class T>
  void step(T& tile, double h) const {
    tile.apply(Move{h, std::sqrt(2 * h)});
    tile.evaluate();
  }
};

}  // namespace driftwood::mcmc

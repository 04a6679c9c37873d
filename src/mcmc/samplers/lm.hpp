// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>

#include "mcmc/launch/tile.hpp"
#include "mcmc/sampler_traits.hpp"

namespace driftwood::mcmc {

/// Leimkuhler and Matthews (2013), "Rational construction of stochastic numerical methods for
/// molecular sampling", eq. (5): x' = x - h grad U(x) + sqrt(h/2) (xi + xi'), where xi' is the
/// noise that the next step has in common. The position is what its post-processed form reports.
struct LeimkuhlerMatthews : NoKeys {
  static constexpr SamplerTraits traits = {
      .name = "lm",
      .summary = "Leimkuhler and Matthews: second order in distribution for one gradient",
      .bias_order = 2,
      .energy_variance = 4e-3,
      .trial = Trial::euler};

  struct Move {
    double h;
    double noise;

    template <class C>
    KOKKOS_FUNCTION void operator()(const C& chain) const {
      using R = typename C::Lane;
      const auto x = chain.position();
      const auto g = chain.gradient();
      auto next = chain.noise;
      ++next.step;
      for (int j = 0; 2 * j < chain.dim(); ++j) {
        const auto a = chain.noise.normals(0, j);
        const auto b = next.normals(0, j);
        const R both[2] = {a.first + b.first, a.second + b.second};
        for (int k = 0; k < 2 && 2 * j + k < chain.dim(); ++k) {
          const int i = 2 * j + k;
          x.set(i, fma(R(noise), both[k], fma(R(-h), g[i], x[i])));
        }
      }
    }
  };

  template <class T>
  void step(T& tile, double h) const {
    tile.apply(Move{h, std::sqrt(h / 2)});
    tile.evaluate();
  }
};

}  // namespace driftwood::mcmc

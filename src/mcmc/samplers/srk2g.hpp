// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>

#include "mcmc/launch/tile.hpp"
#include "mcmc/sampler_traits.hpp"

namespace driftwood::mcmc {

/// Stochastic Runge-Kutta for overdamped Langevin dynamics with two gradients, strong order 3/2; A
/// is the integral of the Brownian motion B over the step:
///
///     x' = x - h/3 grad U(x) - 2h/3 grad U(H) + sqrt(2) B,
///     H = x - 3h/4 grad U(x) + 3 A / (sqrt(2) h)
///
/// Its coefficients follow from the conditions that `SrkLd` satisfies; related: Yang and Wang
/// (2026).
struct Srk2g : NoKeys {
  static constexpr SamplerTraits traits = {
      .name = "srk2g",
      .summary = "stochastic Runge-Kutta with two gradients: strong order 3/2",
      .gradients = 2,
      .vectors = 2,
      .bias_order = 2,
      .energy_variance = 4e-3,
      .trial = Trial::euler};

  static constexpr int stage = Slot::own;
  static constexpr int at_stage = Slot::own + 1;

  struct Stage {
    double h;
    double area;  ///< 3 sqrt(h) / (2 sqrt(2))
    double noise;

    template <class C>
    KOKKOS_FUNCTION void operator()(const C& chain) const {
      using R = typename C::Lane;
      constexpr double third_root = 0.57735026918962576451;  // 1/sqrt(3)
      const auto x = chain.position();
      const auto g = chain.gradient();
      const auto to = chain.vector(stage);
      for_each_normal(chain.noise, 0, 1, chain.dim(), [&](int i, const R& xi, const R& eta) {
        const R now = x[i];
        to.set(i, fma(R(area), fma(R(third_root), eta, xi), fma(R(-0.75 * h), g[i], now)));
        x.set(i, fma(R(noise), xi, fma(R(-h / 3), g[i], now)));  // all but what the stage adds
      });
    }
  };
  struct Drift {
    double h;

    template <class C>
    KOKKOS_FUNCTION void operator()(const C& chain) const {
      using R = typename C::Lane;
      const auto x = chain.position();
      const auto gs = chain.vector(at_stage);
      for (int i = 0; i < chain.dim(); ++i) x.set(i, fma(R(-2 * h / 3), gs[i], x[i]));
    }
  };

  template <class T>
  void step(T& tile, double h) const {
    tile.apply(Stage{h, 1.5 * std::sqrt(h / 2), std::sqrt(2 * h)});
    tile.evaluate(stage, at_stage, Number::potential);
    tile.apply(Drift{h});
    tile.evaluate();
  }
};

}  // namespace driftwood::mcmc

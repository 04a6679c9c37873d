// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "mcmc/sampler_traits.hpp"
#include "mcmc/samplers/euler_step.hpp"

namespace driftwood::mcmc {

/// Heun's method for overdamped Langevin dynamics: as accurate in distribution as `Srk2g` at the
/// same cost, but of strong order 1 only, as it knows of the Brownian motion no more than where it
/// is after the step.
///
///     y = x - h grad U(x) + sqrt(2 h) xi,   x' = x - h (grad U(x) + grad U(y)) / 2 + sqrt(2 h) xi
struct Heun : NoKeys {
  static constexpr SamplerTraits traits = {
      .name = "heun",
      .summary = "Heun's method: second order in distribution, first order pathwise",
      .gradients = 2,
      .vectors = 2,
      .bias_order = 2,
      .energy_variance = 4e-3,
      .trial = Trial::euler};

  static constexpr int stage = Slot::own;
  static constexpr int at_stage = Slot::own + 1;

  /// The stage, corrected.
  struct Correct {
    double h;

    template <class C>
    KOKKOS_FUNCTION void operator()(const C& chain) const {
      using R = typename C::Lane;
      const auto x = chain.position();
      const auto g = chain.gradient();
      const auto y = chain.vector(stage);
      const auto gy = chain.vector(at_stage);
      for (int i = 0; i < chain.dim(); ++i) x.set(i, fma(R(0.5 * h), g[i] - gy[i], y[i]));
    }
  };

  template <class T>
  void step(T& tile, double h) const {
    tile.apply(EulerStep(stage, h));
    tile.evaluate(stage, at_stage, Number::potential);
    tile.apply(Correct{h});
    tile.evaluate();
  }
};

}  // namespace driftwood::mcmc

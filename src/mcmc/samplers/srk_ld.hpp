// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>

#include "mcmc/launch/tile.hpp"
#include "mcmc/sampler_traits.hpp"

namespace driftwood::mcmc {

/// Stochastic Runge-Kutta for overdamped Langevin dynamics, strong order 3/2. Li, Wu, Mackey and
/// Erdogdu (2019), "Stochastic Runge-Kutta accelerates Langevin Monte Carlo and beyond", eq. (10):
///
///     H1 = x + sqrt(2 h) ((1/2 + 1/sqrt(6)) xi + eta / sqrt(12))
///     H2 = x - h grad U(x) + sqrt(2 h) ((1/2 - 1/sqrt(6)) xi + eta / sqrt(12))
///     x' = x - h (grad U(H1) + grad U(H2)) / 2 + sqrt(2 h) xi
struct SrkLd : NoKeys {
  static constexpr SamplerTraits traits = {
      .name = "srk_ld",
      .summary = "stochastic Runge-Kutta of Li, Wu, Mackey and Erdogdu (2019): strong order 3/2",
      .gradients = 3,
      .vectors = 4,
      .bias_order = 2,
      .energy_variance = 4e-3,
      .trial = Trial::euler};

  static constexpr int first = Slot::own;  ///< H1, then H2
  static constexpr int second = Slot::own + 1;
  static constexpr int at_first = Slot::own + 2;  ///< gradients there
  static constexpr int at_second = Slot::own + 3;

  struct Stages {
    double h;
    double noise;

    template <class C>
    KOKKOS_FUNCTION void operator()(const C& chain) const {
      using R = typename C::Lane;
      constexpr double plus = 0.90824829046386301637;   // 1/2 + 1/sqrt(6)
      constexpr double minus = 0.09175170953613698363;  // 1/2 - 1/sqrt(6)
      constexpr double area = 0.28867513459481288225;   // 1/sqrt(12)
      const auto x = chain.position();
      const auto g = chain.gradient();
      const auto h1 = chain.vector(first);
      const auto h2 = chain.vector(second);
      for_each_normal(chain.noise, 0, 1, chain.dim(), [&](int i, const R& xi, const R& eta) {
        const R now = x[i];
        const R a = R(noise * area) * eta;
        h1.set(i, now + fma(R(noise * plus), xi, a));
        h2.set(i, fma(R(-h), g[i], now) + fma(R(noise * minus), xi, a));
        x.set(i, fma(R(noise), xi, now));  // the step without its drift
      });
    }
  };
  struct Drift {
    double h;

    template <class C>
    KOKKOS_FUNCTION void operator()(const C& chain) const {
      using R = typename C::Lane;
      const auto x = chain.position();
      const auto g1 = chain.vector(at_first);
      const auto g2 = chain.vector(at_second);
      for (int i = 0; i < chain.dim(); ++i) x.set(i, fma(R(-0.5 * h), g1[i] + g2[i], x[i]));
    }
  };

  template <class T>
  void step(T& tile, double h) const {
    tile.apply(Stages{h, std::sqrt(2 * h)});
    tile.evaluate(first, at_first, Number::potential);
    tile.evaluate(second, at_second, Number::potential);
    tile.apply(Drift{h});
    tile.evaluate();
  }
};

}  // namespace driftwood::mcmc

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>

#include "mcmc/launch/tile.hpp"

namespace driftwood::mcmc {

/// Puts x - h grad U(x) + sqrt(2 h) xi into the vector `to`.
struct EulerStep {
  int to;
  double h;
  double noise;

  EulerStep(int into, double step) : to(into), h(step), noise(std::sqrt(2 * step)) {}

  template <class C>
  KOKKOS_FUNCTION void operator()(const C& chain) const {
    using R = typename C::Lane;
    const auto x = chain.position();
    const auto g = chain.gradient();
    const auto y = chain.vector(to);
    for_each_normal(chain.noise, 0, chain.dim(), [&](int i, const R& xi) {
      y.set(i, fma(R(noise), xi, fma(R(-h), g[i], x[i])));
    });
  }
};

}  // namespace driftwood::mcmc

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/math.hpp"
#include "mcmc/coordinates.hpp"
#include "mcmc/diffusion_noise.hpp"

namespace driftwood::mcmc {

/// The non-convex potential sqrt(S) + gamma log S, S = beta + |x|^2 / 2, and the diffusion with
/// sigma = S^(1/4) I whose stationary law it has. Li, Wu, Mackey and Erdogdu (2019).
/// With a = sigma sigma^T the drift is (div a - a grad f) / 2.
struct SlowlyGrowing {
  double beta;
  double gamma;

  template <class R>
  KOKKOS_FUNCTION R potential(const Coordinates<R>& x, const Coordinates<R>& gradient) const {
    const R s = size(x);
    const R root = sqrt(s);
    const R factor = R(0.5) / root + R(gamma) / s;
    for (int i = 0; i < x.size(); ++i) gradient.set(i, factor * x[i]);
    return fma(R(gamma), math::log(s), root);
  }

  /// Of more than one dimension, the columns S^(1/4) e_i do not commute.
  [[nodiscard]] DiffusionNoise noise(int dim) const {
    return dim == 1 ? DiffusionNoise::commutative : DiffusionNoise::general;
  }
  template <class R>
  KOKKOS_FUNCTION void drift(const Coordinates<R>& x, const Coordinates<R>& to) const {
    const R factor = fma(R(0.5 * (0.5 - gamma)), R(1) / sqrt(size(x)), R(-0.25));
    for (int i = 0; i < x.size(); ++i) to.set(i, factor * x[i]);
  }
  template <class R>
  KOKKOS_FUNCTION void multiply(const Coordinates<R>& x, const Coordinates<R>& w,
                                const Coordinates<R>& to) const {
    const R scale = sqrt(sqrt(size(x)));
    for (int i = 0; i < x.size(); ++i) to.set(i, scale * w[i]);
  }
  template <class R>
  KOKKOS_FUNCTION void column(const Coordinates<R>& x, int j, const Coordinates<R>& to) const {
    const R scale = sqrt(sqrt(size(x)));
    for (int i = 0; i < x.size(); ++i) to.set(i, i == j ? scale : R(0));
  }

 private:
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION R size(const Coordinates<R>& x) const {
    return fma(R(0.5), dot(x, x), R(beta));
  }
};

}  // namespace driftwood::mcmc

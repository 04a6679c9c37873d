// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "mcmc/coordinates.hpp"

namespace driftwood::mcmc {

/// The scalar field phi^4 on a periodic lattice of up to 3 dimensions. Its action is the sum over
/// sites of (1/2) sum_mu (phi(x + mu) - phi(x))^2 + (1/2) mass_squared phi^2 + lambda phi^4.
struct Phi4 {
  int sizes[3];  ///< the last runs fastest
  double mass_squared;
  double lambda;

  template <class R>
  KOKKOS_FUNCTION R potential(const Coordinates<R>& phi, const Coordinates<R>& gradient) const {
    R action(0);
    for (int i = 0; i < sizes[0]; ++i) {
      for (int j = 0; j < sizes[1]; ++j) {
        for (int k = 0; k < sizes[2]; ++k) {
          const int here = site(i, j, k);
          const R now = phi[here];
          R links(0);  // the sum of the squares of those ahead
          R bend(0);
          const auto link = [&](int ahead, int behind) {
            const R forth = phi[ahead] - now;
            links = fma(forth, forth, links);
            bend = bend + (forth + (phi[behind] - now));
          };
          link(site(next(i, 0), j, k), site(last(i, 0), j, k));
          link(site(i, next(j, 1), k), site(i, last(j, 1), k));
          link(site(i, j, next(k, 2)), site(i, j, last(k, 2)));
          const R square = now * now;
          const R local = fma(R(lambda), square, R(0.5 * mass_squared));
          action = action + fma(local, square, R(0.5) * links);
          gradient.set(here, fma(fma(R(4 * lambda), square, R(mass_squared)), now, -bend));
        }
      }
    }
    return action;
  }

 private:
  KOKKOS_FORCEINLINE_FUNCTION int site(int i, int j, int k) const {
    return (i * sizes[1] + j) * sizes[2] + k;
  }
  KOKKOS_FORCEINLINE_FUNCTION int next(int i, int axis) const {
    return i + 1 == sizes[axis] ? 0 : i + 1;
  }
  KOKKOS_FORCEINLINE_FUNCTION int last(int i, int axis) const {
    return i == 0 ? sizes[axis] - 1 : i - 1;
  }
};

}  // namespace driftwood::mcmc

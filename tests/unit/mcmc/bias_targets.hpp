// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/math.hpp"
#include "mcmc/coordinates.hpp"

/// Targets on the line whose expectations quadrature knows.
namespace driftwood::test {

/// log cosh(a) and tanh(a).
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R log_cosh(const R& a) {
  const R size = abs(a);
  return size + math::log1p(math::exp(R(-2) * size)) - R(0.69314718055994530942);
}

/// x^2 / 2.
struct Quadratic {
  template <class R>
  KOKKOS_FUNCTION R potential(const mcmc::Coordinates<R>& x,
                              const mcmc::Coordinates<R>& gradient) const {
    const R at = x[0];
    gradient.set(0, at);
    return R(0.5) * at * at;
  }
};

/// x^2 / 2 + sin(x) / 2.
struct Sine {
  template <class R>
  KOKKOS_FUNCTION R potential(const mcmc::Coordinates<R>& x,
                              const mcmc::Coordinates<R>& gradient) const {
    const R at = x[0];
    gradient.set(0, fma(R(0.5), math::cos(at), at));
    return R(0.5) * fma(at, at, math::sin(at));
  }
};

/// x^2 / 4 + 2 log cosh(x - 0.3), as of a logistic regression.
struct Logistic {
  template <class R>
  KOKKOS_FUNCTION R potential(const mcmc::Coordinates<R>& x,
                              const mcmc::Coordinates<R>& gradient) const {
    const R at = x[0];
    gradient.set(0, fma(R(2), math::tanh(at - R(0.3)), R(0.5) * at));
    return fma(R(0.25) * at, at, R(2) * log_cosh(at - R(0.3)));
  }
};

/// N(a, I) / 2 + N(-a, I) / 2 in as many coordinates as x has, all of a alike.
struct Mixture {
  double a;

  template <class R>
  KOKKOS_FUNCTION R potential(const mcmc::Coordinates<R>& x,
                              const mcmc::Coordinates<R>& gradient) const {
    R along(0);
    R squares(0);
    for (int i = 0; i < x.size(); ++i) {
      along = fma(R(a), x[i], along);
      squares = fma(x[i], x[i], squares);
    }
    const R pull = R(a) * math::tanh(along);
    for (int i = 0; i < x.size(); ++i) gradient.set(i, x[i] - pull);
    return R(0.5) * squares - log_cosh(along);
  }
};

}  // namespace driftwood::test

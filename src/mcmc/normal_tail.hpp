// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/math.hpp"

namespace driftwood::mcmc {

/// exp(u^2) erfc(u) for u >= 0, within a few ulp. Shepherd and Laframboise (1981), "Chebyshev
/// approximation of (1 + 2x) exp(x^2) erfc x"; coefficients: scripts/fit_polynomials.py.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R scaled_erfc(const R& u) {
  const R w = (u - R(3.75)) / (u + R(3.75));
  const R p =
      math::horner(w, {1.2375126308378275,      -0.140240598585547,     0.00358541548547954,
                       0.08227673849014834,     -0.10880393014246745,   0.09230432116030331,
                       -0.058693398576264134,   0.028362277419766775,   -0.009746579686534728,
                       0.0017556258479806777,   0.0002937143939938087,  -0.00029015406240832887,
                       5.164648182570251e-05,   2.238419653619996e-05,  -1.1437956499827494e-05,
                       -9.734950391732244e-07,  1.7418707447309746e-06, -5.7281474978399466e-08,
                       -2.4848760767718333e-07, 2.330132096015025e-08,  3.1943956680203406e-08,
                       -3.756675398655542e-09,  -2.616697927484845e-09, 3.128449033601161e-10});
  return p / fma(R(2), u, R(1));
}

/// The logarithm of the standard normal's distribution function at x, and its derivative, which is
/// positive: no digits are lost in either tail.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION void log_normal_cdf(const R& x, R& value, R& slope) {
  constexpr double root_half = 0.70710678118654752440;         // sqrt(1/2)
  constexpr double root_two_over_pi = 0.79788456080286535588;  // sqrt(2/pi)
  const R exponent = R(0.5) * x * x;
  const R bell = math::exp(-exponent);
  const R tail = scaled_erfc(R(root_half) * abs(x));
  const auto below = less(x, R(0));
  // Below 0: exp(-x^2 / 2) times what stays moderate; above: 1 - the tail.
  const R rest = select(below, R(0.5) * tail, fma(R(-0.5) * bell, tail, R(1)));
  value = math::log(rest) - select(below, exponent, R(0));
  slope = R(0.5 * root_two_over_pi) * select(below, R(1), bell) / rest;
}

}  // namespace driftwood::mcmc

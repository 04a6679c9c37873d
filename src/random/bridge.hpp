// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/lane.hpp"
#include "base/math.hpp"

namespace driftwood::random {

/// A Brownian path over one interval: its increment W and its space-time area H (see `Increment`).
template <class R>
struct Segment {
  R w;
  R h;
};

template <class R>
struct Halves {
  Segment<R> left;
  Segment<R> right;
};

/// Splits a segment into its first `a` and last `b` units of time, given two standard normals: the
/// law of both parts conditional on the whole. Foster, Lyons and Oberhauser (2020), section 4.
template <class R>
KOKKOS_INLINE_FUNCTION Halves<R> split(const Segment<R>& whole, value_of<R> a, value_of<R> b,
                                       const R& normal_1, const R& normal_2) {
  using T = value_of<R>;
  const T h = a + b;
  const T v = T(0.5) * sqrt(a * b / (a * a * a + b * b * b));
  const T alpha = v * a * a / h;
  const T beta = v * b * b / h;
  const T gamma = v * T(0.5773502691896258);  // 1 / sqrt(3)
  const T tau = 2 * (alpha * a + beta * b) / h;
  const R bend = fma(R(6 * a * b / (h * h)), whole.h, R(tau) * normal_1);
  return {{fma(R(a / h), whole.w, bend),
           fma(R(a / h * (a / h)), whole.h, R(gamma * b) * normal_2 - R(alpha) * normal_1)},
          {fma(R(b / h), whole.w, -bend),
           fma(R(b / h * (b / h)), whole.h, -(R(beta) * normal_1) - R(gamma * a) * normal_2)}};
}

/// The smallest value of a Brownian bridge from a to b, from a number u uniform on (0, 1): its law
/// is P(min <= c) = exp(-2 (a - c) (b - c) / variance), where the variance is that of an increment
/// over the length of the bridge. Beskos, Papaspiliopoulos and Roberts (2006), section 2.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R bridge_minimum(const R& a, const R& b, const R& variance,
                                             const R& u) {
  using T = value_of<R>;
  const R d = b - a;
  const R root = sqrt(fma(d, d, R(T(-2)) * variance * math::log_of_normal(u)));
  return R(T(0.5)) * (a + b - root);
}

/// Where on its way, as a fraction, a Brownian bridge from a > 0 to b first meets 0, given that it
/// does; from the square of a standard normal and a number u uniform on (0, 1).
///
/// At fraction s / (1 + s) the bridge is (a + b s + sd W_s) / (1 + s), so that s is the first
/// passage of a Brownian motion with drift: inverse Gaussian with mean a / |b| and shape
/// a^2 / variance, drawn as by Michael, Schucany and Haas (1976).
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R passage_fraction(const R& a, const R& b, const R& variance,
                                               const R& square, const R& u) {
  using T = value_of<R>;
  const R one(T(1));
  const R end = max(abs(b), R(T(1e-6)) * a);  // for b = 0 the mean is infinite
  const R q = variance * square / (R(T(2)) * a * end);
  const R r = one + q + sqrt(q * (q + R(T(2))));
  const R early = a / fma(r, end, a);
  const R late = a * r / fma(a, r, end);
  return select(less(r, u * (one + r)), late, early);
}

/// The segment over two adjacent intervals of lengths a and b.
template <class R>
KOKKOS_INLINE_FUNCTION Segment<R> join(const Segment<R>& left, value_of<R> a,
                                       const Segment<R>& right, value_of<R> b) {
  using T = value_of<R>;
  const R half(T(0.5));
  const R from_right = R(b / (a + b)) * fma(half, left.w, right.h);
  return {left.w + right.w, fma(R(a / (a + b)), left.h - half * right.w, from_right)};
}

}  // namespace driftwood::random

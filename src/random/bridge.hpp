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

/// What a split of an interval into its first `a` and last `b` units of time multiplies the whole
/// and its two normals by.
template <class T>
struct SplitWeights {
  T left;        ///< a / (a + b), of W and, squared, of H
  T right;       ///< b / (a + b)
  T bend;        ///< of H in the increments
  T bend_noise;  ///< of the first normal in the increments
  T alpha;       ///< of the first normal in H on the left
  T beta;        ///< the same on the right
  T gamma_b;     ///< of the second normal in H on the left
  T gamma_a;     ///< the same on the right

  KOKKOS_INLINE_FUNCTION static SplitWeights of(T a, T b) {
    const T h = a + b;
    const T v = T(0.5) * sqrt(a * b / (a * a * a + b * b * b));
    const T alpha = v * a * a / h;
    const T beta = v * b * b / h;
    const T gamma = v * T(0.5773502691896258);  // 1 / sqrt(3)
    const T tau = 2 * (alpha * a + beta * b) / h;
    return {a / h, b / h, 6 * a * b / (h * h), tau, alpha, beta, gamma * b, gamma * a};
  }
};

/// Splits a segment, given two standard normals: the law of both parts conditional on the whole.
/// Foster, Lyons and Oberhauser (2020), section 4.
template <class R>
KOKKOS_INLINE_FUNCTION Halves<R> split(const Segment<R>& whole, const SplitWeights<value_of<R>>& by,
                                       const R& normal_1, const R& normal_2) {
  const R bend = fma(R(by.bend), whole.h, R(by.bend_noise) * normal_1);
  return {
      {fma(R(by.left), whole.w, bend),
       fma(R(by.left * by.left), whole.h, R(by.gamma_b) * normal_2 - R(by.alpha) * normal_1)},
      {fma(R(by.right), whole.w, -bend),
       fma(R(by.right * by.right), whole.h, -(R(by.beta) * normal_1) - R(by.gamma_a) * normal_2)}};
}

/// The same into the first `a` and the last `b` units of time.
template <class R>
KOKKOS_INLINE_FUNCTION Halves<R> split(const Segment<R>& whole, value_of<R> a, value_of<R> b,
                                       const R& normal_1, const R& normal_2) {
  return split(whole, SplitWeights<value_of<R>>::of(a, b), normal_1, normal_2);
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

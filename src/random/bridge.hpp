// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/lane.hpp"

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

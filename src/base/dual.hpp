// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Dual numbers: a field evaluated on them gives its directional derivative beside its value.
/// Griewank and Walther (2008), chapter 3.

#include "base/math.hpp"

namespace driftwood {

/// value + tangent e with e^2 = 0. What does not depend on the direction has tangent zero.
template <class R>
struct Dual {
  R value;
  R tangent;

  Dual() = default;
  KOKKOS_FORCEINLINE_FUNCTION Dual(value_of<R> constant)  // NOLINT: a number is a constant
      : value(constant), tangent(value_of<R>(0)) {}
  /// Lanes of numbers are constants too.
  template <class C>
  requires(!Number<C> && std::is_constructible_v<R, const C&>) KOKKOS_FORCEINLINE_FUNCTION
      Dual(const C& constant)  // NOLINT
      : value(constant), tangent(value_of<R>(0)) {}
  KOKKOS_FORCEINLINE_FUNCTION Dual(const R& v, const R& t) : value(v), tangent(t) {}

  friend KOKKOS_FORCEINLINE_FUNCTION Dual operator+(const Dual& a, const Dual& b) {
    return {a.value + b.value, a.tangent + b.tangent};
  }
  friend KOKKOS_FORCEINLINE_FUNCTION Dual operator-(const Dual& a, const Dual& b) {
    return {a.value - b.value, a.tangent - b.tangent};
  }
  friend KOKKOS_FORCEINLINE_FUNCTION Dual operator-(const Dual& a) {
    return {-a.value, -a.tangent};
  }
  friend KOKKOS_FORCEINLINE_FUNCTION Dual operator*(const Dual& a, const Dual& b) {
    return {a.value * b.value, fma(a.tangent, b.value, a.value * b.tangent)};
  }
  friend KOKKOS_FORCEINLINE_FUNCTION Dual operator/(const Dual& a, const Dual& b) {
    const R quotient = a.value / b.value;
    return {quotient, (a.tangent - quotient * b.tangent) / b.value};
  }
};

template <class R>
struct LaneTraits<Dual<R>> {
  using value_type = value_of<R>;
  using mask_type = mask_of<R>;
  static constexpr int width = width_of<R>;
};

template <class R>
KOKKOS_FORCEINLINE_FUNCTION mask_of<R> less(const Dual<R>& a, const Dual<R>& b) {
  return less(a.value, b.value);
}
template <class R>
KOKKOS_FORCEINLINE_FUNCTION mask_of<R> equal(const Dual<R>& a, const Dual<R>& b) {
  return equal(a.value, b.value);
}
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Dual<R> select(const mask_of<R>& m, const Dual<R>& yes,
                                           const Dual<R>& no) {
  return {select(m, yes.value, no.value), select(m, yes.tangent, no.tangent)};
}
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Dual<R> fma(const Dual<R>& a, const Dual<R>& b, const Dual<R>& c) {
  return {fma(a.value, b.value, c.value),
          fma(a.tangent, b.value, fma(a.value, b.tangent, c.tangent))};
}
/// The derivative at zero, infinite, counts as zero: a square root of a truncated state is constant
/// there.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Dual<R> sqrt(const Dual<R>& a) {
  const R root = sqrt(a.value);
  const R slope = select(less(R(0), root), R(value_of<R>(0.5)) / root, R(0));
  return {root, slope * a.tangent};
}
/// The derivative at zero counts as zero.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Dual<R> abs(const Dual<R>& a) {
  const R flipped = select(less(a.value, R(0)), -a.tangent, R(0));
  return {abs(a.value), select(less(R(0), a.value), a.tangent, flipped)};
}

namespace math {
// Declared first, as those of dual numbers of dual numbers call each other.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Dual<R> exp(const Dual<R>& a);
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Dual<R> log(const Dual<R>& a);
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Dual<R> sin(const Dual<R>& a);
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Dual<R> cos(const Dual<R>& a);
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Dual<R> tan(const Dual<R>& a);
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Dual<R> expm1(const Dual<R>& a);
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Dual<R> log1p(const Dual<R>& a);
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Dual<R> sinh(const Dual<R>& a);
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Dual<R> cosh(const Dual<R>& a);
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Dual<R> tanh(const Dual<R>& a);
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Dual<R> atan(const Dual<R>& a);
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Dual<R> sigmoid(const Dual<R>& a);
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Dual<R> sigmoid_slope(const Dual<R>& a);
template <class R>
KOKKOS_FORCEINLINE_FUNCTION void sincos(const Dual<R>& a, Dual<R>& sine, Dual<R>& cosine);

template <class R>
KOKKOS_FORCEINLINE_FUNCTION Dual<R> exp(const Dual<R>& a) {
  const R e = exp(a.value);
  return {e, e * a.tangent};
}
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Dual<R> log(const Dual<R>& a) {
  return {log(a.value), a.tangent / a.value};
}
template <class R>
KOKKOS_FORCEINLINE_FUNCTION void sincos(const Dual<R>& a, Dual<R>& sine, Dual<R>& cosine) {
  sincos(a.value, sine.value, cosine.value);
  sine.tangent = cosine.value * a.tangent;
  cosine.tangent = -(sine.value * a.tangent);
}
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Dual<R> sin(const Dual<R>& a) {
  return {sin(a.value), cos(a.value) * a.tangent};
}
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Dual<R> cos(const Dual<R>& a) {
  return {cos(a.value), -(sin(a.value) * a.tangent)};
}
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Dual<R> tan(const Dual<R>& a) {
  const R tangent = tan(a.value);
  return {tangent, fma(tangent, tangent, R(1)) * a.tangent};
}
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Dual<R> expm1(const Dual<R>& a) {
  return {expm1(a.value), exp(a.value) * a.tangent};
}
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Dual<R> log1p(const Dual<R>& a) {
  return {log1p(a.value), a.tangent / (R(1) + a.value)};
}
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Dual<R> sinh(const Dual<R>& a) {
  return {sinh(a.value), cosh(a.value) * a.tangent};
}
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Dual<R> cosh(const Dual<R>& a) {
  return {cosh(a.value), sinh(a.value) * a.tangent};
}
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Dual<R> tanh(const Dual<R>& a) {
  return {tanh(a.value), R(4) * sigmoid_slope(a.value + a.value) * a.tangent};
}
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Dual<R> atan(const Dual<R>& a) {
  return {atan(a.value), a.tangent / fma(a.value, a.value, R(1))};
}
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Dual<R> sigmoid(const Dual<R>& a) {
  return {sigmoid(a.value), sigmoid_slope(a.value) * a.tangent};
}
/// By sigmoid'' = -sigmoid' tanh(x / 2).
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Dual<R> sigmoid_slope(const Dual<R>& a) {
  const R slope = sigmoid_slope(a.value);
  return {slope, -(slope * tanh(R(value_of<R>(0.5)) * a.value)) * a.tangent};
}
}  // namespace math

}  // namespace driftwood

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/vec.hpp"

namespace driftwood::pose {

/// A point of the world, or a direction.
template <class R>
using Vec3 = Vec<R, 3>;

template <class R, int N>
KOKKOS_FORCEINLINE_FUNCTION Vec<R, N> operator+(const Vec<R, N>& a, const Vec<R, N>& b) {
  return generate(a, [&](int i) { return a[i] + b[i]; });
}
template <class R, int N>
KOKKOS_FORCEINLINE_FUNCTION Vec<R, N> operator-(const Vec<R, N>& a, const Vec<R, N>& b) {
  return generate(a, [&](int i) { return a[i] - b[i]; });
}
template <class R, int N>
KOKKOS_FORCEINLINE_FUNCTION Vec<R, N> operator*(const R& s, const Vec<R, N>& a) {
  return generate(a, [&](int i) { return s * a[i]; });
}

/// The scalar product, each term rounded once.
template <class R, int N>
KOKKOS_FORCEINLINE_FUNCTION R dot(const Vec<R, N>& a, const Vec<R, N>& b) {
  R out = a[0] * b[0];
  for (int i = 1; i < N; ++i) out = fma(a[i], b[i], out);
  return out;
}
template <class R, int N>
KOKKOS_FORCEINLINE_FUNCTION R norm(const Vec<R, N>& a) {
  return sqrt(dot(a, a));
}
/// a / |a|; not a number where that is 0.
template <class R, int N>
KOKKOS_FORCEINLINE_FUNCTION Vec<R, N> normalised(const Vec<R, N>& a) {
  return R(1) / norm(a) * a;
}
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Vec3<R> cross(const Vec3<R>& a, const Vec3<R>& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}
/// sum_i |a_i| h_i: the largest scalar product of `a` with a point of the box of half sizes `h`
/// around 0.
template <class R, int N>
KOKKOS_FORCEINLINE_FUNCTION R reach(const Vec<R, N>& a, const Vec<R, N>& h) {
  return dot(generate(a, [&](int i) { return abs(a[i]); }), h);
}
/// The same numbers in another precision.
template <class To, class From, int N>
KOKKOS_FORCEINLINE_FUNCTION Vec<To, N> rounded(const Vec<From, N>& a) {
  return generate(a, [&](int i) { return static_cast<To>(a[i]); });
}

/// A unit vector orthogonal to the unit vector `a`.
template <Real T>
KOKKOS_FORCEINLINE_FUNCTION Vec3<T> orthogonal_to(const Vec3<T>& a) {
  int least = 0;
  for (int i = 1; i < 3; ++i) least = abs(a[i]) < abs(a[least]) ? i : least;
  Vec3<T> axis = {T(0), T(0), T(0)};
  axis[least] = T(1);
  return normalised(cross(a, axis));
}

}  // namespace driftwood::pose

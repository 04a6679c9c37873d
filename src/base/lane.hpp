// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The vocabulary kernels are written in: a lane `R` is a `double` or `float` (one path) or a
/// `Pack` of them (several paths in lockstep). Branches on lanes are masks and `select`.

#include <concepts>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "base/portability.hpp"

namespace driftwood {

/// What belongs to a lane type: its number type, its width, its masks, and words of its own size.
template <class R>
struct LaneTraits {
  using value_type = R;
  using mask_type = bool;
  using word_type = std::conditional_t<sizeof(R) == 8, std::uint64_t, std::uint32_t>;
  using counter_type = std::uint64_t;
  static constexpr int width = 1;
};
template <template <class, int> class P, class T, int K>
struct LaneTraits<P<T, K>> {
  using value_type = T;
  using mask_type = decltype(less(P<T, K>{}, P<T, K>{}));
  using word_type = P<std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>, K>;
  using counter_type = P<std::uint64_t, K>;
  static constexpr int width = P<T, K>::width;
};

template <class R>
using value_of = typename LaneTraits<R>::value_type;
template <class R>
using mask_of = typename LaneTraits<R>::mask_type;
template <class R>
using word_of = typename LaneTraits<R>::word_type;
template <class R>
inline constexpr int width_of = LaneTraits<R>::width;
template <class R>
inline constexpr bool is_single = sizeof(value_of<R>) == 4;

/// A lane of several `Lane<T>`: states in memory have them.
template <class R>
inline constexpr bool is_wide = (width_of<R> > width_of<Lane<value_of<R>>>);

template <class T>
concept Number = std::is_arithmetic_v<T>;
template <class T>
concept Real = std::same_as<T, double> || std::same_as<T, float>;

template <Number T>
KOKKOS_FORCEINLINE_FUNCTION bool less(T a, T b) {
  return a < b;
}
template <Number T>
KOKKOS_FORCEINLINE_FUNCTION bool equal(T a, T b) {
  return a == b;
}
template <Number T>
KOKKOS_FORCEINLINE_FUNCTION T select(bool m, T yes, T no) {
  return m ? yes : no;
}
KOKKOS_FORCEINLINE_FUNCTION bool any(bool m) { return m; }

// Templates, so that C's functions of these names win where both are visible, and no call is
// ambiguous.
template <Real T>
KOKKOS_FORCEINLINE_FUNCTION T fma(T a, T b, T c) {
  if constexpr (sizeof(T) == 8)
    return ::fma(a, b, c);
  else
    return ::fmaf(a, b, c);
}
template <Real T>
KOKKOS_FORCEINLINE_FUNCTION T sqrt(T a) {
  if constexpr (sizeof(T) == 8)
    return ::sqrt(a);
  else
    return ::sqrtf(a);
}
template <Real T>
KOKKOS_FORCEINLINE_FUNCTION T abs(T a) {
  if constexpr (sizeof(T) == 8)
    return ::fabs(a);
  else
    return ::fabsf(a);
}

/// The larger of two lanes; the second where either is not a number.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R max(const R& a, const R& b) {
  return select(less(b, a), a, b);
}
/// The smaller of two lanes; the second where either is not a number.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R min(const R& a, const R& b) {
  return select(less(a, b), a, b);
}
/// Yes in the lanes that hold a finite number.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION mask_of<R> is_finite(const R& a) {
  return equal(a - a, R(0));
}

template <class To, Number From>
KOKKOS_FORCEINLINE_FUNCTION To bits_as(From a) {
  static_assert(sizeof(To) == sizeof(From));
  To out;
  memcpy(&out, &a, sizeof(out));
  return out;
}
/// Words below 2^31 as numbers, rounded to nearest.
KOKKOS_FORCEINLINE_FUNCTION float signed_to_number(std::uint32_t a) {
  return static_cast<float>(static_cast<std::int32_t>(a));
}
template <Number T>
KOKKOS_FORCEINLINE_FUNCTION T rotate_left(T a, int n) {
  return (a << n) | (a >> (static_cast<int>(8 * sizeof(T)) - n));
}

template <Number T>
KOKKOS_FORCEINLINE_FUNCTION T load_lanes(T, const T* from) {
  return *from;
}
template <Number T>
KOKKOS_FORCEINLINE_FUNCTION void store_lanes(T* to, T a) {
  *to = a;
}
/// The same number, for packs in a register that the compiler does not replace by its source in
/// memory at each use.
template <Number T>
KOKKOS_FORCEINLINE_FUNCTION T loaded_once(T a) {
  return a;
}
/// Lane i of the result is the sum over the lanes of packs[i], of as many packs of one register as
/// it has lanes; of a single number the number.
template <Number T>
KOKKOS_FORCEINLINE_FUNCTION T lane_sums(const T* packs) {
  return *packs;
}
/// The lanes that start at `from`.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R load(const value_of<R>* from) {
  return load_lanes(R{}, from);
}

/// A number that all paths share as a lane, and a lane as it is.
template <class R, class A>
KOKKOS_FORCEINLINE_FUNCTION R as_lane(const A& a) {
  if constexpr (std::is_arithmetic_v<A>) {
    return R(static_cast<value_of<R>>(a));
  } else {
    return R(a);
  }
}

}  // namespace driftwood

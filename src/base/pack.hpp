// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Host lanes: `Pack<T, K>` is K SIMD registers of the widest instruction set compiled for,
/// advanced in lockstep so that K independent chains of instructions hide each other's latency.

#include <Kokkos_Macros.hpp>
#include <cstdint>
#include <utility>
#include <xsimd/xsimd.hpp>

namespace driftwood {

namespace native {
/// a b + c with one rounding; defined in base/portability.hpp, which knows the instruction set.
template <class T>
KOKKOS_FORCEINLINE_FUNCTION xsimd::batch<T> fma(const xsimd::batch<T>& a, const xsimd::batch<T>& b,
                                                const xsimd::batch<T>& c);
/// Makes the compiler take a register for a new value, which it must keep in one.
template <class T>
KOKKOS_FORCEINLINE_FUNCTION void pin(xsimd::batch<T>& a);
/// The larger and the smaller; the second where either is not a number.
template <class T>
KOKKOS_FORCEINLINE_FUNCTION xsimd::batch<T> max(const xsimd::batch<T>& a, const xsimd::batch<T>& b);
template <class T>
KOKKOS_FORCEINLINE_FUNCTION xsimd::batch<T> min(const xsimd::batch<T>& a, const xsimd::batch<T>& b);
}  // namespace native

/// The compiler's vector of a register: unlike intrinsics, two shifts of it become one rotate
/// instruction where there is one, and arithmetic on it calls nothing that were to be inlined.
template <class T>
struct RawOf {
  using Register = xsimd::batch<T>;
  using Raw [[gnu::vector_size(sizeof(Register))]] = T;
  KOKKOS_FORCEINLINE_FUNCTION static Raw from(const Register& a) {
    return reinterpret_cast<Raw>(a.data);
  }
  KOKKOS_FORCEINLINE_FUNCTION static Register to(const Raw& a) {
    return Register(reinterpret_cast<typename Register::register_type>(a));
  }
};

template <class T, int K>
struct Pack {
  using value_type = T;
  using Register = xsimd::batch<T>;
  using Raw = typename RawOf<T>::Raw;
  static constexpr int registers = K;
  static constexpr int width = K * static_cast<int>(Register::size);
  static constexpr auto each = std::make_integer_sequence<int, K>{};

  Register reg[K];

  Pack() = default;
  KOKKOS_FORCEINLINE_FUNCTION Pack(T value) {  // NOLINT: a number is a pack of equal lanes
    for (int k = 0; k < K; ++k) reg[k] = Register(value);
  }

  /// The pack whose register k is `f(k)`.
  template <class F>
  KOKKOS_FORCEINLINE_FUNCTION static Pack generate(const F& f) {
    return generated(f, each);
  }
  /// The pack whose register k is `f` of those of the packs `p`. Unlike functions that refer to
  /// packs, one that takes registers by value lets compilers keep these in registers.
  template <class F, class... P>
  KOKKOS_FORCEINLINE_FUNCTION static Pack map(F f, const P&... p) {
    return mapped(f, each, p...);
  }
  /// The same, of the compiler's vectors.
  template <class F, class... P>
  KOKKOS_FORCEINLINE_FUNCTION static Pack map_raw(F f, const P&... p) {
    return raw_mapped(f, each, p...);
  }

  friend KOKKOS_FORCEINLINE_FUNCTION Pack operator+(const Pack& a, const Pack& b) {
    return map_raw([](Raw x, Raw y) { return x + y; }, a, b);
  }
  friend KOKKOS_FORCEINLINE_FUNCTION Pack operator-(const Pack& a, const Pack& b) {
    return map_raw([](Raw x, Raw y) { return x - y; }, a, b);
  }
  friend KOKKOS_FORCEINLINE_FUNCTION Pack operator*(const Pack& a, const Pack& b) {
    return map_raw([](Raw x, Raw y) { return x * y; }, a, b);
  }
  friend KOKKOS_FORCEINLINE_FUNCTION Pack operator/(const Pack& a, const Pack& b) {
    return map_raw([](Raw x, Raw y) { return x / y; }, a, b);
  }
  friend KOKKOS_FORCEINLINE_FUNCTION Pack operator-(const Pack& a) {
    return map_raw([](Raw x) { return -x; }, a);
  }
  friend KOKKOS_FORCEINLINE_FUNCTION Pack operator^(const Pack& a, const Pack& b) {
    return map_raw([](Raw x, Raw y) { return x ^ y; }, a, b);
  }
  friend KOKKOS_FORCEINLINE_FUNCTION Pack operator&(const Pack& a, const Pack& b) {
    return map_raw([](Raw x, Raw y) { return x & y; }, a, b);
  }
  friend KOKKOS_FORCEINLINE_FUNCTION Pack operator|(const Pack& a, const Pack& b) {
    return map_raw([](Raw x, Raw y) { return x | y; }, a, b);
  }
  friend KOKKOS_FORCEINLINE_FUNCTION Pack operator<<(const Pack& a, int n) {
    return map_raw([n](Raw x) { return x << n; }, a);
  }
  friend KOKKOS_FORCEINLINE_FUNCTION Pack operator>>(const Pack& a, int n) {
    return map_raw([n](Raw x) { return x >> n; }, a);
  }

 private:
  template <class... R>
  KOKKOS_FORCEINLINE_FUNCTION explicit Pack(std::in_place_t, const R&... r) : reg{r...} {}

  template <class F, int... k>
  KOKKOS_FORCEINLINE_FUNCTION static Pack generated(const F& f, std::integer_sequence<int, k...>) {
    return Pack(std::in_place, Register(f(k))...);
  }
  template <int k, class F, class... P>
  KOKKOS_FORCEINLINE_FUNCTION static Register of(F f, const P&... p) {
    return f(p.reg[k]...);
  }
  template <class F, int... k, class... P>
  KOKKOS_FORCEINLINE_FUNCTION static Pack mapped(F f, std::integer_sequence<int, k...>,
                                                 const P&... p) {
    return Pack(std::in_place, of<k>(f, p...)...);
  }
  template <int k, class F, class... P>
  KOKKOS_FORCEINLINE_FUNCTION static Register of_raw(F f, const P&... p) {
    return RawOf<T>::to(f(RawOf<T>::from(p.reg[k])...));
  }
  template <class F, int... k, class... P>
  KOKKOS_FORCEINLINE_FUNCTION static Pack raw_mapped(F f, std::integer_sequence<int, k...>,
                                                     const P&... p) {
    return Pack(std::in_place, of_raw<k>(f, p...)...);
  }
};

/// The registers [part K', part K' + K') of a pack, K' those of `Part`.
template <class Part, class T, int K>
KOKKOS_FORCEINLINE_FUNCTION Part part_of(const Pack<T, K>& a, int part) {
  return Part::generate([&](int k) { return a.reg[part * Part::registers + k]; });
}
template <class T, int K, int P>
KOKKOS_FORCEINLINE_FUNCTION void set_part(Pack<T, K>& a, int part, const Pack<T, P>& to) {
  for (int k = 0; k < P; ++k) a.reg[part * P + k] = to.reg[k];
}

/// Lanes that answered yes.
template <class T, int K>
struct PackMask {
  using Register = xsimd::batch_bool<T>;
  static constexpr auto each = std::make_integer_sequence<int, K>{};

  Register reg[K];

  /// As those of `Pack`.
  template <class F>
  KOKKOS_FORCEINLINE_FUNCTION static PackMask generate(const F& f) {
    return generated(f, each);
  }
  template <class F, class... P>
  KOKKOS_FORCEINLINE_FUNCTION static PackMask map(F f, const P&... p) {
    return mapped(f, each, p...);
  }

  friend KOKKOS_FORCEINLINE_FUNCTION PackMask operator&(const PackMask& a, const PackMask& b) {
    return map([](Register x, Register y) { return x & y; }, a, b);
  }
  friend KOKKOS_FORCEINLINE_FUNCTION PackMask operator|(const PackMask& a, const PackMask& b) {
    return map([](Register x, Register y) { return x | y; }, a, b);
  }
  friend KOKKOS_FORCEINLINE_FUNCTION PackMask operator!(const PackMask& a) {
    return map([](Register x) { return ~x; }, a);
  }

 private:
  template <class F, int... k>
  KOKKOS_FORCEINLINE_FUNCTION static PackMask generated(const F& f,
                                                        std::integer_sequence<int, k...>) {
    return {{Register(f(k))...}};
  }
  template <int k, class F, class... P>
  KOKKOS_FORCEINLINE_FUNCTION static Register of(F f, const P&... p) {
    return f(p.reg[k]...);
  }
  template <class F, int... k, class... P>
  KOKKOS_FORCEINLINE_FUNCTION static PackMask mapped(F f, std::integer_sequence<int, k...>,
                                                     const P&... p) {
    return {{of<k>(f, p...)...}};
  }
};

template <class T, int K>
KOKKOS_FORCEINLINE_FUNCTION PackMask<T, K> less(const Pack<T, K>& a, const Pack<T, K>& b) {
  using R = xsimd::batch<T>;
  return PackMask<T, K>::map([](R x, R y) { return x < y; }, a, b);
}
template <class T, int K>
KOKKOS_FORCEINLINE_FUNCTION PackMask<T, K> equal(const Pack<T, K>& a, const Pack<T, K>& b) {
  using R = xsimd::batch<T>;
  return PackMask<T, K>::map([](R x, R y) { return x == y; }, a, b);
}
template <class T, int K>
KOKKOS_FORCEINLINE_FUNCTION Pack<T, K> select(const PackMask<T, K>& m, const Pack<T, K>& yes,
                                              const Pack<T, K>& no) {
  using R = xsimd::batch<T>;
  return Pack<T, K>::map([](xsimd::batch_bool<T> b, R x, R y) { return xsimd::select(b, x, y); }, m,
                         yes, no);
}
template <class T, int K>
KOKKOS_FORCEINLINE_FUNCTION bool any(const PackMask<T, K>& m) {
  bool out = false;
  for (int k = 0; k < K; ++k) out = out || xsimd::any(m.reg[k]);
  return out;
}

template <class T, int K>
KOKKOS_FORCEINLINE_FUNCTION Pack<T, K> fma(const Pack<T, K>& a, const Pack<T, K>& b,
                                           const Pack<T, K>& c) {
  using R = xsimd::batch<T>;
  return Pack<T, K>::map([](R x, R y, R z) { return native::fma(x, y, z); }, a, b, c);
}
/// As for single numbers: the second where either is not a number.
template <class T, int K>
KOKKOS_FORCEINLINE_FUNCTION Pack<T, K> max(const Pack<T, K>& a, const Pack<T, K>& b) {
  using R = xsimd::batch<T>;
  return Pack<T, K>::map([](R x, R y) { return native::max(x, y); }, a, b);
}
template <class T, int K>
KOKKOS_FORCEINLINE_FUNCTION Pack<T, K> min(const Pack<T, K>& a, const Pack<T, K>& b) {
  using R = xsimd::batch<T>;
  return Pack<T, K>::map([](R x, R y) { return native::min(x, y); }, a, b);
}
template <class T, int K>
KOKKOS_FORCEINLINE_FUNCTION Pack<T, K> sqrt(const Pack<T, K>& a) {
  return Pack<T, K>::map([](xsimd::batch<T> x) { return xsimd::sqrt(x); }, a);
}
template <class T, int K>
KOKKOS_FORCEINLINE_FUNCTION Pack<T, K> abs(const Pack<T, K>& a) {
  return Pack<T, K>::map([](xsimd::batch<T> x) { return xsimd::abs(x); }, a);
}

/// The same bits as another type of pack.
template <class To, class From, int K>
KOKKOS_FORCEINLINE_FUNCTION To bits_as(const Pack<From, K>& a) {
  using R = xsimd::batch<From>;
  return To::map([](R x) { return xsimd::bitwise_cast<typename To::Register>(x); }, a);
}

template <int K>
KOKKOS_FORCEINLINE_FUNCTION Pack<float, K> signed_to_number(const Pack<std::uint32_t, K>& a) {
  using R = xsimd::batch<std::uint32_t>;
  return Pack<float, K>::map(
      [](R x) { return xsimd::to_float(xsimd::bitwise_cast<xsimd::batch<std::int32_t>>(x)); }, a);
}

/// Each lane rotated left by n bits.
template <class T, int K>
KOKKOS_FORCEINLINE_FUNCTION Pack<T, K> rotate_left(const Pack<T, K>& a, int n) {
  using Raw = typename Pack<T, K>::Raw;
  constexpr int bits = static_cast<int>(8 * sizeof(T));
  return Pack<T, K>::map_raw([n](Raw x) { return (x << n) | (x >> (bits - n)); }, a);
}

template <class T, int K>
KOKKOS_FORCEINLINE_FUNCTION Pack<T, K> load_lanes(const Pack<T, K>&, const T* from) {
  constexpr int n = static_cast<int>(Pack<T, K>::Register::size);
  return Pack<T, K>::generate(
      [from](int k) { return Pack<T, K>::Register::load_unaligned(from + k * n); });
}
template <class T, int K>
KOKKOS_FORCEINLINE_FUNCTION void store_lanes(T* to, const Pack<T, K>& a) {
  constexpr int n = static_cast<int>(Pack<T, K>::Register::size);
  for (int k = 0; k < K; ++k) a.reg[k].store_unaligned(to + k * n);
}

template <class T>
KOKKOS_FORCEINLINE_FUNCTION Pack<T, 1> loaded_once(Pack<T, 1> a) {
  native::pin(a.reg[0]);
  return a;
}

/// How sums over the lanes of W registers of W lanes are found in log2(W) rounds. A round with
/// blocks of b lanes makes one register of two: the lower halves of all blocks of 2 b lanes, plus
/// the upper ones. Halves within 128 bits, `near` lanes, stay there, as instructions have it.
template <int W, int near>
struct LaneSums {
  /// Lane `lane` of the result is a half of the first register or, from W on, of the second.
  static constexpr int source(int b, int half, int lane) {
    const int reach = b < near ? (near < W ? near : W) : W;  // lanes that stay together
    const int inside = lane % reach;
    const bool second = inside >= reach / 2;
    const int block = inside % (reach / 2) / b;
    return (second ? W : 0) + lane / reach * reach + (2 * block + half) * b + inside % b;
  }
  /// Which of the registers of a round's pairs, in order, ends as lane `lane` of the last one.
  static constexpr int origin(int lane) {
    int out = 0;
    for (int b = 1; b < W; b *= 2) {
      const int from = source(b, 0, lane);
      out = 2 * out + (from >= W ? 1 : 0);
      lane = from % W;
    }
    // The last round's bit came first, and is the highest.
    return out;
  }
  static constexpr bool is_permutation() {
    std::uint64_t seen = 0;
    for (int lane = 0; lane < W; ++lane) seen |= std::uint64_t{1} << origin(lane);
    return seen == (W == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << W) - 1);
  }
};

template <class T>
KOKKOS_FORCEINLINE_FUNCTION Pack<T, 1> lane_sums(const Pack<T, 1>* packs) {
  constexpr int W = Pack<T, 1>::width;
  static_assert(W <= 16);
  using Order = LaneSums<W, 16 / static_cast<int>(sizeof(T))>;
  static_assert(Order::is_permutation());
  using Raw = typename RawOf<T>::Raw;
  Raw sum[W];
  for (int lane = 0; lane < W; ++lane) {
    sum[Order::origin(lane)] = RawOf<T>::from(packs[lane].reg[0]);
  }
  const auto round = [&]<int b, int... lane>(std::integer_sequence<int, b>,
                                             std::integer_sequence<int, lane...>) {
    for (int i = 0; i < b; ++i) {
      const Raw x = sum[2 * i];
      const Raw y = sum[2 * i + 1];
      sum[i] = __builtin_shufflevector(x, y, Order::source(b, 0, lane)...) +
               __builtin_shufflevector(x, y, Order::source(b, 1, lane)...);
    }
  };
  const auto lanes = std::make_integer_sequence<int, W>{};
  if constexpr (W > 8) round(std::integer_sequence<int, 8>{}, lanes);
  if constexpr (W > 4) round(std::integer_sequence<int, 4>{}, lanes);
  if constexpr (W > 2) round(std::integer_sequence<int, 2>{}, lanes);
  if constexpr (W > 1) round(std::integer_sequence<int, 1>{}, lanes);
  return Pack<T, 1>::generate([&](int) { return RawOf<T>::to(sum[0]); });
}

}  // namespace driftwood

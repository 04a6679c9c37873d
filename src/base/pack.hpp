// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Host lanes: `Pack<T, K>` is K SIMD registers of the widest instruction set compiled for,
/// advanced in lockstep so that K independent chains of instructions hide each other's latency.

#include <Kokkos_Macros.hpp>
#include <cstdint>
#include <xsimd/xsimd.hpp>

namespace driftwood {

namespace native {
/// a b + c with one rounding; defined in base/portability.hpp, which knows the instruction set.
template <class T>
KOKKOS_FORCEINLINE_FUNCTION xsimd::batch<T> fma(const xsimd::batch<T>& a, const xsimd::batch<T>& b,
                                                const xsimd::batch<T>& c);
}  // namespace native

template <class T, int K>
struct Pack {
  using value_type = T;
  using Register = xsimd::batch<T>;
  static constexpr int registers = K;
  static constexpr int width = K * static_cast<int>(Register::size);

  Register reg[K];

  Pack() = default;
  KOKKOS_FORCEINLINE_FUNCTION Pack(T value) {  // NOLINT: a number is a pack of equal lanes
    for (int k = 0; k < K; ++k) reg[k] = Register(value);
  }

  /// The pack whose register k is `f(k)`.
  template <class F>
  KOKKOS_FORCEINLINE_FUNCTION static Pack generate(F&& f) {
    Pack out;
    for (int k = 0; k < K; ++k) out.reg[k] = f(k);
    return out;
  }

  friend KOKKOS_FORCEINLINE_FUNCTION Pack operator+(const Pack& a, const Pack& b) {
    return generate([&](int k) { return a.reg[k] + b.reg[k]; });
  }
  friend KOKKOS_FORCEINLINE_FUNCTION Pack operator-(const Pack& a, const Pack& b) {
    return generate([&](int k) { return a.reg[k] - b.reg[k]; });
  }
  friend KOKKOS_FORCEINLINE_FUNCTION Pack operator*(const Pack& a, const Pack& b) {
    return generate([&](int k) { return a.reg[k] * b.reg[k]; });
  }
  friend KOKKOS_FORCEINLINE_FUNCTION Pack operator/(const Pack& a, const Pack& b) {
    return generate([&](int k) { return a.reg[k] / b.reg[k]; });
  }
  friend KOKKOS_FORCEINLINE_FUNCTION Pack operator-(const Pack& a) {
    return generate([&](int k) { return -a.reg[k]; });
  }
  friend KOKKOS_FORCEINLINE_FUNCTION Pack operator^(const Pack& a, const Pack& b) {
    return generate([&](int k) { return a.reg[k] ^ b.reg[k]; });
  }
  friend KOKKOS_FORCEINLINE_FUNCTION Pack operator&(const Pack& a, const Pack& b) {
    return generate([&](int k) { return a.reg[k] & b.reg[k]; });
  }
  friend KOKKOS_FORCEINLINE_FUNCTION Pack operator|(const Pack& a, const Pack& b) {
    return generate([&](int k) { return a.reg[k] | b.reg[k]; });
  }
  friend KOKKOS_FORCEINLINE_FUNCTION Pack operator<<(const Pack& a, int n) {
    return generate([&](int k) { return a.reg[k] << n; });
  }
  friend KOKKOS_FORCEINLINE_FUNCTION Pack operator>>(const Pack& a, int n) {
    return generate([&](int k) { return a.reg[k] >> n; });
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
  xsimd::batch_bool<T> reg[K];

  template <class F>
  KOKKOS_FORCEINLINE_FUNCTION static PackMask generate(F&& f) {
    PackMask out;
    for (int k = 0; k < K; ++k) out.reg[k] = f(k);
    return out;
  }
  friend KOKKOS_FORCEINLINE_FUNCTION PackMask operator&(const PackMask& a, const PackMask& b) {
    return generate([&](int k) { return a.reg[k] & b.reg[k]; });
  }
  friend KOKKOS_FORCEINLINE_FUNCTION PackMask operator|(const PackMask& a, const PackMask& b) {
    return generate([&](int k) { return a.reg[k] | b.reg[k]; });
  }
  friend KOKKOS_FORCEINLINE_FUNCTION PackMask operator!(const PackMask& a) {
    return generate([&](int k) { return ~a.reg[k]; });
  }
};

template <class T, int K>
KOKKOS_FORCEINLINE_FUNCTION PackMask<T, K> less(const Pack<T, K>& a, const Pack<T, K>& b) {
  return PackMask<T, K>::generate([&](int k) { return a.reg[k] < b.reg[k]; });
}
template <class T, int K>
KOKKOS_FORCEINLINE_FUNCTION PackMask<T, K> equal(const Pack<T, K>& a, const Pack<T, K>& b) {
  return PackMask<T, K>::generate([&](int k) { return a.reg[k] == b.reg[k]; });
}
template <class T, int K>
KOKKOS_FORCEINLINE_FUNCTION Pack<T, K> select(const PackMask<T, K>& m, const Pack<T, K>& yes,
                                              const Pack<T, K>& no) {
  return Pack<T, K>::generate(
      [&](int k) { return xsimd::select(m.reg[k], yes.reg[k], no.reg[k]); });
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
  return Pack<T, K>::generate([&](int k) { return native::fma(a.reg[k], b.reg[k], c.reg[k]); });
}
template <class T, int K>
KOKKOS_FORCEINLINE_FUNCTION Pack<T, K> sqrt(const Pack<T, K>& a) {
  return Pack<T, K>::generate([&](int k) { return xsimd::sqrt(a.reg[k]); });
}
template <class T, int K>
KOKKOS_FORCEINLINE_FUNCTION Pack<T, K> abs(const Pack<T, K>& a) {
  return Pack<T, K>::generate([&](int k) { return xsimd::abs(a.reg[k]); });
}

/// The same bits as another type of pack.
template <class To, class From, int K>
KOKKOS_FORCEINLINE_FUNCTION To bits_as(const Pack<From, K>& a) {
  return To::generate([&](int k) { return xsimd::bitwise_cast<typename To::Register>(a.reg[k]); });
}

template <int K>
KOKKOS_FORCEINLINE_FUNCTION Pack<float, K> signed_to_number(const Pack<std::uint32_t, K>& a) {
  return Pack<float, K>::generate([&](int k) {
    return xsimd::to_float(xsimd::bitwise_cast<xsimd::batch<std::int32_t>>(a.reg[k]));
  });
}

/// Each lane rotated left by n bits. The compiler's vectors, unlike intrinsics, become one rotate
/// instruction where there is one.
template <class T, int K>
KOKKOS_FORCEINLINE_FUNCTION Pack<T, K> rotate_left(const Pack<T, K>& a, int n) {
  using Register = typename Pack<T, K>::Register;
  using Raw [[gnu::vector_size(sizeof(Register))]] = T;
  return Pack<T, K>::generate([&](int k) {
    const auto x = reinterpret_cast<Raw>(static_cast<typename Register::register_type>(a.reg[k]));
    const Raw rotated = (x << n) | (x >> (static_cast<int>(8 * sizeof(T)) - n));
    return Register(reinterpret_cast<typename Register::register_type>(rotated));
  });
}

template <class T, int K>
KOKKOS_FORCEINLINE_FUNCTION Pack<T, K> load_lanes(const Pack<T, K>&, const T* from) {
  constexpr int n = static_cast<int>(Pack<T, K>::Register::size);
  return Pack<T, K>::generate(
      [&](int k) { return Pack<T, K>::Register::load_unaligned(from + k * n); });
}
template <class T, int K>
KOKKOS_FORCEINLINE_FUNCTION void store_lanes(T* to, const Pack<T, K>& a) {
  constexpr int n = static_cast<int>(Pack<T, K>::Register::size);
  for (int k = 0; k < K; ++k) a.reg[k].store_unaligned(to + k * n);
}

}  // namespace driftwood

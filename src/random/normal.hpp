// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/math.hpp"
#include "random/stream.hpp"

namespace driftwood::random {

/// Uniform on the open unit interval: the odd multiples of 2^-53.
KOKKOS_FORCEINLINE_FUNCTION double uniform(std::uint64_t word) {
  return bits_as<double>((word >> 12) | math::Format<double>::one) - (1.0 - 0x1p-53);
}
/// Uniform on (0, 1], from 2^-32 up and dense near zero, where the tails of the normal come from.
KOKKOS_FORCEINLINE_FUNCTION float uniform(std::uint32_t word) {
  return fma(signed_to_number(word >> 1), 0x1p-31f, 0x1p-32f);
}
template <template <class, int> class P, int K>
KOKKOS_FORCEINLINE_FUNCTION P<double, K> uniform(const P<std::uint64_t, K>& word) {
  using R = P<double, K>;
  using Word = P<std::uint64_t, K>;
  return bits_as<R>((word >> 12) | Word(math::Format<double>::one)) - R(1.0 - 0x1p-53);
}
template <template <class, int> class P, int K>
KOKKOS_FORCEINLINE_FUNCTION P<float, K> uniform(const P<std::uint32_t, K>& word) {
  using R = P<float, K>;
  return fma(signed_to_number(word >> 1), R(0x1p-31f), R(0x1p-32f));
}

/// A point uniform on the unit circle. The bits that fill a mantissa choose an angle within 45
/// degrees of the axis, two of the spare ones which of the four half-axes it is.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION void direction(const word_of<R>& word, R& x, R& y) {
  using T = value_of<R>;
  using F = math::Format<T>;
  using Word = word_of<R>;
  constexpr int bits = 8 * static_cast<int>(sizeof(T));
  const R one_to_two = bits_as<R>((word >> (bits - F::mantissa)) | Word(F::one));
  math::sincos_quarter(one_to_two - R(T(1.5)), y, x);
  x = bits_as<R>(bits_as<Word>(x) ^ ((word >> 1) << (bits - 1)));
  math::swap_where<R>(Word(0) - (word & Word(1)), x, y);
}

/// Two independent normals of mean 0 and the given variance: Box and Muller (1958). The largest
/// magnitude is 8.57 (double) or 6.66 (single) standard deviations.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION void normal_pair(const word_of<R>& radius_word,
                                             const word_of<R>& direction_word, value_of<R> variance,
                                             R& first, R& second) {
  const R radius = sqrt(R(-2 * variance) * math::log_of_normal(uniform(radius_word)));
  R x;
  R y;
  direction(direction_word, x, y);
  first = radius * x;
  second = radius * y;
}

/// The independent normals of one draw: as many as it has words.
template <class R>
struct Normals {
  R z[words_per_draw<R>];
};

/// Normals of mean 0 and the given variance for the paths `ids`.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Normals<R> normals(const Stream& stream, const Ids<R>& ids,
                                               std::uint64_t draw, value_of<R> variance) {
  Normals<R> out;
  if constexpr (is_wide<R>) {
    using Narrow = Lane<value_of<R>>;
    for (int part = 0; part < width_of<R> / width_of<Narrow>; ++part) {
      const auto z = normals<Narrow>(stream, part_of<Narrow>(ids, part), draw, variance);
      for (int i = 0; i < words_per_draw<R>; ++i) set_part(out.z[i], part, z.z[i]);
    }
  } else {
    const Words<R> words = stream.words<R>(ids, draw);
    for (int i = 0; i < words_per_draw<R>; i += 2) {
      normal_pair(words.word[i], words.word[i + 1], variance, out.z[i], out.z[i + 1]);
    }
  }
  return out;
}

/// The same by a function call: where the work between two draws is long, inlining them gains
/// nothing and costs every kernel the compilation.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Normals<R> called_normals(const Stream& stream, const Ids<R>& ids,
                                                      std::uint64_t draw, value_of<R> variance) {
  return out_of_line([&]() { return normals<R>(stream, ids, draw, variance); });
}

}  // namespace driftwood::random

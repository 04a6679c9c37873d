// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "random/normal.hpp"

namespace driftwood::random {

/// A uniform on (0, 1) and an independent sign +-1 for each word of a draw.
template <class R>
struct SignedUniforms {
  R uniform[words_per_draw<R>];
  R sign[words_per_draw<R>];
};

/// Signed uniforms of the paths `ids`: the uniform does not use the lowest bit of a word, the sign
/// uses nothing else.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION SignedUniforms<R> signed_uniforms(const Stream& stream,
                                                              const Ids<R>& ids,
                                                              std::uint64_t draw) {
  SignedUniforms<R> out;
  if constexpr (is_wide<R>) {
    using Narrow = Lane<value_of<R>>;
    for (int part = 0; part < width_of<R> / width_of<Narrow>; ++part) {
      const auto u = signed_uniforms<Narrow>(stream, part_of<Narrow>(ids, part), draw);
      for (int i = 0; i < words_per_draw<R>; ++i) {
        set_part(out.uniform[i], part, u.uniform[i]);
        set_part(out.sign[i], part, u.sign[i]);
      }
    }
  } else {
    using T = value_of<R>;
    using Word = word_of<R>;
    constexpr int sign_bit = 8 * static_cast<int>(sizeof(T)) - 1;
    const Words<R> words = stream.words<R>(ids, draw);
    for (int i = 0; i < words_per_draw<R>; ++i) {
      out.uniform[i] = uniform(words.word[i]);
      out.sign[i] = bits_as<R>(Word(math::Format<T>::one) | (words.word[i] << sign_bit));
    }
  }
  return out;
}

}  // namespace driftwood::random

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "deck/distribution.hpp"
#include "random/normal.hpp"

namespace driftwood::sde {

/// What a law that is not a column gives for the words of one draw.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R drawn_from(deck::Distribution::Kind kind, double first, double second,
                                         const random::Words<R>& words) {
  using Kind = deck::Distribution::Kind;
  if (kind == Kind::constant) return R(first);
  if (kind == Kind::uniform) {
    return fma(R(second - first), random::uniform(words.word[0]), R(first));
  }
  R z;
  R unused;
  random::normal_pair(words.word[0], words.word[1], 1.0, z, unused);
  const R normal = fma(R(second), z, R(first));
  return kind == Kind::normal ? normal : math::exp(normal);
}

}  // namespace driftwood::sde

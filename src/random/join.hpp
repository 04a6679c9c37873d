// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "random/bridge.hpp"
#include "random/brownian.hpp"

namespace driftwood::random {

/// Noise of which two steps make one: that of a path, not what stands for it in law.
[[nodiscard]] constexpr bool is_joinable(Increments kind) { return kind <= Increments::with_levy; }

/// The noise of one step from that of its halves, each of length h.
template <Increments I, class V>
requires(is_joinable(I)) KOKKOS_FORCEINLINE_FUNCTION Increment<V, I> join(
    const Increment<V, I>& left, const Increment<V, I>& right, double h) {
  using R = lane_of<V>;
  Increment<V, I> whole;
  whole.dw = uninitialized(left.dw);
  const int m = left.dw.size();
  if constexpr (I == Increments::brownian) {
    for (int k = 0; k < m; ++k) whole.dw[k] = left.dw[k] + right.dw[k];
  } else {
    whole.area = uninitialized(left.dw);
    const auto each = static_cast<value_of<R>>(h);
    for (int k = 0; k < m; ++k) {
      const Segment<R> both =
          join<R>({left.dw[k], left.area[k]}, each, {right.dw[k], right.area[k]}, each);
      whole.dw[k] = both.w;
      whole.area[k] = both.h;
    }
  }
  if constexpr (I == Increments::with_levy) {
    whole.levy = pairs(left.dw);
    int pair = 0;
    for (int i = 0; i < m; ++i) {
      for (int j = i + 1; j < m; ++j, ++pair) {
        whole.levy.value[pair] = join_areas(left.levy.value[pair], right.levy.value[pair],
                                            left.dw[i], left.dw[j], right.dw[i], right.dw[j]);
      }
    }
  }
  return whole;
}

/// Draw number `draw` of steps that are two of the source's each.
template <Increments I, class V>
requires(is_joinable(I)) KOKKOS_FORCEINLINE_FUNCTION Draw<V, I> joined_draw(
    const GridBrownian& source, const Ids<lane_of<V>>& ids, std::uint64_t draw, const V& like) {
  Draw<V, I> out;
  for (int part = 0; part < 2; ++part) {
    const auto fine = source.draw<I, Code::called>(ids, 2 * draw + part, like);
    for (int s = 0; s < out.steps / 2; ++s) {
      out.step[part * out.steps / 2 + s] =
          join<I, V>(fine.step[2 * s], fine.step[2 * s + 1], source.step);
    }
  }
  return out;
}

}  // namespace driftwood::random

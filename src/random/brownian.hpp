// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/vec.hpp"
#include "random/normal.hpp"

namespace driftwood::random {

/// What a scheme asks of the Brownian path over one step.
enum class Levy {
  none,        ///< the increment W
  space_time,  ///< W and the space-time area H
};

/// One step of an M-dimensional Brownian path: W ~ N(0, h), and where asked for the space-time Levy
/// area H = (1/h) int_0^h (W_s - (s/h) W) ds ~ N(0, h/12), independent of W.
template <class R, int M, Levy L>
struct Increment {
  Vec<R, M> dw;
  Vec<R, M> area;
};
template <class R, int M>
struct Increment<R, M, Levy::none> {
  Vec<R, M> dw;
};

/// Brownian motion on a grid of equal steps h: increment n of component k of path `id` is a pure
/// function of (seed, id, k, n) and h. Any order of access, no state.
///
/// One draw of the generator serves `steps_per_draw` consecutive steps of one component.
struct GridBrownian {
  std::uint64_t seed;
  double step;  ///< h [time]

  template <class R>
  static constexpr int steps_per_draw = words_per_draw<R>;

  /// Increments over steps [draw S, draw S + S), S = steps_per_draw<R>.
  template <class R, int M, Levy L>
  struct Draw {
    Increment<R, M, L> step[words_per_draw<R>];
  };

  template <class R, int M, Levy L>
  KOKKOS_FORCEINLINE_FUNCTION Draw<R, M, L> draw(const Ids<R>& ids, std::uint64_t draw) const {
    using T = value_of<R>;
    Draw<R, M, L> out;
    for (int k = 0; k < M; ++k) {
      const auto w =
          normals<R>(Stream(seed, Purpose::increment, k), ids, draw, static_cast<T>(step));
      for (int s = 0; s < words_per_draw<R>; ++s) out.step[s].dw[k] = w.z[s];
      if constexpr (L == Levy::space_time) {
        const auto a =
            normals<R>(Stream(seed, Purpose::area, k), ids, draw, static_cast<T>(step / 12));
        for (int s = 0; s < words_per_draw<R>; ++s) out.step[s].area[k] = a.z[s];
      }
    }
    return out;
  }

  /// Increment of the single step `n`.
  template <class R, int M, Levy L>
  KOKKOS_FORCEINLINE_FUNCTION Increment<R, M, L> increment(const Ids<R>& ids,
                                                           std::uint64_t n) const {
    return draw<R, M, L>(ids, n / words_per_draw<R>).step[n % words_per_draw<R>];
  }
};

}  // namespace driftwood::random

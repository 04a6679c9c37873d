// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/block.hpp"
#include "random/increments.hpp"
#include "random/levy.hpp"
#include "random/points.hpp"

namespace driftwood::random {

/// The noise of one step, in vectors V of M components: W ~ N(0, h) or what stands for it.
template <class V, Increments I>
struct Increment {
  V dw;
};
/// Space-time Levy area H = (1/h) int_0^h (W_s - (s/h) W) ds ~ N(0, h/12), independent of W.
template <class V>
struct Increment<V, Increments::with_area> {
  V dw;
  V area;
};
/// Levy areas A_ij = (int W_i dW_j - int W_j dW_i) / 2, see random/levy.hpp.
template <class V>
struct Increment<V, Increments::with_levy> {
  V dw;
  V area;
  Pairs<V> levy;  ///< A_ij for i < j
};
/// Independent signs +-1, of which products stand for the Levy areas.
template <class V>
struct Increment<V, Increments::three_point> {
  V dw;
  V sign;
};

/// Where the words of step `step` come from: what is drawn must depend on nothing else.
template <class V>
struct Increment<V, Increments::words> {
  std::uint64_t seed;
  Ids<lane_of<V>> ids;
  std::uint64_t step;
};

/// The noise of as many consecutive steps as one draw of the generator serves.
template <class V, Increments I>
struct Draw {
  static constexpr int steps = words_per_draw<lane_of<V>>;
  Increment<V, I> step[steps];
};

/// How the numbers get into a kernel: `inlined` is faster, `called` quicker to compile.
enum class Code { inlined, called };

/// Brownian motion on a grid of equal steps h: increment n of component k of path `id` is a pure
/// function of (seed, id, k, n) and h. Any order of access, no state.
///
/// One draw of the generator serves `words_per_draw` consecutive steps of one component.
struct GridBrownian {
  std::uint64_t seed;
  double step;                ///< h [time]
  LevyTerms levy_terms = {};  ///< of Levy areas

  /// The noise over steps [draw S, draw S + S), S = words_per_draw; its vectors are like `like`.
  template <Increments I, Code code = Code::inlined, class V>
  KOKKOS_FORCEINLINE_FUNCTION Draw<V, I> draw(const Ids<lane_of<V>>& ids, std::uint64_t draw,
                                              const V& like) const {
    Draw<V, I> out;
    if constexpr (I == Increments::words) {
      for (int s = 0; s < out.steps; ++s) {
        out.step[s] = {seed, ids, draw * out.steps + static_cast<std::uint64_t>(s)};
      }
    } else {
      fill<code>(ids, draw, like, out);
    }
    return out;
  }

  /// The noise of the single step `n`.
  template <Increments I, class V>
  KOKKOS_FORCEINLINE_FUNCTION Increment<V, I> increment(const Ids<lane_of<V>>& ids, std::uint64_t n,
                                                        const V& like) const {
    constexpr int steps = Draw<V, I>::steps;
    return draw<I>(ids, n / steps, like).step[n % steps];
  }

 private:
  template <Code code, class V, Increments I>
  KOKKOS_FORCEINLINE_FUNCTION void fill(const Ids<lane_of<V>>& ids, std::uint64_t draw,
                                        const V& like, Draw<V, I>& out) const {
    for (auto& s : out.step) s.dw = uninitialized(like);
    if constexpr (I == Increments::two_point || I == Increments::three_point) {
      fill_points(ids, draw, out);
    } else {
      fill_normals<code>(ids, draw, like, out);
    }
  }

  template <Code code, class V, Increments I>
  KOKKOS_FORCEINLINE_FUNCTION void fill_normals(const Ids<lane_of<V>>& ids, std::uint64_t draw,
                                                const V& like, Draw<V, I>& out) const {
    using T = value_of<lane_of<V>>;
    for (int k = 0; k < like.size(); ++k) {
      const Stream stream(seed, Purpose::increment, k);
      if constexpr (is_wide<lane_of<V>>) {  // where they are wanted, without a copy
        using Narrow = Lane<T>;
        for (int part = 0; part < width_of<lane_of<V>> / width_of<Narrow>; ++part) {
          const auto w = numbers<code>(stream, part_of<Narrow>(ids, part), draw, T(step));
          for (int s = 0; s < out.steps; ++s) set_part(out.step[s].dw[k], part, w.z[s]);
        }
      } else {
        const auto w = numbers<code>(stream, ids, draw, T(step));
        for (int s = 0; s < out.steps; ++s) out.step[s].dw[k] = w.z[s];
      }
    }
    if constexpr (I == Increments::with_area) {
      for (auto& s : out.step) s.area = uninitialized(like);
      fill_area<code>(ids, draw, out);
    }
    if constexpr (I == Increments::with_levy) {
      for (auto& s : out.step) {
        s.area = uninitialized(like);
        s.levy = pairs(like);
      }
      levy_terms.count > 0 ? fill_levy(ids, draw, out) : fill_conditional_levy(ids, draw, out);
    }
  }

  template <Code code, class V, Increments I>
  KOKKOS_FORCEINLINE_FUNCTION void fill_area(const Ids<lane_of<V>>& ids, std::uint64_t draw,
                                             Draw<V, I>& out) const {
    using T = value_of<lane_of<V>>;
    for (int k = 0; k < out.step[0].dw.size(); ++k) {
      const auto a = numbers<code>(Stream(seed, Purpose::area, k), ids, draw, T(step / 12));
      for (int s = 0; s < out.steps; ++s) out.step[s].area[k] = a.z[s];
    }
  }

  template <Code code, class R>
  KOKKOS_FORCEINLINE_FUNCTION static Normals<R> numbers(const Stream& stream, const Ids<R>& ids,
                                                        std::uint64_t draw, value_of<R> variance) {
    if constexpr (code == Code::inlined) return normals<R>(stream, ids, draw, variance);
    return called_normals<R>(stream, ids, draw, variance);
  }

  /// Two- and three-point variables from the words that would have made W: the high bits decide on
  /// the value, the lowest one is the sign.
  template <class V, Increments I>
  KOKKOS_FORCEINLINE_FUNCTION void fill_points(const Ids<lane_of<V>>& ids, std::uint64_t draw,
                                               Draw<V, I>& out) const {
    using R = lane_of<V>;
    using T = value_of<R>;
    const auto& like = out.step[0].dw;
    if constexpr (I == Increments::three_point) {
      for (auto& s : out.step) s.sign = uninitialized(like);
    }
    for (int k = 0; k < like.size(); ++k) {
      const auto u = out_of_line(
          [&] { return signed_uniforms<R>(Stream(seed, Purpose::increment, k), ids, draw); });
      for (int s = 0; s < out.steps; ++s) {
        if constexpr (I == Increments::two_point) {
          const R root(sqrt(T(step)));
          out.step[s].dw[k] = select(less(u.uniform[s], R(T(0.5))), -root, root);
        } else {
          const R root(sqrt(T(3 * step)));
          const R upper = select(less(R(T(5.0 / 6)), u.uniform[s]), root, R(0));
          out.step[s].dw[k] = select(less(u.uniform[s], R(T(1.0 / 6))), -root, upper);
          out.step[s].sign[k] = u.sign[s];
        }
      }
    }
  }

  /// The space-time area and the Levy areas from the Fourier series of the bridge.
  template <class V>
  KOKKOS_FORCEINLINE_FUNCTION void fill_levy(const Ids<lane_of<V>>& ids, std::uint64_t draw,
                                             Draw<V, Increments::with_levy>& out) const {
    const auto freed = scope(out.step[0].dw);
    LevySeries<V> series[Draw<V, Increments::with_levy>::steps];
    for (int s = 0; s < out.steps; ++s) series[s].start(out.step[s].dw, out.step[s].levy);
    const auto take = [&](Purpose purpose, int index, auto&& give) {
      const auto z = called_normals<lane_of<V>>(Stream(seed, purpose, index), ids, draw, 1);
      for (int s = 0; s < out.steps; ++s) give(s, z.z[s]);
    };
    const int m = out.step[0].dw.size();
    for (int r = 1; r <= levy_terms.count; ++r) {
      for (int k = 0; k < m; ++k) {
        const int index = (r * most_noises + k) * 2;
        take(Purpose::levy, index, [&](int s, const auto& z) { series[s].cosine[k] = z; });
        take(Purpose::levy, index + 1, [&](int s, const auto& z) { series[s].sine[k] = z; });
      }
      for (int s = 0; s < out.steps; ++s) series[s].add(r, out.step[s].levy);
    }
    for (int k = 0; k < m; ++k) {
      take(Purpose::levy_tail, k, [&](int s, const auto& z) { series[s].close(levy_terms, k, z); });
    }
    for (int s = 0; s < out.steps; ++s) series[s].write_area(step, out.step[s].area);
    for_each_pair(ids, draw, out, [&](const auto& z, auto& area_ij, auto& noise, int i, int j) {
      area_ij = levy_terms.close(step, area_ij, z, noise.dw, noise.area, i, j);
    });
  }

  /// The space-time area, and Levy areas from the normal law that has their mean and variance given
  /// W and the area.
  template <class V>
  KOKKOS_FORCEINLINE_FUNCTION void fill_conditional_levy(
      const Ids<lane_of<V>>& ids, std::uint64_t draw, Draw<V, Increments::with_levy>& out) const {
    fill_area<Code::called>(ids, draw, out);
    for_each_pair(ids, draw, out, [&](const auto& z, auto& area_ij, auto& noise, int i, int j) {
      area_ij = conditional_area(step, z, noise.dw, noise.area, i, j);
    });
  }

  /// Calls `give(z, A_ij, noise of the step, i, j)` with a standard normal of its own for every
  /// pair i < j and every step.
  template <class V, class Give>
  KOKKOS_FORCEINLINE_FUNCTION void for_each_pair(const Ids<lane_of<V>>& ids, std::uint64_t draw,
                                                 Draw<V, Increments::with_levy>& out,
                                                 const Give& give) const {
    const int m = out.step[0].dw.size();
    int pair = 0;
    for (int i = 0; i < m; ++i) {
      for (int j = i + 1; j < m; ++j, ++pair) {
        const Stream stream(seed, Purpose::levy_tail, most_noises + pair);
        const auto z = called_normals<lane_of<V>>(stream, ids, draw, 1);
        for (int s = 0; s < out.steps; ++s) {
          give(z.z[s], out.step[s].levy.value[pair], out.step[s], i, j);
        }
      }
    }
  }

  static constexpr int most_noises = 4096;  ///< components that the numbering of streams allows
};

}  // namespace driftwood::random

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Random words as a pure function of (seed, purpose, component, global id, counter): nothing keeps
/// generator state, so no result depends on who computes it, in which order, or how often.

#include "base/math.hpp"
#include "random/threefry.hpp"

namespace driftwood::random {

/// What a stream of random words is for: no two purposes ever share words.
enum class Purpose : std::uint32_t {
  increment = 0,    ///< Brownian increments on a grid
  area = 1,         ///< space-time Levy areas on a grid
  probe = 2,        ///< bits for tests and benchmarks
  levy = 3,         ///< Fourier coefficients of Levy areas
  levy_tail = 4,    ///< what the series of Levy areas leaves out
  initial = 5,      ///< states at time 0
  transition = 6,   ///< exact transition laws that take as many words as they need
  parameter = 7,    ///< parameters that differ from path to path
  dyadic = 8,       ///< splits of the dyadic Brownian path
  bridge = 9,       ///< extremes and passages of paths between two steps
  passage = 10,     ///< where between two steps a path passes a level
  root = 11,        ///< roots of dyadic Brownian paths that are a path's own
  jump = 12,        ///< when jumps come, and which are taken
  mark = 13,        ///< sizes of jumps
  kick = 14,        ///< normals of a step of a Markov chain
  accept = 15,      ///< what a Markov chain decides by
  swap = 16,        ///< exchanges between replicas
  subsample = 17,   ///< rows of data of a stochastic gradient
  design = 18,      ///< rows that a regression learns from
  unlabelled = 19,  ///< rows without labels
  hidden = 20,      ///< what labels depend on and no row shows
  interval = 21,    ///< splits of the Brownian Interval
  weight = 22,      ///< weights that networks start from
};

/// The global ids of the paths in the lanes of `R`. Double lanes hold one 64-bit id each; a pack of
/// single lanes holds twice as many ids, those of even lanes and those of odd lanes apart.
template <class R>
struct Ids {
  std::uint64_t id;

  KOKKOS_FORCEINLINE_FUNCTION static Ids from(const std::uint64_t* ids) { return {ids[0]}; }
  KOKKOS_FORCEINLINE_FUNCTION void to(std::uint64_t* ids) const { ids[0] = id; }
};
template <template <class, int> class P, int K>
struct Ids<P<double, K>> {
  P<std::uint64_t, K> id;

  KOKKOS_FORCEINLINE_FUNCTION static Ids from(const std::uint64_t* ids) {
    return {load<P<std::uint64_t, K>>(ids)};
  }
  KOKKOS_FORCEINLINE_FUNCTION void to(std::uint64_t* ids) const { store_lanes(ids, id); }
};
template <template <class, int> class P, int K>
struct Ids<P<float, K>> {
  P<std::uint64_t, K> even;
  P<std::uint64_t, K> odd;

  KOKKOS_FORCEINLINE_FUNCTION static Ids from(const std::uint64_t* ids) {
    constexpr int half = P<std::uint64_t, K>::width;
    std::uint64_t evens[half];
    std::uint64_t odds[half];
    for (int i = 0; i < half; ++i) {
      evens[i] = ids[2 * i];
      odds[i] = ids[2 * i + 1];
    }
    return {load<P<std::uint64_t, K>>(evens), load<P<std::uint64_t, K>>(odds)};
  }
  KOKKOS_FORCEINLINE_FUNCTION void to(std::uint64_t* ids) const {
    constexpr int half = P<std::uint64_t, K>::width;
    std::uint64_t evens[half];
    std::uint64_t odds[half];
    store_lanes(evens, even);
    store_lanes(odds, odd);
    for (int i = 0; i < half; ++i) {
      ids[2 * i] = evens[i];
      ids[2 * i + 1] = odds[i];
    }
  }
};

/// The ids of part `part` of a wide lane, for the narrower lanes of `Narrow`.
template <class Narrow, template <class, int> class P, int K>
KOKKOS_FORCEINLINE_FUNCTION Ids<Narrow> part_of(const Ids<P<double, K>>& ids, int part) {
  return {part_of<word_of<Narrow>>(ids.id, part)};
}
template <class Narrow, template <class, int> class P, int K>
KOKKOS_FORCEINLINE_FUNCTION Ids<Narrow> part_of(const Ids<P<float, K>>& ids, int part) {
  using Word = typename LaneTraits<Narrow>::counter_type;
  return {part_of<Word>(ids.even, part), part_of<Word>(ids.odd, part)};
}

/// Words of the size of a lane that one call of the generator yields: two of 64, four of 32 bits.
template <class R>
inline constexpr int words_per_draw = is_single<R> ? 4 : 2;

template <class R>
struct Words {
  word_of<R> word[words_per_draw<R>];
};

/// Whole numbers in [0, 2^52) as words.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION word_of<R> whole_word(const R& number) {
  using F = math::Format<double>;
  using Word = word_of<R>;
  return bits_as<Word>(number + R(F::integers_value)) ^ Word(F::integers);
}

/// A permutation of the 64-bit words: those that differ in any bits become ones that differ in
/// about half of theirs. Steele, Lea and Flood (2014), "Fast splittable pseudorandom number
/// generators", SplitMix64.
KOKKOS_FORCEINLINE_FUNCTION constexpr std::uint64_t mixed(std::uint64_t word) {
  word += 0x9e3779b97f4a7c15;
  word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9;
  word = (word ^ (word >> 27)) * 0x94d049bb133111eb;
  return word ^ (word >> 31);
}

/// One stream: all words of a seed, a purpose and a component.
///
/// Keys are mixed, as the generator begins by adding them to its counters: with neighbouring keys,
/// neighbouring counters would start from the same state, of which 13 rounds do not make
/// independent words.
struct Stream {
  Key key;

  KOKKOS_FORCEINLINE_FUNCTION Stream(std::uint64_t seed, Purpose purpose, int component)
      : key{mixed(seed), mixed((static_cast<std::uint64_t>(purpose) << 32) |
                               static_cast<std::uint32_t>(component))} {}

  /// The words of draw number `draw` for the paths `ids`, low halves of a 64-bit word first.
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Words<R> words(const Ids<R>& ids, std::uint64_t draw) const {
    if constexpr (!is_single<R>) {
      using C = word_of<R>;
      const auto out = threefry<C>({ids.id, C(draw)}, key);
      return {{out.x0, out.x1}};
    } else if constexpr (width_of<R> == 1) {
      const auto out = threefry<std::uint64_t>({ids.id, draw}, key);
      const auto low = [](std::uint64_t x) { return static_cast<std::uint32_t>(x); };
      return {{low(out.x0), low(out.x0 >> 32), low(out.x1), low(out.x1 >> 32)}};
    } else {
      using C = decltype(ids.even);
      const auto even = threefry<C>({ids.even, C(draw)}, key);
      const auto odd = threefry<C>({ids.odd, C(draw)}, key);
      return {{low_halves<word_of<R>>(even.x0, odd.x0), high_halves<word_of<R>>(even.x0, odd.x0),
               low_halves<word_of<R>>(even.x1, odd.x1), high_halves<word_of<R>>(even.x1, odd.x1)}};
    }
  }

  /// The words of a draw number of each path's own, in double precision.
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Words<R> words_at(const Ids<R>& ids, const word_of<R>& draw) const {
    static_assert(!is_single<R>);
    const auto out = threefry<word_of<R>>({ids.id, draw}, key);
    return {{out.x0, out.x1}};
  }

 private:
  template <class W, class C>
  KOKKOS_FORCEINLINE_FUNCTION static W low_halves(const C& even, const C& odd) {
    return bits_as<W>((even & C(0xffffffff)) | (odd << 32));
  }
  template <class W, class C>
  KOKKOS_FORCEINLINE_FUNCTION static W high_halves(const C& even, const C& odd) {
    return bits_as<W>((even >> 32) | (odd & C(0xffffffff00000000)));
  }
};

}  // namespace driftwood::random

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A Brownian path of which every interval may be halved, however late that is decided: the virtual
/// Brownian tree, with the space-time area. Foster, Lyons and Oberhauser (2020), "An optimal
/// polynomial approximation of Brownian motion"; Jelincic, Foster and Kidger (2024),
/// "Single-seed generation of Brownian paths and integrals for adaptive and high order SDE
/// solvers".
///
/// Root interval r of given length is step r of a `GridBrownian`, or, where each path has roots of
/// its own, drawn from words of its own. Inside it, cell i < 2^l of level l covers [i, i + 1) 2^-l
/// of its length and has the number 2^l + i; cell n has the halves 2n and 2n + 1. What a cell is
/// split by is a pure function of (seed, path, component, r, n).

#include "random/bridge.hpp"
#include "random/brownian.hpp"

namespace driftwood::random {

/// How cells are split, for all paths of a seed.
struct DyadicBrownian {
  static constexpr int most_levels = 32;  ///< below a root
  static constexpr std::uint64_t most_roots = 1u << 31;

  std::uint64_t seed;

  /// What tells the cells `number`, whole numbers, of roots `root` from all others of their paths.
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION static word_of<R> node_of(const word_of<R>& root, const R& number) {
    return whole_word(number) ^ (root << 33);
  }

  /// Roots `number`, whole numbers, of the given lengths [time], one in each lane.
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Segment<R> root(const Ids<R>& ids, int component, const R& number,
                                              const R& length) const {
    R w;
    R h;
    normals({seed, Purpose::root, component}, ids, whole_word(number), R(-2) * length, w, h);
    constexpr double root_twelfth = 0.28867513459481287;
    return {w, R(root_twelfth) * h};
  }

  /// The halves of the cells `number`, whole numbers, of roots `root`, one in each lane, from what
  /// these have and their length [time]: the bridge at the midpoint. Right = whole - left, so that
  /// increments add up to within a rounding of the larger half.
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Halves<R> halves(const Ids<R>& ids, int component,
                                               const word_of<R>& root, const R& number,
                                               const R& length, const Segment<R>& whole) const {
    const R minus_eighth = R(-0.125) * length;
    R z;  // of variance length / 16
    R y;
    normals({seed, Purpose::dyadic, component}, ids, node_of(root, number), minus_eighth, z, y);
    const R left = fma(R(0.5), whole.w, fma(R(1.5), whole.h, z));
    const R mean = fma(R(0.25), whole.h, R(-0.5) * z);
    constexpr double root_third = 0.5773502691896258;
    const R spread = R(root_third) * y;
    return {{left, mean + spread}, {whole.w - left, mean - spread}};
  }

 private:
  /// Two normals for each lane, of its own variance: `normal_pair` has one variance for all.
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION static void normals(const Stream& stream, const Ids<R>& ids,
                                                  const word_of<R>& number,
                                                  const R& minus_twice_variance, R& first,
                                                  R& second) {
    static_assert(std::is_same_v<value_of<R>, double>);
    if constexpr (is_wide<R>) {
      using Narrow = Lane<double>;
      for (int part = 0; part < width_of<R> / width_of<Narrow>; ++part) {
        Narrow one;
        Narrow other;
        normals(stream, part_of<Narrow>(ids, part), part_of<word_of<Narrow>>(number, part),
                part_of<Narrow>(minus_twice_variance, part), one, other);
        set_part(first, part, one);
        set_part(second, part, other);
      }
    } else {
      const Words<R> words = stream.words_at<R>(ids, number);
      const R radius = sqrt(minus_twice_variance * math::log_of_normal(uniform(words.word[0])));
      direction(words.word[1], first, second);
      first = radius * first;
      second = radius * second;
    }
  }
};

/// A walk through one root interval after another, forward in time, from cell to cell. Each path of
/// a lane is at a cell of its own, which may be halved before it is left; the cell after it is the
/// largest one that begins where it ends. N cells take N - 1 splits.
///
/// A path's bits depend neither on the other lanes nor on when these move. Lanes that a call does
/// not name, and those that cannot follow it, stay as they are.
template <class V>
class DyadicWalk {
 public:
  using R = lane_of<V>;
  using Mask = mask_of<R>;

  /// Lanes of memory that a walk needs for halves that wait for their turn.
  [[nodiscard]] static constexpr int memory(int components, int depth) {
    return 2 * components * depth;
  }

  /// Walks the paths `ids` in cells of the levels [0, depth], depth <= most_levels, with vectors
  /// like `like`, in memory of its own of `memory(like.size(), depth)` lanes, which need no values.
  /// Starts with `begin`.
  KOKKOS_FORCEINLINE_FUNCTION DyadicWalk(const DyadicBrownian& source, const Ids<R>& ids,
                                         const V& like, int depth, R* waiting)
      : source_(source), ids_(ids), waiting_(waiting) {
    cell_.dw = uninitialized(like);
    cell_.area = uninitialized(like);
    finest_ = bits_as<double>((math::Format<double>::bias - static_cast<std::uint64_t>(depth))
                              << math::Format<double>::mantissa);
  }

  /// All paths to the beginning of root `root` < most_roots, whose length [time] is that of all
  /// paths; to the root itself, undivided.
  KOKKOS_FORCEINLINE_FUNCTION void begin(std::uint64_t root, double length) {
    const auto freed = scope(cell_.dw);
    const auto noise =
        GridBrownian{source_.seed, length}.increment<Increments::with_area>(ids_, root, cell_.dw);
    assign(cell_.dw, noise.dw);
    assign(cell_.area, noise.area);
    root_ = word_of<R>(root);
    length_ = R(length);
    number_ = R(1);
    size_ = R(1);
  }

  /// The paths of `where` to the beginning of roots of their own: `root` whole numbers < most_roots
  /// (< 2^52 where they are not halved), `length` > 0 [time].
  KOKKOS_FORCEINLINE_FUNCTION void begin(const Mask& where, const R& root, const R& length) {
    for (int k = 0; k < cell_.dw.size(); ++k) {
      const Segment<R> whole = source_.root(ids_, k, root, length);
      cell_.dw[k] = select(where, whole.w, cell_.dw[k]);
      cell_.area[k] = select(where, whole.h, cell_.area[k]);
    }
    root_ = bits_as<word_of<R>>(select(where, bits_as<R>(whole_word(root)), bits_as<R>(root_)));
    length_ = select(where, length, length_);
    number_ = select(where, R(1), number_);
    size_ = select(where, R(1), size_);
  }

  /// Halves the cells of `where` and goes to their first halves. Lanes that are done or at the
  /// finest level stay.
  KOKKOS_FORCEINLINE_FUNCTION void descend(const Mask& where) {
    const Mask moved = where & divisible();
    if (!any(moved)) return;
    const R half = R(0.5) * size_;
    for (int k = 0; k < cell_.dw.size(); ++k) {
      const Halves<R> h = halves(k);
      for_each_size(half, moved, [&](R* slot, const Mask& here) {
        slot[2 * k] = select(here, h.right.w, slot[2 * k]);
        slot[2 * k + 1] = select(here, h.right.h, slot[2 * k + 1]);
      });
      cell_.dw[k] = select(moved, h.left.w, cell_.dw[k]);
      cell_.area[k] = select(moved, h.left.h, cell_.area[k]);
    }
    number_ = select(moved, number_ + number_, number_);
    size_ = select(moved, half, size_);
  }

  /// Goes to the cells after those of `where`. Lanes that were at their last cell are done.
  KOKKOS_FORCEINLINE_FUNCTION void next(const Mask& where) {
    using F = math::Format<double>;
    using Word = word_of<R>;
    const Mask left = where & !done();
    // Number n + 1 begins where n ends; without its trailing zeros it is that of the largest cell.
    const R after = number_ + R(1);
    const Word bits = whole_word(after);
    const Word lowest = (bits & (Word(0) - bits)) | Word(F::integers);
    const R factor = bits_as<R>(lowest) - R(F::integers_value);
    number_ = select(left, after * inverse(factor), number_);
    size_ = select(left, size_ * factor, size_);
    for_each_size(size_, left & !done(), [&](const R* slot, const Mask& here) {
      for (int k = 0; k < cell_.dw.size(); ++k) {
        cell_.dw[k] = select(here, slot[2 * k], cell_.dw[k]);
        cell_.area[k] = select(here, slot[2 * k + 1], cell_.area[k]);
      }
    });
  }

  /// Lanes that have come to the end of the root. What follows means nothing there, but `start`,
  /// which is the length of the root.
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION Mask done() const { return less(R(1), size_); }
  /// Lanes whose cell can be halved.
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION Mask divisible() const {
    const Mask ended = done();
    return less(R(finest_), size_) & !ended;
  }
  /// W and H over the cell.
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION const Increment<V, Increments::with_area>& noise()
      const {
    return cell_;
  }
  /// Length of the root [time].
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION const R& length() const { return length_; }
  /// Number of the root.
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION const word_of<R>& root() const { return root_; }
  /// Length of the cell as a fraction of the root: 2^-level.
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION const R& size() const { return size_; }
  /// Length of the cell [time]; exact.
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION R step() const { return length_ * size_; }
  /// Where the cell begins [time since the beginning of the root], rounded once.
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION R start() const {
    return length_ * fma(number_, size_, R(-1));
  }
  /// Number of the cell, 2^level + index; a whole number.
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION const R& number() const { return number_; }
  /// What tells the cell from all others of its path.
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION word_of<R> node() const {
    return DyadicBrownian::node_of(root_, number_);
  }
  /// The halves of component k of the cell.
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION Halves<R> halves(int k) const {
    return source_.halves(ids_, k, root_, number_, step(), {cell_.dw[k], cell_.area[k]});
  }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION R index() const { return number_ - inverse(size_); }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION word_of<R> level() const {
    using F = math::Format<double>;
    return word_of<R>(F::bias) - (bits_as<word_of<R>>(size_) >> F::mantissa);
  }

 private:
  /// 1 / x for a power of two.
  KOKKOS_FORCEINLINE_FUNCTION static R inverse(const R& x) {
    using Word = word_of<R>;
    return bits_as<R>(Word(2 * math::Format<double>::one) - bits_as<Word>(x));
  }
  /// Calls `f(halves that wait at the level, lanes of it)` for each level of which cells of `where`
  /// are by their `size`. Mostly they agree.
  template <class F>
  KOKKOS_FORCEINLINE_FUNCTION void for_each_size(const R& size, Mask where, const F& f) const {
    using Format = math::Format<double>;
    double sizes[width_of<R>];
    store_lanes(sizes, select(where, size, R(0)));
    std::uint64_t seen = 0;
    for (int lane = 0; any(where); ++lane) {
      const auto exponent = bits_as<std::uint64_t>(sizes[lane]) >> Format::mantissa;
      if (exponent == 0) continue;
      const auto level = static_cast<int>(Format::bias - exponent);
      if (((seen >> level) & 1) != 0) continue;
      seen |= std::uint64_t{1} << level;
      const Mask here = where & equal(size, R(sizes[lane]));
      where = where & !here;
      f(waiting_ + 2 * (level - 1) * cell_.dw.size(), here);
    }
  }

  DyadicBrownian source_;
  Ids<R> ids_;
  R* waiting_;  ///< by level from 1 on, component, W and H
  double finest_;
  word_of<R> root_ = word_of<R>(0);
  R length_ = R(0);
  Increment<V, Increments::with_area> cell_;
  R number_;
  R size_;
};

/// Memory for the halves that wait in a walk: where vectors have it, in their arena.
template <class V>
struct WalkMemory {
  V like;

  KOKKOS_FORCEINLINE_FUNCTION lane_of<V>* data(int levels) const {
    return like.arena->template take<lane_of<V>>(DyadicWalk<V>::memory(like.size(), levels));
  }
};
template <class R, int M>
struct WalkMemory<Vec<R, M>> {
  Vec<R, M> like;
  R lanes[DyadicWalk<Vec<R, M>>::memory(M, DyadicBrownian::most_levels)];

  KOKKOS_FORCEINLINE_FUNCTION explicit WalkMemory(const Vec<R, M>&) {}
  KOKKOS_FORCEINLINE_FUNCTION R* data(int) { return lanes; }
};

}  // namespace driftwood::random

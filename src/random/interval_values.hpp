// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The values of Brownian Intervals (random/interval_tree.hpp) on lanes of paths.

#include "random/bridge.hpp"
#include "random/interval_plan.hpp"
#include "random/normal.hpp"

namespace driftwood::random {

/// Which paths share a draw. Every word of a draw makes a normal, each of another path: of group q
/// of `paths` consecutive ids, path i of run w (`counters` consecutive ids) has word w of the draw
/// of counter q `counters` + i. So nothing is drawn in vain, and what a path gets depends on its id
/// alone, not on the width of lanes.
template <class R>
struct IntervalGroup {
  static constexpr int counters = 32;  ///< a multiple of the width of every lane
  static constexpr int words = words_per_draw<R>;
  static constexpr int paths = counters * words;
  static_assert(counters % width_of<R> == 0);

  /// The number in a batch of the path that has word 0 of a counter, both from the first ones on;
  /// that of word k is `k * counters` further.
  KOKKOS_FORCEINLINE_FUNCTION static constexpr std::int64_t path(std::int64_t counter) {
    return counter / counters * paths + counter % counters;
  }
};

/// An increment, or with its area a segment.
template <class R, bool with_area>
using IntervalValue = std::conditional_t<with_area, Segment<R>, R>;

/// A step of a plan in the numbers of kernels.
template <class T, bool with_area>
struct IntervalOp {
  IntervalStep step;
  T left;              ///< share of the left child
  T variance;          ///< of the bridge
  SplitWeights<T> by;  ///< the same for segments

  [[nodiscard]] static IntervalOp of(const IntervalStep& step) {
    IntervalOp op{step, 0, 0, {}};
    if (step.kind != IntervalStep::Kind::bridge) return op;
    const double share = step.before / (step.before + step.after);
    op.left = static_cast<T>(share);
    op.variance = static_cast<T>(share * step.after);
    if constexpr (with_area) {
      // In double: cubes of short lengths are too small for single precision.
      const auto w = SplitWeights<double>::of(step.before, step.after);
      const auto as_t = [](double x) { return static_cast<T>(x); };
      op.by = {as_t(w.left),  as_t(w.right), as_t(w.bend),    as_t(w.bend_noise),
               as_t(w.alpha), as_t(w.beta),  as_t(w.gamma_b), as_t(w.gamma_a)};
    }
    return op;
  }
};

/// The normals of Brownian Intervals: of one component of the paths of `width_of<R>` counters.
template <class R, bool with_area>
struct IntervalNoise {
  using T = value_of<R>;
  using Value = IntervalValue<R, with_area>;
  static constexpr int words = IntervalGroup<R>::words;

  Stream first;
  Stream second;
  Ids<R> counters;

  KOKKOS_FORCEINLINE_FUNCTION IntervalNoise(std::uint64_t seed, int component,
                                            std::uint64_t counter)
      : first(seed, Purpose::interval, 2 * component),
        second(seed, Purpose::interval, 2 * component + 1),
        counters(consecutive(counter)) {}

  /// Gives `value(k, value)` those over an interval of given length, for every word k; draw 0.
  template <class Give>
  KOKKOS_FORCEINLINE_FUNCTION void root(T length, const Give& value) const {
    const auto w = normals<R>(first, counters, 0, length);
    if constexpr (with_area) {
      const auto h = normals<R>(second, counters, 0, length / 12);
      for (int k = 0; k < words; ++k) value(k, Value{w.z[k], h.z[k]});
    } else {
      for (int k = 0; k < words; ++k) value(k, w.z[k]);
    }
  }

  /// Gives `halves(k, left, right)` what `whole(k)` is split into, for every word k.
  template <class Whole, class Give>
  KOKKOS_FORCEINLINE_FUNCTION void split_all(const IntervalOp<T, with_area>& op, const Whole& whole,
                                             const Give& halves) const {
    if constexpr (with_area) {
      const auto x = normals<R>(first, counters, op.step.number, 1);
      const auto y = normals<R>(second, counters, op.step.number, 1);
      for (int k = 0; k < words; ++k) {
        const Halves<R> both = split<R>(whole(k), op.by, x.z[k], y.z[k]);
        halves(k, both.left, both.right);
      }
    } else {
      const auto x = normals<R>(first, counters, op.step.number, op.variance);
      for (int k = 0; k < words; ++k) {
        const R all = whole(k);
        const R left = fma(R(op.left), all, x.z[k]);
        halves(k, left, all - left);
      }
    }
  }

  KOKKOS_FORCEINLINE_FUNCTION static Value zero() {
    if constexpr (with_area) {
      return {R(0), R(0)};
    } else {
      return R(0);
    }
  }

  /// `sum` of the pieces before, and this one.
  KOKKOS_FORCEINLINE_FUNCTION static Value joined(const Value& sum, const IntervalStep& piece,
                                                  const Value& value) {
    if constexpr (with_area) {
      return join<R>(sum, static_cast<T>(piece.before), value, static_cast<T>(piece.after));
    } else {
      return sum + value;
    }
  }

 private:
  KOKKOS_FORCEINLINE_FUNCTION static Ids<R> consecutive(std::uint64_t counter) {
    std::uint64_t ids[width_of<R>];
    for (int l = 0; l < width_of<R>; ++l) ids[l] = counter + static_cast<std::uint64_t>(l);
    return Ids<R>::from(ids);
  }
};

}  // namespace driftwood::random

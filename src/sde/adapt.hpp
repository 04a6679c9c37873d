// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Steps of adaptive size. Each path has its own, cells of the dyadic grid between two times of
/// results: a rejected step is halved, and steps grow where the next cell is aligned with larger
/// ones. So every rejected endpoint is visited, and the steps see one Brownian path whatever they
/// are, without a bias: Gaines and Lyons (1997), "Variable step size control in the numerical
/// solution of stochastic differential equations"; Foster, Jelincic (2023), "On the convergence of
/// adaptive approximations for stochastic differential equations".

#include "random/dyadic.hpp"
#include "sde/integrate.hpp"
#include "sde/states.hpp"
#include "sde/step_control.hpp"

namespace driftwood::sde {

/// Schemes whose steps tell their own error, which falls like h^(3/2).
template <class S>
concept EstimatesError = requires {
  requires S::estimates_error;
};

/// The numbers that the control of a path's steps remembers, one a row.
struct ControlRow {
  static constexpr int wanted = 0;    ///< log2 of the step that the last errors ask for [time]
  static constexpr int error = 1;     ///< log2 of the last accepted error
  static constexpr int rejected = 2;  ///< 1 after a rejection
  static constexpr int count = 3;
};

/// The control of step sizes: Soederlind (2002), "Automatic control and adaptive time-stepping",
/// with the coefficients that Ilie, Jackson and Enright (2015) found for SDEs. In powers of two.
struct SizeControl {
  static constexpr double safety = -0.15200309344504997;  ///< log2 of 0.9
  static constexpr double integral = 0.3;
  static constexpr double proportional = 0.1;
  static constexpr double least = -2.321928094887362;  ///< log2 of 1/5
  static constexpr double most = 1;

  double order;  ///< errors are like h^order

  /// Change of the wanted step after an accepted one.
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION R accepted(const R& error, const R& before) const {
    const R pi = fma(R(-integral / order), error, R(proportional / order) * (before - error));
    return min(max(R(safety) + pi, R(least)), R(most));
  }
  /// Change of the step after a rejected one: to less than half.
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION R rejected(const R& error) const {
    return min(max(fma(R(-1 / order), error, R(safety)), R(least)), R(-0.01));
  }
};

/// Memory for the halves that wait in a walk.
template <class V>
struct Waiting {
  static constexpr int depth = random::DyadicBrownian::most_levels;
  V like;

  KOKKOS_FORCEINLINE_FUNCTION lane_of<V>* data(int levels) const {
    return like.arena->template take<lane_of<V>>(
        random::DyadicWalk<V>::memory(like.size(), levels));
  }
};
template <class R, int M>
struct Waiting<Vec<R, M>> {
  Vec<R, M> like;
  R lanes[random::DyadicWalk<Vec<R, M>>::memory(M, random::DyadicBrownian::most_levels)];

  KOKKOS_FORCEINLINE_FUNCTION explicit Waiting(const Vec<R, M>&) {}
  KOKKOS_FORCEINLINE_FUNCTION R* data(int) { return lanes; }
};

/// Adaptive steps through the intervals [first, last) between the times of results.
struct AdaptiveSteps {
  /// Lanes of states of run-time size: not wide, as all paths of a lane wait for the last one.
  template <class T>
  using BlockLane = Lane<T>;

  Steps intervals;
  double relative;
  double absolute;
  int depth;
  std::int64_t most_attempts;  ///< of each interval
  Kokkos::View<const double*, Memory> times;
  States<double> rows;  ///< of `ControlRow`
  Kokkos::View<std::uint64_t**, Kokkos::LayoutRight, Memory>
      counts;  ///< accepted, rejected, forced

  template <class S, class F, class X, class V, class See>
  KOKKOS_FORCEINLINE_FUNCTION void run(const F& field, const PathNoise<lane_of<X>>& noise,
                                       const V& like, Carried<S, X>& state, const See& see) const {
    using R = lane_of<X>;
    const auto freed = scope(like);
    Waiting<V> waiting{like};
    random::DyadicWalk<V> walk({noise.drawn.seed}, noise.ids, like, depth, waiting.data(depth));
    const auto row = [&](int i) { return &rows(i, noise.path); };
    Control<R> control{load<R>(row(ControlRow::wanted)), load<R>(row(ControlRow::error)),
                       load<R>(row(ControlRow::rejected))};
    Seen seen;
    for (std::int64_t r = intervals.first; r < intervals.last; ++r) {
      const double begin = r == 0 ? 0.0 : times(r - 1);
      const double length = times(r) - begin;
      begin_root(walk, static_cast<std::uint64_t>(r), length);
      seen.clear();
      for (std::int64_t n = 0; n < most_attempts && any(!walk.done()); ++n) {
        attempt<S>(field, noise, begin, log2(length), walk, control, state.x, see, seen);
      }
      out_of_line([&] {
        add(seen, length);
        return 0;
      });
    }
    store_lanes(row(ControlRow::wanted), control.wanted);
    store_lanes(row(ControlRow::error), control.error);
    store_lanes(row(ControlRow::rejected), control.rejected);
  }

 private:
  template <class R>
  struct Control {
    R wanted;
    R error;
    R rejected;
  };

  /// Steps of the paths in a lane, by the level of their cells.
  struct Seen {
    static constexpr int levels = random::DyadicBrownian::most_levels + 1;
    std::uint32_t accepted[levels];
    std::uint32_t rejected[levels];
    std::uint32_t forced;

    KOKKOS_FORCEINLINE_FUNCTION void clear() {
      for (int l = 0; l < levels; ++l) accepted[l] = rejected[l] = 0;
      forced = 0;
    }
  };

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION static R log2(const R& x) {
    return R(1.4426950408889634) * math::log(x);
  }
  /// log2 of the length of the cells.
  template <class Walk>
  KOKKOS_FORCEINLINE_FUNCTION static auto log2_step(const Walk& walk, double log2_length) {
    using R = typename Walk::R;
    using F = math::Format<double>;
    const R level = bits_as<R>(walk.level() | word_of<R>(F::integers)) - R(F::integers_value);
    return R(log2_length) - level;
  }

  /// Tries one step of all paths that are on their way, and goes on where its error allows. What
  /// does not depend on the scheme is compiled once for all.
  template <class S, class F, class R, class Walk, class X, class See>
  KOKKOS_FORCEINLINE_FUNCTION void attempt(const F& field, const PathNoise<R>& noise, double begin,
                                           double log2_length, Walk& walk, Control<R>& control,
                                           X& x, const See& see, Seen& seen) const {
    const auto freed = scope(x);
    halve_where_wanted(walk, control, log2_length);
    const R h = walk.step();
    const R t = R(begin) + walk.start();
    X error = generate(x, [](int) { return R(0); });
    X y = step_with_error<S>(field, noise, t, h, walk, x, error);
    const mask_of<R> accepted =
        judge(SizeControl{order_of_error<S, F>()}, walk, log2_length, x, y, error, control, seen);
    for (int i = 0; i < x.size(); ++i) y[i] = select(accepted, y[i], x[i]);
    if (see.is_on()) {
      const mask_of<R> idle = !accepted;
      see(WatchedStep<R, R, word_of<R>>{t, h, walk.node(), noise.drawn.seed, noise.ids, noise.path,
                                        idle},
          x, y);
    }
    assign(x, y);
    go_on(walk, accepted);
  }

  /// Halves the cells that are larger than wanted.
  template <class Walk, class R>
  KOKKOS_FORCEINLINE_FUNCTION static void halve_where_wanted(Walk& walk, const Control<R>& control,
                                                             double log2_length) {
    out_of_line([&] {
      for (;;) {
        const mask_of<R> too_large =
            less(control.wanted, log2_step(walk, log2_length)) & walk.divisible();
        if (!any(too_large)) return 0;
        walk.descend(too_large);
      }
    });
  }

  template <class Walk>
  KOKKOS_FORCEINLINE_FUNCTION static void begin_root(Walk& walk, std::uint64_t root,
                                                     double length) {
    out_of_line([&] {
      walk.begin(root, length);
      return 0;
    });
  }

  template <class Walk, class Mask>
  KOKKOS_FORCEINLINE_FUNCTION static void go_on(Walk& walk, const Mask& accepted) {
    out_of_line([&] {
      walk.next(accepted);
      return 0;
    });
  }

  /// The paths whose step from x to y is accepted, and the steps that they and the others want
  /// next.
  template <class Walk, class X, class R>
  KOKKOS_FORCEINLINE_FUNCTION mask_of<R> judge(const SizeControl& size, const Walk& walk,
                                               double log2_length, const X& x, const X& y,
                                               const X& error, Control<R>& control,
                                               Seen& seen) const {
    return out_of_line([&] {
      R sum(0);
      mask_of<R> lost = less(R(1), R(0));  // no step brings back what is not finite
      for (int i = 0; i < x.size(); ++i) {
        const R scale = fma(R(relative), max(abs(x[i]), abs(y[i])), R(absolute));
        const R e = error[i] / scale;
        sum = fma(e, e, sum);
        const mask_of<R> finite = is_finite(x[i]);
        lost = lost | !finite;
      }
      const R square = sum * R(1.0 / x.size());
      const R log2_error = R(0.5) * log2(max(square, R(1e-60)));  // of what is no number, small
      const mask_of<R> done = walk.done();
      const mask_of<R> too_inexact = !(less(square, R(1)) | equal(square, R(1)));
      const mask_of<R> kept = !lost;
      const mask_of<R> is_rejected = too_inexact & walk.divisible() & kept;
      const mask_of<R> unfinished = !done;
      const mask_of<R> keeps = !is_rejected;
      const mask_of<R> accepted = unfinished & keeps;
      count(walk, accepted, is_rejected, accepted & too_inexact & kept, seen);

      // Errors are those of the step that was wanted, as far as the dyadic grid held it back.
      const R log2_h = log2_step(walk, log2_length);
      const R held_back = min(max(control.wanted - log2_h, R(0)), R(1));
      const R virtual_error = fma(R(size.order), held_back, log2_error);
      const R change = size.accepted(virtual_error, control.error);
      const R no_growth = select(less(R(0), control.rejected), min(change, R(0)), change);
      const R grown = log2_h + held_back + no_growth;
      const R shrunk =
          log2_h + select(is_finite(square), size.rejected(log2_error), R(SizeControl::least));
      control.wanted = select(is_rejected, shrunk, select(accepted, grown, control.wanted));
      control.error = select(accepted, virtual_error, control.error);
      control.rejected = select(is_rejected, R(1), select(accepted, R(0), control.rejected));
      return accepted;
    });
  }

  /// How the estimated error of a step falls with its size.
  template <class S, class F>
  static constexpr double order_of_error() {
    return EstimatesError<S> ? 1.5 : S::strong_order(F::noise) + 0.5;
  }

  /// The noise that S asks for from what a walk gives.
  template <class S, class F, class V, class R>
  KOKKOS_FORCEINLINE_FUNCTION static auto noise_of(const V& dw, const V& area,
                                                   const PathNoise<R>& noise) {
    constexpr Increments kind = increments_for<S, F>();
    Increment<V, kind> w;
    const auto signed_like = [&](const V& from) {
      return generate(from,
                      [&](int k) { return noise.is_mirrored ? noise.sign * from[k] : from[k]; });
    };
    w.dw = signed_like(dw);
    if constexpr (kind == Increments::with_area) w.area = signed_like(area);
    return w;
  }

  template <class Walk>
  KOKKOS_FORCEINLINE_FUNCTION static auto halves_of(const Walk& walk, int k) {
    return out_of_line([&] { return walk.halves(k); });
  }

  /// The state after a step and an estimate of its error: the scheme's own, or what two steps of
  /// half the size make different; these are then the step.
  template <class S, class F, class R, class Walk, class X>
  KOKKOS_FORCEINLINE_FUNCTION static X step_with_error(const F& field, const PathNoise<R>& noise,
                                                       const R& t, const R& h, const Walk& walk,
                                                       const X& x, X& error) {
    const auto& cell = walk.noise();
    const typename S::template Step<F, R> whole{field, h};
    if constexpr (EstimatesError<S>) {
      return whole.with_error(t, x, noise_of<S, F>(cell.dw, cell.area, noise), error);
    } else {
      auto left_w = uninitialized(cell.dw);
      auto left_h = uninitialized(cell.dw);
      auto right_w = uninitialized(cell.dw);
      auto right_h = uninitialized(cell.dw);
      for (int k = 0; k < cell.dw.size(); ++k) {
        const random::Halves<R> halves = halves_of(walk, k);
        left_w[k] = halves.left.w;
        left_h[k] = halves.left.h;
        right_w[k] = halves.right.w;
        right_h[k] = halves.right.h;
      }
      const R half_h = R(0.5) * h;
      const typename S::template Step<F, R> half{field, half_h};
      const X coarse = whole(t, x, noise_of<S, F>(cell.dw, cell.area, noise));
      const X middle = half(t, x, noise_of<S, F>(left_w, left_h, noise));
      const X fine = half(t + half_h, middle, noise_of<S, F>(right_w, right_h, noise));
      for (int i = 0; i < x.size(); ++i) error[i] = fine[i] - coarse[i];
      return fine;
    }
  }

  template <class Walk, class Mask>
  KOKKOS_FORCEINLINE_FUNCTION static void count(const Walk& walk, const Mask& accepted,
                                                const Mask& is_rejected, const Mask& forced,
                                                Seen& seen) {
    using R = typename Walk::R;
    double kinds[width_of<R>];
    std::uint64_t levels[width_of<R>];
    const R kind = select(accepted, R(1), select(is_rejected, R(2), R(0)));
    store_lanes(kinds, select(forced, R(3), kind));
    store_lanes(levels, walk.level());
    for (int l = 0; l < width_of<R>; ++l) {
      if (kinds[l] == 0) continue;
      ++(kinds[l] == 2 ? seen.rejected : seen.accepted)[levels[l]];
      if (kinds[l] == 3) ++seen.forced;
    }
  }

  /// Adds what was seen of cells of a root of this length to the counts of all paths.
  KOKKOS_FORCEINLINE_FUNCTION void add(const Seen& seen, double length) const {
    const auto exponent = static_cast<int>(bits_as<std::uint64_t>(length) >> 52) - 1023;
    for (int l = 0; l < Seen::levels; ++l) {
      const int bin = exponent - l - StepCounts::lowest;
      const int inside = bin < 0 ? 0 : (bin < StepCounts::bins ? bin : StepCounts::bins - 1);
      if (seen.accepted[l] > 0)
        Kokkos::atomic_add(&counts(0, inside), std::uint64_t{seen.accepted[l]});
      if (seen.rejected[l] > 0)
        Kokkos::atomic_add(&counts(1, inside), std::uint64_t{seen.rejected[l]});
    }
    if (seen.forced > 0) Kokkos::atomic_add(&counts(2, 0), std::uint64_t{seen.forced});
  }
};

}  // namespace driftwood::sde

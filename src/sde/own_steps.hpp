// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Steps that each path has of its own: of adaptive size, or equal ones that end where it jumps.
///
/// Those that adapt are cells of the dyadic grid between two times of results: a rejected step is
/// halved, and steps grow where the next cell is aligned with larger ones. So every rejected
/// endpoint is visited, and the steps see one Brownian path whatever they are, without a bias:
/// Gaines and Lyons (1997), "Variable step size control in the numerical solution of stochastic
/// differential equations"; Foster, Jelincic (2023), "On the convergence of adaptive approximations
/// for stochastic differential equations".
///
/// A path that may jump has a piece of Brownian motion of its own from each jump to the next, or to
/// the next time of all paths: Platen and Bruti-Liberati (2010), "Numerical Solution of Stochastic
/// Differential Equations with Jumps in Finance", section 6.1.

#include "random/dyadic.hpp"
#include "sde/integrate.hpp"
#include "sde/jumps.hpp"
#include "sde/size_control.hpp"
#include "sde/states.hpp"
#include "sde/step_control.hpp"

namespace driftwood::sde {

/// Schemes whose steps tell their own error, which falls like h^(3/2).
template <class S>
concept EstimatesError = requires {
  requires S::estimates_error;
};

/// Steps of the paths' own through the intervals [first, last): those between the times of results
/// where steps adapt, else equal ones.
struct OwnSteps {
  /// Lanes of states of run-time size: not wide, as all paths of a lane wait for the last one.
  template <class T>
  using BlockLane = Lane<T>;

  Steps intervals;
  double equal_step;  ///< length of the intervals [time]; 0: steps adapt
  double relative;    ///< and the following are of adaptive steps
  double absolute;
  int depth;
  std::int64_t most_attempts;  ///< of each interval
  Kokkos::View<const double*, Memory> times;
  States<double> rows;  ///< of `ControlRow`
  Kokkos::View<std::uint64_t**, Kokkos::LayoutRight, Memory>
      counts;  ///< accepted, rejected, forced
  Jumps jumps;

  template <class S, class F, class X, class V, class See>
  KOKKOS_FORCEINLINE_FUNCTION void run(const F& field, const PathNoise<lane_of<X>>& noise,
                                       const V& like, Carried<S, X>& state, const See& see) const {
    using R = lane_of<X>;
    const auto freed = scope(like);
    random::WalkMemory<V> waiting{like};
    random::DyadicWalk<V> walk({noise.drawn.seed}, noise.ids, like, depth, waiting.data(depth));
    SizeMemory<R> control = stored_control<R>(noise.path);
    const JumpingPaths<R> jumping(jumps, noise.ids, noise.drawn.seed, noise.path);
    Piece<R> piece;
    Seen seen;
    for (std::int64_t r = intervals.first; r < intervals.last; ++r) {
      seen.clear(length_of(r));
      begin_interval(r, jumping, state.x, walk, piece);
      for (std::int64_t n = 0; n < most_attempts; ++n) {
        if (jumps.is_on()) end_pieces(jumping, state.x, see, walk, piece);
        if (!any(!walk.done())) break;
        attempt<S>(field, noise, piece, walk, control, state.x, see, seen);
      }
      add(seen);
    }
    store(control, noise.path);
  }

 private:
  /// What a path lives through between two of its jumps, or from or to the end of an interval.
  template <class R>
  struct Piece {
    R begin;        ///< [time]
    R log2_length;  ///< of the length [time]
    R left;         ///< of the interval, after this [time]
    R kind;         ///< of the jump that may come at its end; -1: none
  };

  /// Steps of the paths in a lane, by how often their length goes into that of the interval, as
  /// powers of two.
  struct Seen {
    static constexpr int levels = 2 * random::DyadicBrownian::most_levels;
    std::uint32_t accepted[levels];
    std::uint32_t rejected[levels];
    std::uint32_t forced;
    int exponent;  ///< of the length of the interval

    KOKKOS_FORCEINLINE_FUNCTION void clear(double length) {
      for (int l = 0; l < levels; ++l) accepted[l] = rejected[l] = 0;
      forced = 0;
      exponent = exponent_of(length);
    }
  };

  KOKKOS_FORCEINLINE_FUNCTION bool adapts() const { return equal_step == 0; }
  KOKKOS_FORCEINLINE_FUNCTION double begin_of(std::int64_t r) const {
    return adapts() ? (r == 0 ? 0.0 : times(r - 1)) : static_cast<double>(r) * equal_step;
  }
  KOKKOS_FORCEINLINE_FUNCTION double length_of(std::int64_t r) const {
    return adapts() ? times(r) - begin_of(r) : equal_step;
  }
  /// The exponent of a power of two, or of the one below.
  KOKKOS_FORCEINLINE_FUNCTION static int exponent_of(double x) {
    return static_cast<int>(bits_as<std::uint64_t>(x) >> 52) - 1023;
  }

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION SizeMemory<R> stored_control(std::int64_t path) const {
    if (!adapts()) return {R(0), R(0), R(0)};
    const auto row = [&](int i) { return load<R>(&rows(i, path)); };
    return {row(ControlRow::wanted), row(ControlRow::error), row(ControlRow::rejected)};
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION void store(const SizeMemory<R>& control, std::int64_t path) const {
    if (!adapts()) return;
    store_lanes(&rows(static_cast<int>(ControlRow::wanted), path), control.wanted);
    store_lanes(&rows(static_cast<int>(ControlRow::error), path), control.error);
    store_lanes(&rows(static_cast<int>(ControlRow::rejected), path), control.rejected);
  }

  template <class R, class X, class Walk>
  KOKKOS_FORCEINLINE_FUNCTION void begin_interval(std::int64_t r, const JumpingPaths<R>& jumping,
                                                  const X& x, Walk& walk, Piece<R>& piece) const {
    out_of_line([&] {
      const R begin(begin_of(r));
      const R length(length_of(r));
      if (jumps.is_on()) {
        begin_pieces(!less(R(1), R(0)), begin, length, jumping, x, walk, piece);
      } else {
        walk.begin(static_cast<std::uint64_t>(r), length_of(r));
        piece = {begin, log2(length), R(0), R(-1)};
      }
      return 0;
    });
  }

  /// The pieces that begin at `begin`, for the paths of `where`: `rest` is what is left of the
  /// interval [time].
  template <class R, class X, class Walk>
  KOKKOS_FORCEINLINE_FUNCTION void begin_pieces(const mask_of<R>& where, const R& begin,
                                                const R& rest, const JumpingPaths<R>& jumping,
                                                const X& x, Walk& walk, Piece<R>& piece) const {
    const NextJump<R> next = jumping.next(where, begin, x, rest);
    walk.begin(where, next.piece, next.wait);
    piece.begin = select(where, begin, piece.begin);
    piece.log2_length = select(where, log2(next.wait), piece.log2_length);
    piece.left = select(where, rest - next.wait, piece.left);
    piece.kind = select(where, next.kind, piece.kind);
  }

  /// Lets paths jump that have come to the end of their piece, and begins their next.
  template <class R, class X, class See, class Walk>
  KOKKOS_FORCEINLINE_FUNCTION void end_pieces(const JumpingPaths<R>& jumping, X& x, const See& see,
                                              Walk& walk, Piece<R>& piece) const {
    out_of_line([&] {
      const mask_of<R> none = less(piece.kind, R(0));
      const mask_of<R> some = !none;
      const mask_of<R> ended = walk.done() & some;
      if (!any(ended)) return 0;
      const R now = piece.begin + walk.length();
      jumping.jump(ended, piece.kind, now, x, see);
      begin_pieces(ended, now, piece.left, jumping, x, walk, piece);
      return 0;
    });
  }

  /// Tries one step of all paths that are on their way, and goes on where its error allows. What
  /// does not depend on the scheme is compiled once for all.
  template <class S, class F, class R, class Walk, class X, class See>
  KOKKOS_FORCEINLINE_FUNCTION void attempt(const F& field, const PathNoise<R>& noise,
                                           const Piece<R>& piece, Walk& walk,
                                           SizeMemory<R>& control, X& x, const See& see,
                                           Seen& seen) const {
    const auto freed = scope(x);
    if (adapts()) halve_where_wanted(walk, control, piece.log2_length);
    const R h = walk.step();
    const R t = piece.begin + walk.start();
    X error = generate(x, [](int) { return R(0); });
    X y = step_with_error<S>(field, noise, t, h, walk, x, error);
    mask_of<R> accepted = !walk.done();
    if constexpr (Adapts<S, F>) {
      if (adapts()) {
        accepted = judge(order_of_error<S, F>(), walk, piece, x, y, error, control, seen);
      }
    }
    for (int i = 0; i < x.size(); ++i) y[i] = select(accepted, y[i], x[i]);
    if (see.is_on()) {
      const mask_of<R> idle = !accepted;
      const word_of<R> number = adapts() ? walk.node() : walk.root();
      see(WatchedStep<R, R, word_of<R>>{t, h, number, noise.drawn.seed, noise.ids, noise.path,
                                        idle},
          x, y);
    }
    assign(x, y);
    go_on(walk, accepted);
  }

  template <class Walk, class Mask>
  KOKKOS_FORCEINLINE_FUNCTION static void go_on(Walk& walk, const Mask& accepted) {
    out_of_line([&] {
      walk.next(accepted);
      return 0;
    });
  }

  /// The paths whose step from x to y is accepted; sets the steps that they and the others want
  /// next.
  template <class Walk, class X, class R>
  KOKKOS_FORCEINLINE_FUNCTION mask_of<R> judge(double order, const Walk& walk,
                                               const Piece<R>& piece, const X& x, const X& y,
                                               const X& error, SizeMemory<R>& control,
                                               Seen& seen) const {
    return out_of_line([&] {
      const Verdict<R> verdict =
          judge_steps(order, relative, absolute, walk, piece.log2_length, x, y, error, control);
      count(walk, verdict, seen);
      return verdict.accepted;
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

  /// The state after a step and, where steps adapt, an estimate of its error: the scheme's own, or
  /// what two steps of half the size make different; these are then the step.
  template <class S, class F, class R, class Walk, class X>
  KOKKOS_FORCEINLINE_FUNCTION X step_with_error(const F& field, const PathNoise<R>& noise,
                                                const R& t, const R& h, const Walk& walk,
                                                const X& x, X& error) const {
    const auto& cell = walk.noise();
    const typename S::template Step<F, R> whole{field, h};
    constexpr bool has_free_estimate = EstimatesError<S> && S::evaluations > 1;
    if constexpr (!Adapts<S, F>) {
      return whole(t, x, noise_of<S, F>(cell.dw, cell.area, noise));
    } else if constexpr (has_free_estimate) {
      return whole.with_error(t, x, noise_of<S, F>(cell.dw, cell.area, noise), error);
    } else if constexpr (EstimatesError<S>) {
      if (!adapts()) return whole(t, x, noise_of<S, F>(cell.dw, cell.area, noise));
      return whole.with_error(t, x, noise_of<S, F>(cell.dw, cell.area, noise), error);
    } else {
      const X coarse = whole(t, x, noise_of<S, F>(cell.dw, cell.area, noise));
      if (!adapts()) return coarse;
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
      const X middle = half(t, x, noise_of<S, F>(left_w, left_h, noise));
      const X fine = half(t + half_h, middle, noise_of<S, F>(right_w, right_h, noise));
      for (int i = 0; i < x.size(); ++i) error[i] = fine[i] - coarse[i];
      return fine;
    }
  }

  template <class Walk, class R>
  KOKKOS_FORCEINLINE_FUNCTION static void count(const Walk& walk, const Verdict<R>& verdict,
                                                Seen& seen) {
    double kinds[width_of<R>];
    double steps[width_of<R>];
    const R kind = select(verdict.accepted, R(1), select(verdict.rejected, R(2), R(0)));
    store_lanes(kinds, select(verdict.forced, R(3), kind));
    store_lanes(steps, walk.step());
    for (int l = 0; l < width_of<R>; ++l) {
      if (kinds[l] == 0) continue;
      const int level = seen.exponent - exponent_of(steps[l]);
      ++(kinds[l] == 2 ? seen.rejected
                       : seen.accepted)[level < Seen::levels ? level : Seen::levels - 1];
      if (kinds[l] == 3) ++seen.forced;
    }
  }

  /// Adds what was seen of the steps in an interval to the counts of all paths.
  KOKKOS_FORCEINLINE_FUNCTION void add(const Seen& seen) const {
    if (!adapts()) return;
    out_of_line([&] {
      add_counts(seen);
      return 0;
    });
  }
  KOKKOS_FORCEINLINE_FUNCTION void add_counts(const Seen& seen) const {
    for (int l = 0; l < Seen::levels; ++l) {
      const int bin = seen.exponent - l - StepCounts::lowest;
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

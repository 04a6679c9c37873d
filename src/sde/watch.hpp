// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "random/bridge.hpp"
#include "random/normal.hpp"
#include "sde/concepts.hpp"
#include "sde/states.hpp"
#include "sde/watcher.hpp"

namespace driftwood::sde {

/// Watchers and what they remember of the paths of a wave.
template <class T>
struct Watch {
  Kokkos::View<const Watcher*, Memory> list;
  States<T> rows;

  KOKKOS_FORCEINLINE_FUNCTION int count() const { return static_cast<int>(list.extent(0)); }
  KOKKOS_FORCEINLINE_FUNCTION bool is_empty() const { return list.extent(0) == 0; }
};

/// One step of the paths in a lane: when it is, and where its random words come from. Both are the
/// same for all paths, or lanes.
template <class R, class Time = double, class Number = std::uint64_t>
struct WatchedStep {
  Time start;     ///< [time]
  Time size;      ///< [time]
  Number number;  ///< of the words
  std::uint64_t seed;
  random::Ids<R> ids;
  std::int64_t column;                 ///< of the first path
  mask_of<R> idle = less(R(1), R(0));  ///< paths that do not take it

  KOKKOS_FORCEINLINE_FUNCTION random::Words<R> words(random::Purpose purpose, int component) const {
    const random::Stream stream(seed, purpose, component);
    if constexpr (std::is_integral_v<Number>) {
      return stream.words<R>(ids, number);
    } else {
      return stream.words_at<R>(ids, number);
    }
  }
};

namespace detail {

/// The state of some lanes W as the narrower lanes R see it, of which they are part `part`.
template <class W, class R>
struct PartOfState {
  W* x;
  int size;
  int part;

  KOKKOS_FORCEINLINE_FUNCTION R get(int i) const {
    if constexpr (std::is_same_v<std::remove_const_t<W>, R>) {
      return x[i];
    } else {
      return part_of<R>(x[i], part);
    }
  }
  KOKKOS_FORCEINLINE_FUNCTION void set(int i, const R& value) const {
    if constexpr (std::is_same_v<W, R>) {
      x[i] = value;
    } else {
      set_part(x[i], part, value);
    }
  }
};

/// A step of the paths in some lanes: its two ends, and per component the variance of its increment
/// per time, with the diffusion that it had before.
template <class W, class R>
struct StepEnds {
  PartOfState<const W, R> before;
  PartOfState<W, R> after;
  PartOfState<const W, R> rate;
};

/// The step as one watcher sees it.
template <class R>
struct WatchedSpan {
  R start;     ///< [time]
  R size;      ///< how much of the step the path lives through [time]
  R a;         ///< the component before
  R b;         ///< and after
  R variance;  ///< of its increment
};

template <class R>
KOKKOS_FORCEINLINE_FUNCTION mask_of<R> is_within(const R& x, const Watcher& w) {
  using T = value_of<R>;
  return !(less(x, R(static_cast<T>(w.level))) | less(R(static_cast<T>(w.high)), x));
}

/// The largest (`sign` 1) or smallest (-1) value of a component on its way. All watchers of a
/// component see the same.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R extreme_of(const WatchedSpan<R>& span, const R& sign, bool bridged,
                                         const R& u) {
  const R a = -sign * span.a;
  const R b = -sign * span.b;
  return -sign * (bridged ? random::bridge_minimum(a, b, span.variance, u) : min(a, b));
}

/// Whether a policy acts on the component of the extreme `w` at a level on its side.
KOKKOS_FORCEINLINE_FUNCTION bool limits(const Watcher& p, const Watcher& w) {
  const bool is_up = w.kind == Watcher::Kind::maximum;
  return p.policy != Watcher::Policy::record && p.component == w.component &&
         (p.direction > 0) == is_up;
}

/// Whether paths do not end a step at that level where they pass it, so that only where they would
/// have been tells that they were there.
template <class T>
KOKKOS_FORCEINLINE_FUNCTION bool is_pushed_back(const Watch<T>& watch, const Watcher& w) {
  using Policy = Watcher::Policy;
  for (int j = 0; j < watch.count(); ++j) {
    const Watcher& p = watch.list(j);
    const bool pushes = p.policy == Policy::reflect || p.policy == Policy::reset;
    if (pushes && limits(p, w)) return true;
  }
  return false;
}

/// The largest or smallest value of the component of `w`, where passages of some levels act on
/// paths: they never were beyond, and do not move once they are absorbed.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R extreme_within(const Watch<value_of<R>>& watch, const Watcher& w,
                                             WatchedSpan<R> span, const R& u) {
  using T = value_of<R>;
  const bool is_up = w.kind == Watcher::Kind::maximum;
  for (int j = 0; j < watch.count(); ++j) {
    const Watcher& p = watch.list(j);
    if (p.policy != Watcher::Policy::absorb || p.component != w.component) continue;
    const R level(static_cast<T>(p.level));
    const mask_of<R> stays = equal(span.a, level) & equal(span.b, level);
    span.variance = select(stays, R(T(0)), span.variance);
  }
  R extreme = extreme_of(span, R(T(is_up ? 1 : -1)), w.bridged, u);
  for (int j = 0; j < watch.count(); ++j) {
    const Watcher& p = watch.list(j);
    if (!limits(p, w)) continue;
    const R level(static_cast<T>(p.level));
    extreme = is_up ? min(extreme, max(level, span.a)) : max(extreme, min(level, span.a));
  }
  return extreme;
}

/// Where paths are at the end of a step if they pass the level of `w` on it, and what is
/// remembered of that. `size` is how much of the step each path lives through. Paths that are
/// `gone` stay.
template <class Ends, class R, class Step>
KOKKOS_FORCEINLINE_FUNCTION void see_passage(const Watcher& w, const Step& step,
                                             const WatchedSpan<R>& span,
                                             const random::Words<R>& words, const mask_of<R>& gone,
                                             value_of<R>* count_at, value_of<R>* time_at,
                                             const Ends& ends, R& size) {
  using T = value_of<R>;
  using Policy = Watcher::Policy;
  const R zero(T(0));
  const R one(T(1));
  const R level(static_cast<T>(w.level));
  const R sign(static_cast<T>(w.direction));
  const R count = load<R>(count_at);
  const R time = load<R>(time_at);
  const mask_of<R> passed = less(zero, count);
  const R extreme = extreme_of(span, sign, w.bridged, random::uniform(words.word[0]));
  const R a = sign * (level - span.a);  // distances to go
  const R b = sign * (level - span.b);
  const mask_of<R> alive = !gone;
  const mask_of<R> waiting = !passed;
  const mask_of<R> at_level = !less(zero, sign * (level - extreme));
  const mask_of<R> beyond = alive & at_level & is_finite(extreme);
  const mask_of<R> hit = w.policy == Policy::reset ? beyond : beyond & waiting;

  R fraction = zero;
  if (any(hit)) {
    if (w.bridged) {
      const auto more = step.words(random::Purpose::passage, w.component);
      R z;
      R unused;
      random::normal_pair(more.word[0], more.word[1], T(1), z, unused);
      fraction =
          random::passage_fraction(a, b, span.variance, z * z, random::uniform(words.word[1]));
    } else {
      fraction = a / (a - b);
    }
    fraction = select(less(zero, a), fraction, zero);
  }
  const R passage = fma(fraction, size, span.start);
  const R waited = select(hit, passage, span.start + size);
  store_lanes(time_at, select(passed | gone, time, waited));
  store_lanes(count_at, select(hit, count + one, count));

  const R x = span.b;
  switch (w.policy) {
    case Policy::record:
      return;
    case Policy::stop: {
      const mask_of<R> jumped = equal(size, zero);  // a step of no length does not stop on its way
      for (int i = 0; i < ends.after.size; ++i) {
        const R from = ends.before.get(i);
        const R to = ends.after.get(i);
        const R passing = i == w.component ? level : fma(fraction, to - from, from);
        const R there = select(jumped, to, passing);
        ends.after.set(i, select(hit, there, to));
      }
      size = select(hit, fraction * size, size);
      return;
    }
    case Policy::absorb:
      return ends.after.set(w.component, select(alive & (hit | passed), level, x));
    case Policy::reflect: {
      const R back = w.bridged ? x - (extreme - level) : level + level - x;
      return ends.after.set(w.component, select(beyond, back, x));
    }
    case Policy::reset:
      return ends.after.set(w.component, select(hit, R(static_cast<T>(w.to)) + (x - level), x));
  }
}

/// Looks at one step of the paths in a lane that is not wide: the same code for all fields.
template <class Ends, class Step, class R>
KOKKOS_FUNCTION void watch_lanes(const Watch<value_of<R>>& watch, const Step& step,
                                 const Ends& ends, R size) {
  using T = value_of<R>;
  using Kind = Watcher::Kind;
  const R zero(T(0));
  const R one(T(1));
  const R start = as_lane<R>(step.start);

  mask_of<R> gone = step.idle;
  for (int i = 0; i < watch.count(); ++i) {
    const Watcher& w = watch.list(i);
    if (w.kind != Kind::passage || w.policy != Watcher::Policy::stop) continue;
    gone = gone | less(zero, load<R>(&watch.rows(w.row, step.column)));
  }
  size = select(gone, zero, size);
  for (int i = 0; i < ends.after.size; ++i) {
    ends.after.set(i, select(gone, ends.before.get(i), ends.after.get(i)));
  }

  // What levels push back, levels must not have pushed yet.
  for (const bool before_levels : {true, false}) {
    for (int i = 0; i < watch.count(); ++i) {
      const Watcher& w = watch.list(i);
      const bool is_extreme = w.kind == Kind::maximum || w.kind == Kind::minimum;
      if ((is_extreme && is_pushed_back(watch, w)) != before_levels) continue;
      T* const row = &watch.rows(w.row, step.column);
      const WatchedSpan<R> span{start, size, ends.before.get(w.component),
                                ends.after.get(w.component), ends.rate.get(w.component) * size};
      const bool is_up = w.kind == Kind::maximum || (w.kind == Kind::passage && w.direction > 0);
      const int direction = 2 * w.component + (is_up ? 0 : 1);
      if (w.kind == Kind::passage) {
        see_passage(w, step, span, step.words(random::Purpose::bridge, direction), gone, row,
                    &watch.rows(w.row + 1, step.column), ends, size);
        continue;
      }
      const R old = load<R>(row);
      R value = old;
      if (is_extreme) {
        const R u = random::uniform(step.words(random::Purpose::bridge, direction).word[0]);
        const R extreme = extreme_within(watch, w, span, u);
        value = is_up ? max(old, extreme) : min(old, extreme);
      } else {
        R mean = R(T(0.5)) * (span.a + span.b);
        if (w.kind == Kind::occupation) {
          mean = R(T(0.5)) * (select(is_within(span.a, w), one, zero) +
                              select(is_within(span.b, w), one, zero));
        }
        const R lived = start + size;
        value = fma(select(less(zero, lived), size / lived, zero), mean - old, old);
      }
      store_lanes(row, select(gone, old, value));
    }
  }
}

template <class Ends, class Step, class R>
KOKKOS_FORCEINLINE_FUNCTION void called_watch_lanes(const Watch<value_of<R>>& watch,
                                                    const Step& step, const Ends& ends,
                                                    const R& size) {
  out_of_line([&] {
    watch_lanes(watch, step, ends, size);
    return 0;
  });
}

}  // namespace detail

/// Looks at one step of the field F from `before` to `after`, and lets levels with a policy act on
/// `after`. Between the ends of a step the path is taken as a Brownian bridge with the diffusion
/// that it had before: exact for constant coefficients, of weak order 1 otherwise. Gobet (2000),
/// "Weak approximation of killed diffusion using Euler schemes".
///
/// Reflection is the map of Skorokhod on that bridge (Lepingle 1995); a path that is reset keeps
/// what the step moves it beyond the level.
template <class F, class X, class Step, class W = lane_of<X>>
KOKKOS_FUNCTION void watch_step(const Watch<value_of<W>>& watch, const F& field, const Step& step,
                                const X& before, X& after) {
  using R = std::conditional_t<is_wide<W>, Lane<value_of<W>>, W>;
  using Ends = detail::StepEnds<W, R>;
  const auto freed = scope(before);
  const auto g = field.diffusion(step.start, before);
  const X rate = generate(before, [&](int i) {
    W sum(0);
    for (int k = 0; k < field.noise_dim; ++k) {
      const W e = as_lane<W>(entry(g, i, k));
      sum = fma(e, e, sum);
    }
    return sum;
  });
  const auto see = [&](const auto& narrow, int part) {
    const int n = before.size();
    const Ends ends{{&before[0], n, part}, {&after[0], n, part}, {&rate[0], n, part}};
    detail::called_watch_lanes(watch, narrow, ends, as_lane<R>(narrow.size));
  };
  if constexpr (is_wide<W>) {
    for (int part = 0; part < width_of<W> / width_of<R>; ++part) {
      see(WatchedStep<R>{step.start, step.size, step.number, step.seed,
                         random::part_of<R>(step.ids, part), step.column + part * width_of<R>},
          part);
    }
  } else {
    see(step, 0);
  }
}

/// Sees nothing.
struct Unwatched {
  KOKKOS_FORCEINLINE_FUNCTION static constexpr bool is_on() { return false; }
  template <class Step, class X>
  KOKKOS_FORCEINLINE_FUNCTION void operator()(const Step&, const X&, X&) const {}
};

/// Sees the steps of the field F where there is anything to watch. The work is compiled once for
/// all schemes.
template <class F, class T>
struct Watched {
  const F& field;
  const Watch<T>& watch;

  KOKKOS_FORCEINLINE_FUNCTION bool is_on() const { return !watch.is_empty(); }
  template <class Step, class X>
  KOKKOS_FORCEINLINE_FUNCTION void operator()(const Step& step, const X& before, X& after) const {
    out_of_line([&] {
      watch_step(watch, field, step, before, after);
      return 0;
    });
  }
};

}  // namespace driftwood::sde

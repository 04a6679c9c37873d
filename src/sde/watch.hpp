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
      const auto out = random::threefry<word_of<R>>({ids.id, number}, stream.key);
      return {{out.x0, out.x1}};
    }
  }
};

namespace detail {

/// The step as one watcher sees it.
template <class R>
struct WatchedSpan {
  R start;     ///< [time]
  R size;      ///< how much of the step the path lives through [time]
  R a;         ///< the component before
  R b;         ///< and after
  R variance;  ///< of its increment, with the diffusion that it had before
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

/// Where paths are at the end of a step if they pass the level of `w` on it, and what is
/// remembered of that. `before` and `after` are the ends of the step; `size`, how much of the step
/// each path lives through. Paths that are `gone` stay.
template <class X, class R, class Step>
KOKKOS_FORCEINLINE_FUNCTION void see_passage(const Watcher& w, const Step& step,
                                             const WatchedSpan<R>& span, const R& u,
                                             const R& u_place, const mask_of<R>& gone,
                                             value_of<R>* count_at, value_of<R>* time_at,
                                             const X& before, X& after, R& size) {
  using T = value_of<R>;
  using Policy = Watcher::Policy;
  const R zero(T(0));
  const R one(T(1));
  const R level(static_cast<T>(w.level));
  const R sign(static_cast<T>(w.direction));
  const R count = load<R>(count_at);
  const R time = load<R>(time_at);
  const mask_of<R> passed = less(zero, count);
  const R extreme = extreme_of(span, sign, w.bridged, u);
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
      const auto words = step.words(random::Purpose::passage, w.component);
      R z;
      R unused;
      random::normal_pair(words.word[0], words.word[1], T(1), z, unused);
      fraction = random::passage_fraction(a, b, span.variance, z * z, u_place);
    } else {
      fraction = a / (a - b);
    }
    fraction = select(less(zero, a), fraction, zero);
  }
  const R passage = fma(fraction, size, span.start);
  const R waited = select(hit, passage, span.start + size);
  store_lanes(time_at, select(passed | gone, time, waited));
  store_lanes(count_at, select(hit, count + one, count));

  R& x = after[w.component];
  switch (w.policy) {
    case Policy::record:
      return;
    case Policy::stop:
      for (int i = 0; i < after.size(); ++i) {
        const R there = fma(fraction, after[i] - before[i], before[i]);
        after[i] = select(hit, i == w.component ? level : there, after[i]);
      }
      size = select(hit, fraction * size, size);
      return;
    case Policy::absorb:
      x = select(alive & (hit | passed), level, x);
      return;
    case Policy::reflect:
      x = select(beyond, w.bridged ? x - (extreme - level) : level + level - x, x);
      return;
    case Policy::reset:
      x = select(hit, R(static_cast<T>(w.to)) + (x - level), x);
      return;
  }
}

}  // namespace detail

/// Looks at one step of the field F from `before` to `after`, and lets levels with a policy act on
/// `after`. Between the ends of a step the path is taken as a Brownian bridge with the diffusion
/// that it had before: exact for constant coefficients, of weak order 1 otherwise. Gobet (2000),
/// "Weak approximation of killed diffusion using Euler schemes".
///
/// Reflection is the map of Skorokhod on that bridge (Lepingle 1995); a path that is reset keeps
/// what the step moves it beyond the level.
template <class F, class X, class Step, class R = lane_of<X>>
KOKKOS_FUNCTION void watch_step(const Watch<value_of<R>>& watch, const F& field, const Step& step,
                                const X& before, X& after) {
  using T = value_of<R>;
  using Kind = Watcher::Kind;
  const auto freed = scope(before);
  const auto g = field.diffusion(step.start, before);
  const R zero(T(0));
  const R one(T(1));
  const R start = as_lane<R>(step.start);
  R size = as_lane<R>(step.size);

  mask_of<R> gone = step.idle;
  for (int i = 0; i < watch.count(); ++i) {
    const Watcher& w = watch.list(i);
    if (w.kind != Kind::passage || w.policy != Watcher::Policy::stop) continue;
    gone = gone | less(zero, load<R>(&watch.rows(w.row, step.column)));
  }
  size = select(gone, zero, size);
  for (int i = 0; i < after.size(); ++i) after[i] = select(gone, before[i], after[i]);

  for (int i = 0; i < watch.count(); ++i) {
    const Watcher& w = watch.list(i);
    T* const row = &watch.rows(w.row, step.column);
    R rate = zero;
    for (int k = 0; k < field.noise_dim; ++k) {
      const R e = as_lane<R>(entry(g, w.component, k));
      rate = fma(e, e, rate);
    }
    const detail::WatchedSpan<R> span{start, size, before[w.component], after[w.component],
                                      rate * size};
    const bool is_up = w.kind == Kind::maximum || (w.kind == Kind::passage && w.direction > 0);
    const int direction = 2 * w.component + (is_up ? 0 : 1);
    if (w.kind == Kind::passage) {
      const auto words = step.words(random::Purpose::bridge, direction);
      detail::see_passage(w, step, span, random::uniform(words.word[0]),
                          random::uniform(words.word[1]), gone, row,
                          &watch.rows(w.row + 1, step.column), before, after, size);
      continue;
    }
    const R old = load<R>(row);
    R value = old;
    if (w.kind == Kind::maximum || w.kind == Kind::minimum) {
      const R u = random::uniform(step.words(random::Purpose::bridge, direction).word[0]);
      const R extreme = detail::extreme_of(span, is_up ? one : -one, w.bridged, u);
      value = is_up ? max(old, extreme) : min(old, extreme);
    } else {
      R mean = R(T(0.5)) * (span.a + span.b);
      if (w.kind == Kind::occupation) {
        mean = R(T(0.5)) * (select(detail::is_within(span.a, w), one, zero) +
                            select(detail::is_within(span.b, w), one, zero));
      }
      const R lived = start + size;
      value = fma(select(less(zero, lived), size / lived, zero), mean - old, old);
    }
    store_lanes(row, select(gone, old, value));
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

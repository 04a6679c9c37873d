// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "random/join.hpp"
#include "sde/concepts.hpp"
#include "sde/given_noise.hpp"
#include "sde/watch.hpp"

namespace driftwood::sde {

/// A half-open range of steps, [first, last).
struct Steps {
  std::int64_t first;
  std::int64_t last;
};

/// A state, and for schemes that carry another one from step to step, that one too.
template <class S, class X>
struct Carried {
  X x;
};
template <CarriesState S, class X>
struct Carried<S, X> {
  X x;
  X carried;
};

/// Schemes of several evaluations whose step is to be compiled into the loop over steps, and not as
/// a function: for some that is faster, for others slower, as gcc then keeps what it no longer
/// needs in memory.
template <class S>
concept HasInlinedStep = requires {
  requires S::has_inlined_step;
};

/// One step of S from time t.
template <class S, class Step, class X, class W>
KOKKOS_FORCEINLINE_FUNCTION void take_step(const Step& step, double t, const W& w,
                                           Carried<S, X>& state) {
  const auto freed = scope(state.x);
  if constexpr (CarriesState<S>) {
    step(t, state.x, state.carried, w);
  } else {
    assign(state.x, step(t, state.x, w));
  }
}

/// Where the noise of the paths in one lane comes from: drawn for their ids, or, where `given` has
/// steps, from its columns from `path` on.
template <class R>
struct PathNoise {
  random::GridBrownian drawn;
  random::Ids<R> ids;
  GivenNoise given = {};
  std::int64_t path = 0;
  bool is_mirrored = false;  ///< whether `sign` is not 1 for all
  R sign = R(1);             ///< factor of the Brownian motion
  bool is_joined = false;    ///< each step is two of what is drawn

  KOKKOS_FORCEINLINE_FUNCTION bool is_plain() const {
    return given.steps == 0 && !is_mirrored && !is_joined;
  }
  /// Size of the steps [time].
  KOKKOS_FORCEINLINE_FUNCTION double step() const {
    return is_joined ? 2 * drawn.step : drawn.step;
  }

  /// The noise of draw number `d`, in vectors like `like`. Returned from either branch, as
  /// assigning it would be a copy in memory.
  template <Increments I, random::Code code, class V>
  KOKKOS_FORCEINLINE_FUNCTION random::Draw<V, I> draw(std::int64_t d, const V& like) const {
    if constexpr (std::is_same_v<value_of<R>, double> && I != Increments::words) {
      if (given.steps > 0) {
        random::Draw<V, I> out;
        for (std::int64_t s = 0; s < out.steps && d * out.steps + s < given.steps; ++s) {
          out.step[s] = increment_of<I>(given, d * out.steps + s, path, like);
        }
        return out;
      }
    }
    if constexpr (random::is_joinable(I)) {
      if (is_joined) {
        return out_of_line([&] {
          return random::joined_draw<I>(drawn, ids, static_cast<std::uint64_t>(d), like);
        });
      }
    }
    return drawn.template draw<I, code>(ids, static_cast<std::uint64_t>(d), like);
  }
};

/// The noise of the Brownian motion sign W. Levy areas, of which every term has two factors, are
/// the same.
template <Increments I, class V, class R>
KOKKOS_FORCEINLINE_FUNCTION void mirror(random::Draw<V, I>& draw, const R& sign) {
  if constexpr (I != Increments::words) {
    for (auto& s : draw.step) {
      for (int k = 0; k < s.dw.size(); ++k) s.dw[k] = sign * s.dw[k];
      if constexpr (I == Increments::with_area || I == Increments::with_levy) {
        for (int k = 0; k < s.dw.size(); ++k) s.area[k] = sign * s.area[k];
      }
    }
  }
}

/// Takes states over whole draws of noise that is drawn as it is: nothing but registers lies
/// between the words of the generator and the steps, and no branch.
template <class S, class F, class X, class V>
KOKKOS_FORCEINLINE_FUNCTION void take_whole_draws(const typename S::template Step<F>& step,
                                                  const PathNoise<lane_of<X>>& noise, const V& like,
                                                  const Steps& steps, Carried<S, X>& state) {
  constexpr std::int64_t per_draw = random::words_per_draw<lane_of<X>>;
  for (std::int64_t n = steps.first; n < steps.last; n += per_draw) {
    const auto freed = scope(state.x);
    const auto draw = noise.drawn.template draw<increments_for<S, F>(), random::Code::inlined>(
        noise.ids, static_cast<std::uint64_t>(n / per_draw), like);
    for (std::int64_t s = 0; s < per_draw; ++s) {
      take_step<S>(step, static_cast<double>(n + s) * noise.drawn.step, draw.step[s], state);
    }
  }
}

/// Takes states over any steps of any noise, and lets `see` see each. The step is compiled once,
/// not once for each of a draw.
template <class S, class F, class X, class V, class See>
KOKKOS_FORCEINLINE_FUNCTION void take_steps(const typename S::template Step<F>& step,
                                            const PathNoise<lane_of<X>>& noise, const V& like,
                                            const Steps& steps, Carried<S, X>& state,
                                            const See& see) {
  constexpr std::int64_t per_draw = random::words_per_draw<lane_of<X>>;
  for (std::int64_t d = steps.first / per_draw; d * per_draw < steps.last; ++d) {
    const auto freed = scope(state.x);
    auto draw = noise.template draw<increments_for<S, F>(), random::Code::called>(d, like);
    if (noise.is_mirrored) mirror(draw, noise.sign);
    const auto time = [&](std::int64_t s) {
      return static_cast<double>(d * per_draw + s) * noise.step();
    };
    const auto take = [&](std::int64_t s) { take_step<S>(step, time(s), draw.step[s], state); };
    const std::int64_t first = steps.first - d * per_draw;
    const std::int64_t last = steps.last - d * per_draw;
    for (std::int64_t s = first > 0 ? first : 0; s < (last < per_draw ? last : per_draw); ++s) {
      const auto freed_after_step = scope(state.x);
      X before;
      if (see.is_on()) before = generate(state.x, [&](int i) { return state.x[i]; });
      if constexpr (HasInlinedStep<S>) {
        take_step<S>(step, time(s), draw.step[s], state);
      } else {
        take(s);
      }
      if (see.is_on()) {
        const auto number = static_cast<std::uint64_t>(d * per_draw + s);
        see(WatchedStep<lane_of<X>>{time(s), noise.step(), number, noise.drawn.seed, noise.ids,
                                    noise.path},
            before, state.x);
      }
    }
  }
}

/// Takes states over the given steps of size h, of which `see` sees each. What a path becomes
/// depends on its noise, its state and the steps alone, not on the lanes beside it. `like` is any
/// vector of noises.
template <class S, class F, class X, class V, class See = Unwatched>
KOKKOS_FORCEINLINE_FUNCTION void integrate(const typename S::template Step<F>& step,
                                           const PathNoise<lane_of<X>>& noise, const V& like,
                                           const Steps& steps, Carried<S, X>& state,
                                           const See& see = {}) {
  if constexpr (S::evaluations == 1) {
    constexpr std::int64_t per_draw = random::words_per_draw<lane_of<X>>;
    const std::int64_t begin = (steps.first + per_draw - 1) / per_draw * per_draw;
    const std::int64_t end = steps.last / per_draw * per_draw;
    const bool has_whole = noise.is_plain() && !see.is_on() && begin < end;
    for (int part = 0; part < 2; ++part) {  // before and after the whole draws
      const Steps partial = {part == 0 ? steps.first : end,
                             has_whole && part == 0 ? begin : steps.last};
      if (partial.first < partial.last) take_steps<S, F>(step, noise, like, partial, state, see);
      if (!has_whole) return;
      if (part == 0) take_whole_draws<S, F>(step, noise, like, {begin, end}, state);
    }
  } else {
    take_steps<S, F>(step, noise, like, steps, state, see);
  }
}

}  // namespace driftwood::sde

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The launch over paths for fields of run-time size: included only by the files that instantiate a
/// model.

#include <algorithm>
#include <any>

#include "sde/convert.hpp"
#include "sde/launch/arena_memory.hpp"
#include "sde/launch/motion.hpp"
#include "sde/launch/state_propagator.hpp"

namespace driftwood::sde {

/// One work item: the paths of one wide lane, over some steps, their states in an arena.
template <class S, class F, class T, class Action>
struct AdvanceBlocks {
  using R = typename Action::template BlockLane<T>;

  F field;
  Kokkos::View<const int*, Memory> rows;  ///< of each parameter among those drawn; -1: shared
  States<T> drawn;
  NoiseSource noise;
  Action action;
  States<T> states;
  GivenNoise given;
  Watch<T> watch;
  ArenaMemory memory;
  Kokkos::Experimental::UniqueToken<Exec> tokens;

  KOKKOS_FUNCTION void operator()(std::int64_t item) const {
    const auto token = tokens.acquire();
    Arena arena{&memory.rows(token, 0), memory.rows.extent(1)};
    const std::int64_t p = item * width_of<R>;
    const Block<R> nothing{nullptr, 0, &arena};
    const Block<R> like = take<R>(nothing, field.noise_dim);
    const Block<R> parameter = take<R>(nothing, field.parameters);
    for (int j = 0; j < field.parameters; ++j) {
      parameter[j] =
          rows(j) < 0 ? R(static_cast<T>(field.parameter[j])) : load<R>(&drawn(rows(j), p));
    }
    const auto bound = field.with(parameter);
    using Bound = std::remove_const_t<decltype(bound)>;
    using Field = FieldFor<S, Bound>;
    Carried<S, Block<R>> state;
    state.x = take<R>(nothing, field.dim);
    load_state<R>(state.x, states, 0, p);
    if constexpr (CarriesState<S>) {
      state.carried = take<R>(nothing, field.dim);
      load_state<R>(state.carried, states, field.dim, p);
    }
    action.template run<S>(Field{bound}, noise.template of<R>(p, given), like, state,
                           Watched<Bound, T>{bound, watch});
    store_state(state.x, states, 0, p);
    if constexpr (CarriesState<S>) store_state(state.carried, states, field.dim, p);
    if (item == 0) memory.most() = arena.most;
    tokens.release(token);
  }
};

template <class S, class F, class T, class Motion = FixedMotion>
requires Integrates<S, F>
class BlockPropagator final : public StatePropagator<T> {
 public:
  /// `coefficients` is what the field points to: it lives as long as the propagator.
  BlockPropagator(const F& field, std::any coefficients, const InitialState& initial,
                  const PropagatorOptions& options, const DrawnParameters& drawn = {})
      : StatePropagator<T>(initial, CarriesState<S> ? 2 : 1, drawn, options),
        coefficients_(std::move(coefficients)),
        field_(field),
        rows_("rows", static_cast<std::size_t>(field.parameters)),
        motion_(options, this->path_data(options, drawn)) {
    const auto rows = Kokkos::create_mirror_view(rows_);
    std::ranges::copy(rows_of(drawn, field.parameters), rows.data());
    Kokkos::deep_copy(rows_, rows);
    measure();
  }

  void start(const PathRange& paths) override {
    StatePropagator<T>::start(paths);
    motion_.start(paths);
  }

  void advance(const Steps& steps) override { launch(motion_.over(steps), {}, this->watch()); }

  void follow(const GivenNoise& noise) override {
    if constexpr (std::is_same_v<T, double> && std::is_same_v<Motion, FixedMotion>) {
      launch(FixedSteps{{0, noise.steps}}, noise, {});
    } else {
      StatePropagator<T>::refuse_given_noise();
    }
  }

  void read(const Channels& to) const override {
    StatePropagator<T>::read(to);
    motion_.jumps().read(to, this->rows_read());
  }

  void save(stats::ByteWriter& out) const override {
    StatePropagator<T>::save(out);
    motion_.save(out, this->padded(this->paths().count));
  }
  void restore(stats::ByteReader& in) override {
    StatePropagator<T>::restore(in);
    motion_.restore(in, this->padded(this->paths().count));
  }

  [[nodiscard]] StepCounts step_counts() const override { return motion_.counts(); }
  [[nodiscard]] std::vector<double> rates_above_bounds() const override {
    return motion_.jumps().above_bounds();
  }

 private:
  template <class Action>
  void launch(const Action& action, const GivenNoise& given, const Watch<T>& watch) {
    constexpr std::int64_t width = width_of<typename Action::template BlockLane<T>>;
    static_assert(path_padding % width == 0);
    launch(this->padded(this->paths().count) / width, action, given, watch);
  }

  template <class Action>
  void launch(std::int64_t items, const Action& action, const GivenNoise& given,
              const Watch<T>& watch) {
    Kokkos::parallel_for(
        "sde::advance", Kokkos::RangePolicy<Exec>(0, items),
        AdvanceBlocks<S, F, T, Action>{field_, rows_, this->parameters(), this->noise(), action,
                                       this->states(), given, watch, arenas_, tokens_});
  }

  /// Finds how much memory a work item takes by taking one step with more than enough.
  void measure() {
    const auto n =
        static_cast<std::size_t>(std::max({field_.dim, field_.noise_dim, field_.parameters}));
    std::size_t bytes = 4 * n * (n + 64) * sizeof(WideLane<T>);
    for (bool enough = false; !enough;) {
      arenas_ = ArenaMemory(static_cast<std::size_t>(tokens_.size()), bytes);
      this->start({0, 1});
      launch(1, motion_.sample(), {}, this->watch());
      const auto most = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), arenas_.most);
      enough = most() <= bytes;
      bytes = most();
    }
    arenas_ = ArenaMemory(static_cast<std::size_t>(tokens_.size()), bytes);
  }

  std::any coefficients_;
  F field_;
  Kokkos::View<int*, Memory> rows_;
  Motion motion_;
  Kokkos::Experimental::UniqueToken<Exec> tokens_;
  ArenaMemory arenas_;
};

}  // namespace driftwood::sde

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The launch over paths for fields of fixed size: included only by the files that instantiate a
/// model.

#include <algorithm>

#include "sde/convert.hpp"
#include "sde/launch/motion.hpp"
#include "sde/launch/state_propagator.hpp"

namespace driftwood::sde {

/// Parameters of a field of fixed size: numbers, or rows of what paths drew on their own.
template <class F, class T>
struct PathParameters {
  static constexpr int count = parameter_count<F>;

  F shared;
  int row[count > 0 ? count : 1] = {};  ///< of each parameter; -1: shared
  States<T> drawn;

  PathParameters(const F& field, const DrawnParameters& parameters, const States<T>& values)
      : shared(field), drawn(values) {
    std::ranges::copy(rows_of(parameters, count), row);
  }

  /// The field of the paths in one lane.
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION With<F, R> field(std::int64_t path) const {
    if constexpr (count == 0) {
      return shared;
    } else {
      double number[count];
      memcpy(number, &shared, sizeof(number));
      return field_with<F, R>([&](int j) {
        if (row[j] < 0) return R(static_cast<value_of<R>>(number[j]));
        return load<R>(&drawn(row[j], path));
      });
    }
  }
};

/// One work item: the paths of one lane, over some steps, their states in registers.
template <class S, class F, class T, class Action>
struct AdvanceLanes {
  using R = Lane<T>;

  PathParameters<F, T> parameters;
  NoiseSource noise;
  Action action;
  States<T> states;
  GivenNoise given;
  Watch<T> watch;

  KOKKOS_FUNCTION void operator()(std::int64_t item) const {
    const std::int64_t p = item * width_of<R>;
    Carried<S, State<F, R>> state;
    load_state<R>(state.x, states, 0, p);
    if constexpr (CarriesState<S>) load_state<R>(state.carried, states, F::dim, p);
    using Field = FieldFor<S, With<F, R>>;
    const With<F, R> field = parameters.template field<R>(p);
    action.template run<S>(Field{field}, noise.template of<R>(p, given), NoiseVec<F, R>{}, state,
                           Watched<With<F, R>, T>{field, watch});
    store_state(state.x, states, 0, p);
    if constexpr (CarriesState<S>) store_state(state.carried, states, F::dim, p);
  }
};

template <class S, class F, class T, class Motion = FixedMotion>
requires Integrates<S, F>
class FieldPropagator final : public StatePropagator<T> {
 public:
  FieldPropagator(const F& field, const InitialState& initial, const PropagatorOptions& options,
                  const DrawnParameters& drawn = {})
      : StatePropagator<T>(initial, CarriesState<S> ? 2 : 1, drawn, options),
        parameters_(field, drawn, this->parameters()),
        motion_(options, this->path_data(options, drawn)) {}

  void start(const PathRange& paths) override {
    StatePropagator<T>::start(paths);
    motion_.start(paths);
  }

  void advance(const Steps& steps) override { launch(motion_.over(steps), {}, this->watch()); }

  void follow(const GivenNoise& noise) override {
    if constexpr (follows) {
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
    static_assert(path_padding % width_of<Lane<T>> == 0);
    const std::int64_t items = this->padded(this->paths().count) / width_of<Lane<T>>;
    Kokkos::parallel_for("sde::advance", Kokkos::RangePolicy<Exec>(0, items),
                         AdvanceLanes<S, F, T, Action>{parameters_, this->noise(), action,
                                                       this->states(), given, watch});
  }

  static constexpr bool follows = std::is_same_v<Motion, FixedMotion> &&
                                  std::is_same_v<T, double> &&
                                  increments_for<S, F>() != Increments::words;

  PathParameters<F, T> parameters_;
  Motion motion_;
};

}  // namespace driftwood::sde

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The launch over paths for fields of fixed size: included only by the files that instantiate a
/// model.

#include "sde/convert.hpp"
#include "sde/integrate.hpp"
#include "sde/launch/state_propagator.hpp"

namespace driftwood::sde {

/// One work item: the paths of one lane, over some steps, their states in registers.
template <class S, class F, class T>
struct AdvanceLanes {
  using R = Lane<T>;

  typename S::template Step<F> step;
  random::GridBrownian noise;
  Steps steps;
  std::uint64_t first_path;
  States<T> states;
  GivenNoise given;

  KOKKOS_FUNCTION void operator()(std::int64_t item) const {
    const std::int64_t p = item * width_of<R>;
    Carried<S, State<F, R>> state;
    load_state<R>(state.x, states, 0, p);
    if constexpr (CarriesState<S>) load_state<R>(state.carried, states, F::dim, p);
    const auto ids = ids_from<R>(first_path + static_cast<std::uint64_t>(p));
    integrate<S, F>(step, PathNoise<R>{noise, ids, given, p}, NoiseVec<F, R>{}, steps, state);
    store_state(state.x, states, 0, p);
    if constexpr (CarriesState<S>) store_state(state.carried, states, F::dim, p);
  }
};

template <class S, class F, class T>
requires Integrates<S, F>
class FieldPropagator final : public StatePropagator<T> {
 public:
  FieldPropagator(const F& field, const InitialState& initial, const PropagatorOptions& options)
      : StatePropagator<T>(initial, CarriesState<S> ? 2 : 1, options),
        step_{Field{field}, options.end / static_cast<double>(options.steps)} {}

  void advance(const Steps& steps) override { launch(steps, {}); }

  void follow(const GivenNoise& noise) override {
    if (!std::is_same_v<T, double>) StatePropagator<T>::refuse_given_noise();
    launch({0, noise.steps}, noise);
  }

 private:
  void launch(const Steps& steps, const GivenNoise& given) {
    static_assert(path_padding % width_of<Lane<T>> == 0);
    const std::int64_t items = this->padded(this->paths().count) / width_of<Lane<T>>;
    Kokkos::parallel_for("sde::advance", Kokkos::RangePolicy<Exec>(0, items),
                         AdvanceLanes<S, Field, T>{step_, this->noise(), steps, this->paths().first,
                                                   this->states(), given});
  }

  using Field = FieldFor<S, F>;

  typename S::template Step<Field> step_;
};

}  // namespace driftwood::sde

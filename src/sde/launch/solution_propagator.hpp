// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The known solution in place of a scheme: included only by the files that instantiate a model.

#include "sde/launch/field_propagator.hpp"

namespace driftwood::sde {

/// One work item: the paths of one lane, from time 0 to the end of a given noise.
template <class F>
struct SolveLanes {
  using R = Lane<double>;

  PathParameters<F, double> parameters;
  GivenNoise noise;
  States<double> states;

  KOKKOS_FUNCTION void operator()(std::int64_t item) const {
    const std::int64_t p = item * width_of<R>;
    State<F, R> x;
    load_state<R>(x, states, 0, p);
    NoiseVec<F, R> w = generate(NoiseVec<F, R>{}, [](int) { return R(0); });
    for (std::int64_t n = 0; n < noise.steps; ++n) {
      const auto step = increment_of<Increments::brownian>(noise, n, p, w);
      w = generate(w, [&](int k) { return w[k] + step.dw[k]; });
    }
    const double end = noise.step * static_cast<double>(noise.steps);
    store_state(parameters.template field<R>(p).solution(end, x, w), states, 0, p);
  }
};

/// Takes paths to the end of a noise in one go; it cannot advance step by step.
template <HasSolution F>
class SolutionPropagator final : public StatePropagator<double> {
 public:
  SolutionPropagator(const F& field, const InitialState& initial, const PropagatorOptions& options,
                     const DrawnParameters& drawn = {})
      : StatePropagator<double>(initial, 1, drawn, options),
        parameters_(field, drawn, parameters()) {}

  void advance(const Steps&) override { throw Error("a solution has no steps"); }

  void follow(const GivenNoise& noise) override {
    const std::int64_t items = padded(paths().count) / width_of<Lane<double>>;
    Kokkos::parallel_for("sde::solve", Kokkos::RangePolicy<Exec>(0, items),
                         SolveLanes<F>{parameters_, noise, states()});
  }

 private:
  PathParameters<F, double> parameters_;
};

}  // namespace driftwood::sde

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The kernel behind gradients of all models but networks: it runs and sweeps programs that were
/// traced from the steps of a scheme, and knows nothing else of models and schemes.

#include "sde/launch/lane_formulas.hpp"
#include "sde/launch/step_noise.hpp"

namespace driftwood::sde {

/// The paths of one lane, there and back. Memory is taken by the constructor, and written by `run`.
template <class R>
class LaneGradient : LaneFormulas<R> {
 public:
  /// `x` holds the components at time 0, `parameter` those of the model.
  KOKKOS_FUNCTION LaneGradient(const GradientSetup& setup, const PathNoise<R>& noise,
                               const Block<R>& x, const Block<R>& parameter)
      : Base(setup, x, parameter),
        states_(setup.dim * setup.copies),
        noise_(noise, setup.increments, setup.noise_inputs, take<R>(x, setup.noises)),
        slots_(take_lanes(setup.slots * states_)),
        noises_(take_lanes(setup.keeps_noise ? setup.steps * setup.noise_inputs : 0)),
        seen_(take_lanes(stores_seen() ? setup.times * 2 * setup.dim : 0)),
        state_bar_(take_lanes(setup.objectives * states_)),
        path_bar_(take_lanes(setup.objectives * setup.forward.path_values)),
        varying_bar_(take_lanes(setup.forward.varying)) {}

  KOKKOS_FUNCTION void run(const GradientRows& rows) {
    Base::begin();
    switch (setup_.mode) {
      case GradientMode::pathwise:
      case GradientMode::checkpointed:
        sweep_stored(rows);
        break;
      case GradientMode::adjoint:
        back_.begin(parameter_, x0_);
        see_forward(rows);
        for (std::int64_t s = 0; s < setup_.objectives; ++s) solve_adjoint(s, rows);
        break;
      case GradientMode::reversible_heun:
        back_.begin(parameter_, x0_);
        see_nodes(rows);
        for (std::int64_t s = 0; s < setup_.objectives; ++s) reverse_nodes(s, rows);
        break;
    }
    put_weight(rows);
    rows.put(rows.gap, GradientRows::gap_row, gap_);
    rows.put(rows.gap, GradientRows::rebuilt_row, rebuilt_);
  }

 private:
  using Base = LaneFormulas<R>;
  using Base::add_cotangents;
  using Base::back_;
  using Base::bar_registers_;
  using Base::clear;
  using Base::copy;
  using Base::finish;
  using Base::gap_;
  using Base::parameter_;
  using Base::put_values;
  using Base::put_weight;
  using Base::raise;
  using Base::rebuilt_;
  using Base::setup_;
  using Base::take_lanes;
  using Base::there_;
  using Base::x0_;

  [[nodiscard]] KOKKOS_FUNCTION bool stores_seen() const {
    return setup_.mode == GradientMode::adjoint || setup_.mode == GradientMode::reversible_heun;
  }
  [[nodiscard]] KOKKOS_FUNCTION double time(std::int64_t node) const {
    return static_cast<double>(node) * setup_.step;
  }

  /// Values of the formulas at x, at time number `t` of those observed.
  KOKKOS_FUNCTION void evaluate_formulas(const R* x, std::int64_t t) {
    Base::evaluate_formulas(x, time(setup_.observed(t)));
  }

  /// Every copy of the state that the scheme carries begins at x0.
  KOKKOS_FUNCTION void start() {
    for (int i = 0; i < states_; ++i) there_.varying[i] = x0_[i % setup_.dim];
  }

  /// One step from node n; outputs are the state after it.
  KOKKOS_FUNCTION void step(std::int64_t n, const R* noise) {
    copy(there_.varying.data + states_, noise, setup_.noise_inputs);
    there_.evaluate(time(n));
  }
  KOKKOS_FUNCTION void advance(std::int64_t n) {
    const R* const noise = noise_.at(n);
    if (setup_.keeps_noise) {
      copy(noises_.data + n * setup_.noise_inputs, noise, setup_.noise_inputs);
    }
    step(n, noise);
    there_.feed_back(0);
  }

  KOKKOS_FUNCTION void sweep_stored(const GradientRows& rows) {
    clear(state_bar_.data, state_bar_.size());
    clear(path_bar_.data, path_bar_.size());
    start();
    if (setup_.slots > 0) copy(slots_.data, there_.varying.data, states_);
    std::int64_t at = 0;
    std::int64_t t = setup_.times - 1;
    for (std::size_t i = 0; i < setup_.actions.extent(0); ++i) {
      const Action action = setup_.actions(i);
      R* const slot = slots_.data + action.slot * states_;
      switch (action.kind) {
        case Action::store:
          copy(slot, there_.varying.data, states_);
          break;
        case Action::restore:
          copy(there_.varying.data, slot, states_);
          break;
        case Action::advance:
          for (; at < action.node; ++at) advance(at);
          break;
        case Action::sweep:
          // The last step is first taken here.
          step(action.node, setup_.keeps_noise && action.node + 1 < setup_.last_node()
                                ? noises_.data + action.node * setup_.noise_inputs
                                : noise_.at(action.node));
          if (t >= 0 && setup_.observed(t) == action.node + 1) {
            for (int c = 0; c < states_; ++c) there_.moved[c] = there_.output(c);
            see_back(there_.moved.data, t--, rows);
          }
          sweep(t);
          break;
      }
      at = action.node;
    }
    if (t >= 0 && setup_.observed(t) == 0) see_back(x0_.data, t, rows);
    for (std::int64_t s = 0; s < setup_.objectives; ++s) {
      R* const bar = state_bar_.data + s * states_;
      for (int c = setup_.dim; c < states_; ++c) bar[c - setup_.dim] = bar[c - setup_.dim] + bar[c];
      R* const path = path_bar_.data + s * setup_.forward.path_values;
      formula::end_path(setup_.forward, there_.path.data, path);
      finish(s, path, bar, rows);
    }
  }
  /// Formulas at x and their part in each objective, on the way back.
  KOKKOS_FUNCTION void see_back(const R* x, std::int64_t t, const GradientRows& rows) {
    evaluate_formulas(x, t);
    put_values(t, rows);
    for (std::int64_t s = 0; s < setup_.objectives; ++s) {
      add_cotangents(s, t, state_bar_.data + s * states_);
    }
  }
  /// Over the step just evaluated, for objectives that have times after `t`.
  KOKKOS_FUNCTION void sweep(std::int64_t t) {
    for (std::int64_t s = 0; s < setup_.objectives; ++s) {
      if (setup_.last(s) <= t) continue;
      R* const bar = state_bar_.data + s * states_;
      clear(varying_bar_.data, setup_.forward.varying);
      formula::sweep_back(setup_.forward, there_.banks(), bar,
                          {bar_registers_.data, varying_bar_.data,
                           path_bar_.data + s * setup_.forward.path_values});
      copy(bar, varying_bar_.data, states_);
    }
  }

  [[nodiscard]] KOKKOS_FUNCTION R* seen(std::int64_t t) const {
    return seen_.data + t * 2 * setup_.dim;
  }

  KOKKOS_FUNCTION void see_forward(const GradientRows& rows) {
    start();
    std::int64_t t = 0;
    for (std::int64_t n = 0; n <= setup_.last_node(); ++n) {
      if (t < setup_.times && setup_.observed(t) == n) {
        copy(seen(t), there_.varying.data, setup_.dim);
        evaluate_formulas(seen(t), t);
        put_values(t++, rows);
      }
      if (n == setup_.last_node()) return;
      advance(n);
    }
  }

  KOKKOS_FUNCTION void solve_adjoint(std::int64_t s, const GradientRows& rows) {
    const int dim = setup_.dim;
    R* const z = back_.varying.data;
    R* const bar = z + dim;
    R* const noise = bar + dim + setup_.parameters;
    clear(z, 2 * dim + setup_.parameters);
    std::int64_t t = setup_.last(s);
    if (t >= 0) copy(z, seen(t), dim);
    for (std::int64_t n = t < 0 ? 0 : setup_.observed(t);; --n) {
      if (t >= 0 && setup_.observed(t) == n) {
        for (int i = 0; i < dim; ++i) raise(rebuilt_, abs(z[i] - seen(t)[i]));
        copy(z, seen(t), dim);
        evaluate_formulas(seen(t), t);
        add_cotangents(s, t--, bar);
      }
      if (n == 0) break;
      copy(noise, noise_.at(n - 1), setup_.noise_inputs);
      back_.evaluate(-time(n));
      back_.feed_back(0);
    }
    for (int i = 0; i < dim && setup_.last(s) >= 0; ++i) raise(rebuilt_, abs(z[i] - x0_[i]));
    finish(s, bar + dim, bar, rows);
  }

  /// Noises and steps to the left and right of node n, where `inputs` are those of a node's
  /// program.
  KOKKOS_FUNCTION void put_sides(R* inputs, std::int64_t n, bool has_left, bool has_right) {
    const int m = setup_.noises;
    if (has_left) copy(inputs, noise_.at(n - 1), m);
    if (!has_left) clear(inputs, m);
    if (has_right) copy(inputs + m, noise_.at(n), m);
    if (!has_right) clear(inputs + m, m);
    const auto h = static_cast<value_of<R>>(setup_.step);
    inputs[2 * m] = R(has_left ? h : 0);
    inputs[2 * m + 1] = R(has_right ? h : 0);
  }

  KOKKOS_FUNCTION void see_nodes(const GradientRows& rows) {
    const int dim = setup_.dim;
    R* const z = there_.varying.data + dim;
    for (int i = 0; i < 2 * dim; ++i) there_.varying[i] = x0_[i % dim];
    std::int64_t t = 0;
    for (std::int64_t n = 0; n <= setup_.last_node(); ++n) {
      put_sides(z + dim, n, n > 0, n < setup_.steps);
      there_.evaluate(time(n));
      for (int i = 0; i < dim; ++i) {
        const R y = there_.output(i);
        there_.moved[i] = y;
        raise(gap_, abs(y - z[i]) / (R(1) + abs(y)));
      }
      if (t < setup_.times && setup_.observed(t) == n) {
        copy(seen(t), there_.moved.data, dim);
        copy(seen(t) + dim, z, dim);
        evaluate_formulas(seen(t), t);
        put_values(t++, rows);
      }
      there_.feed_back(dim);
    }
  }

  KOKKOS_FUNCTION void reverse_nodes(std::int64_t s, const GradientRows& rows) {
    const int dim = setup_.dim;
    R* const half = back_.varying.data;
    R* const y_bar = half + 2 * dim;
    R* const parameter_bar = half + 5 * dim;
    clear(half, 5 * dim + setup_.parameters);
    std::int64_t t = setup_.last(s);
    const std::int64_t end = t < 0 ? 0 : setup_.observed(t);
    copy(half, t < 0 ? x0_.data : seen(t), dim);
    copy(half + dim, t < 0 ? x0_.data : seen(t) + dim, dim);
    for (std::int64_t n = end; n >= 0; --n) {
      if (t >= 0 && setup_.observed(t) == n) {
        evaluate_formulas(seen(t), t);
        add_cotangents(s, t--, y_bar);
      }
      put_sides(parameter_bar + setup_.parameters, n, n > 0, n < end);
      back_.evaluate(time(n));
      back_.feed_back(0);
    }
    // After node 0, which has nothing to its left, `half` is y, and the two cotangents add up.
    for (int i = 0; i < dim; ++i) {
      raise(rebuilt_, abs(half[i] - x0_[i]));
      y_bar[i] = y_bar[i] + y_bar[dim + i];
    }
    finish(s, parameter_bar, y_bar, rows);
  }

  int states_;
  StepNoise<R> noise_;
  Block<R> slots_;
  Block<R> noises_;  ///< of steps, where they are kept
  Block<R> seen_;    ///< components at each time, and for reversible Heun the carried ones
  Block<R> state_bar_;
  Block<R> path_bar_;
  Block<R> varying_bar_;
};

}  // namespace driftwood::sde

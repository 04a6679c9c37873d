// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The kernel behind gradients of equations whose drift and diffusion are networks.

#include "sde/launch/neural_steps.hpp"

namespace driftwood::sde {

/// One group of paths, from its start to the last observation and back, by a team of threads.
/// Memory is taken by the constructor, and written by `run`.
template <class T, class Member>
class GroupGradient {
 public:
  using R = NarrowLane<T>;

  /// Of the group whose first path is column `column`; those after the first `paths` are padding,
  /// copies of the last one that count nowhere.
  KOKKOS_FUNCTION GroupGradient(const Member& team, const NeuralSetup<T>& setup,
                                const NoiseSource& noise, std::int64_t column, int paths,
                                Arena& arena)
      : x0(take_rows<T>(arena, setup.dim)),
        team_(team),
        setup_(setup),
        steps_(team, setup, noise, column, paths, arena),
        formulas_(setup, paths, arena),
        slots_(take_rows<T>(arena, setup.slots * states())),
        seen_(take_rows<T>(arena, stores_seen() ? setup.times * setup.dim : 0)) {}

  T* x0;  ///< components at time 0

  KOKKOS_FUNCTION void run(const GroupRows& rows) {
    steps_.begin(x0);
    formulas_.begin(team_);
    switch (setup_.mode) {
      case GradientMode::pathwise:
      case GradientMode::checkpointed:
        sweep_stored(rows);
        break;
      case GradientMode::adjoint:
        see_forward(rows);
        if (setup_.objectives > 0) solve_adjoint();
        break;
      case GradientMode::reversible_heun:
        see_nodes(rows);
        if (setup_.objectives > 0) reverse_nodes();
        break;
    }
    team_.team_barrier();
    for (std::int64_t s = 0; s < setup_.objectives; ++s) put_derivatives(s, rows);
    put_record(rows);
    team_.team_barrier();
    if (team_.team_rank() == 0) put_weight(rows);
  }

 private:
  [[nodiscard]] KOKKOS_FUNCTION std::int64_t states() const {
    return static_cast<std::int64_t>(setup_.copies) * setup_.dim;
  }
  [[nodiscard]] KOKKOS_FUNCTION bool stores_seen() const {
    return setup_.mode == GradientMode::adjoint || setup_.mode == GradientMode::reversible_heun;
  }
  [[nodiscard]] KOKKOS_FUNCTION T* seen(std::int64_t t) const {
    return seen_ + t * setup_.dim * group_paths;
  }
  [[nodiscard]] KOKKOS_FUNCTION bool is_seen(std::int64_t t, std::int64_t n) const {
    return 0 <= t && t < setup_.times && setup_.observed(t) == n;
  }
  /// Objectives that have times after `t`.
  [[nodiscard]] KOKKOS_FUNCTION auto after(std::int64_t t) const {
    return [this, t](std::int64_t s) { return setup_.last(s) > t; };
  }
  [[nodiscard]] KOKKOS_FUNCTION bool has_right(std::int64_t n) const {
    return n < setup_.last_node();
  }
  KOKKOS_FUNCTION void see_back(const T* x, std::int64_t t) const {
    formulas_.add_cotangents(team_, t, x0, x, steps_.bar);
  }

  // ---- Along stored states ----

  KOKKOS_FUNCTION void sweep_stored(const GroupRows& rows) {
    if (setup_.slots > 0) steps_.copy(slots_, steps_.state, states());
    std::int64_t at = 0;
    std::int64_t t = setup_.times - 1;
    for (std::size_t i = 0; i < setup_.actions.extent(0); ++i) {
      const Action action = setup_.actions(i);
      T* const slot = slots_ + action.slot * states() * group_paths;
      switch (action.kind) {
        case Action::store:
          steps_.copy(slot, steps_.state, states());
          break;
        case Action::restore:
          steps_.copy(steps_.state, slot, states());
          break;
        case Action::advance:
          for (; at < action.node; ++at) advance(at);
          break;
        case Action::sweep:
          setup_.is_reversible ? sweep_node(action.node, t, rows)
                               : sweep_step(action.node, t, rows);
          break;
      }
      at = action.node;
    }
    if (!setup_.is_reversible && is_seen(t, 0)) {
      formulas_.put_means(team_, t, x0, x0, rows);
      see_back(x0, t);
    }
  }
  KOKKOS_FUNCTION void advance(std::int64_t n) {
    if (setup_.is_reversible) {
      steps_.take_node(n, has_right(n), gap_);
    } else {
      steps_.take_step(n, false);
      steps_.move_on();
    }
  }
  KOKKOS_FUNCTION void sweep_step(std::int64_t n, std::int64_t& t, const GroupRows& rows) {
    steps_.take_step(n, true);
    if (is_seen(t, n + 1)) {
      formulas_.put_means(team_, t, x0, steps_.next, rows);
      see_back(steps_.next, t);
      --t;
    }
    for (std::int64_t s = 0; s < setup_.objectives; ++s) {
      if (after(t)(s)) steps_.sweep_step(n, s);
    }
  }
  KOKKOS_FUNCTION void sweep_node(std::int64_t n, std::int64_t& t, const GroupRows& rows) {
    steps_.meet_node();
    if (is_seen(t, n)) {
      steps_.find_node(n, has_right(n));
      formulas_.put_means(team_, t, x0, steps_.next, rows);
      see_back(steps_.next, t);
      --t;
    }
    steps_.sweep_node(n, has_right(n), after(t));
  }

  // ---- On a path of their own ----

  KOKKOS_FUNCTION void see_forward(const GroupRows& rows) {
    std::int64_t t = 0;
    for (std::int64_t n = 0; n <= setup_.last_node(); ++n) {
      if (is_seen(t, n)) {
        steps_.copy(seen(t), steps_.state, setup_.dim);
        formulas_.put_means(team_, t, x0, seen(t), rows);
        ++t;
      }
      if (has_right(n)) advance(n);
    }
  }
  /// Segment by segment, each from the state that was seen.
  KOKKOS_FUNCTION void solve_adjoint() {
    std::int64_t t = setup_.times - 1;
    for (std::int64_t n = setup_.last_node();; --n) {
      if (is_seen(t, n)) {
        steps_.compare(rebuilt_, steps_.state, seen(t));
        steps_.copy(steps_.state, seen(t), setup_.dim);
        see_back(seen(t), t);
        --t;
      }
      if (n == 0) break;
      steps_.step_adjoint(n - 1, after(t));
    }
    steps_.compare(rebuilt_, steps_.state, x0);
  }

  KOKKOS_FUNCTION void see_nodes(const GroupRows& rows) {
    std::int64_t t = 0;
    for (std::int64_t n = 0; n < setup_.last_node(); ++n) {
      steps_.take_node(n, true, gap_);
      if (is_seen(t, n)) see_node(t++, rows);
    }
    // The last node, with half of the state before it kept: z has to stay.
    steps_.find_node(setup_.last_node(), false);
    steps_.copy(steps_.state, steps_.next, setup_.dim);
    if (is_seen(t, setup_.last_node())) see_node(t, rows);
  }
  KOKKOS_FUNCTION void see_node(std::int64_t t, const GroupRows& rows) const {
    steps_.copy(seen(t), steps_.next, setup_.dim);
    formulas_.put_means(team_, t, x0, seen(t), rows);
  }
  KOKKOS_FUNCTION void reverse_nodes() {
    std::int64_t t = setup_.times - 1;
    for (std::int64_t n = setup_.last_node(); n >= 0; --n) {
      steps_.meet_node();
      if (is_seen(t, n)) {
        see_back(seen(t), t);
        --t;
      }
      steps_.sweep_node(n, has_right(n), after(t));
      steps_.leave_node();
    }
    // Before node 0, which has nothing to its left, half of the state is y.
    steps_.compare(rebuilt_, steps_.state, x0);
  }

  // ---- Results ----

  KOKKOS_FUNCTION void put_derivatives(std::int64_t s, const GroupRows& rows) const {
    const std::int64_t first = setup_.formulas.outputs * setup_.times + s * setup_.derivatives();
    const auto parameters = static_cast<int>(setup_.by_parameter.extent(0));
    const double* const gradient = steps_.gradient(s);
    for (int j = team_.team_rank(); j < parameters; j += team_.team_size()) {
      rows.samples(first + j, rows.column) = gradient[setup_.by_parameter(j)] / formulas_.paths();
    }
    const auto components = static_cast<int>(setup_.by_component.extent(0));
    for (int i = team_.team_rank(); i < components; i += team_.team_size()) {
      const int row = setup_.by_component(i) * group_paths;
      double mean = formulas_.mean(steps_.of(steps_.bar, s) + row) +
                    formulas_.mean(formulas_.start_bar(s) + row);
      if (setup_.is_reversible) mean += formulas_.mean(steps_.of(steps_.carried_bar, s) + row);
      rows.samples(first + parameters + i, rows.column) = mean;
    }
  }
  /// The largest of all threads.
  KOKKOS_FUNCTION void put_record(const GroupRows& rows) const {
    const R own[2] = {gap_, rebuilt_};
    for (int row = 0; row < 2; ++row) {
      for_lanes<R>(team_, [&](int p) { store_lanes(steps_.next + p, own[row]); });
      team_.team_barrier();
      if (team_.team_rank() == 0) {
        T highest = 0;
        for (int p = 0; p < group_paths; ++p) highest = max(steps_.next[p], highest);
        rows.gap(row, rows.column) = static_cast<double>(highest);
      }
      team_.team_barrier();
    }
  }
  /// A group counts where all its numbers are finite.
  KOKKOS_FUNCTION void put_weight(const GroupRows& rows) const {
    const std::int64_t count = setup_.rows();
    bool counts = true;
    for (std::int64_t r = 0; r < count; ++r) {
      const double number = rows.samples(r, rows.column);
      counts = counts && number - number == 0;
    }
    for (std::int64_t r = 0; r < count && !counts; ++r) rows.samples(r, rows.column) = 0;
    rows.samples(count, rows.column) = counts ? 1 : 0;
  }

  const Member& team_;
  const NeuralSetup<T>& setup_;
  GroupSteps<T, Member> steps_;
  GroupFormulas<T, Member> formulas_;
  T* slots_;
  T* seen_;  ///< components at each time
  R gap_ = R(0);
  R rebuilt_ = R(0);
};

}  // namespace driftwood::sde

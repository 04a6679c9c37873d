// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sde/launch/gradient_setup.hpp"
#include "sde/launch/neural_group.hpp"

namespace driftwood::sde {

/// Where a group writes: its column of the samples, and of what the solver finds out besides.
struct GroupRows {
  Channels samples;
  Channels gap;  ///< rows as those of `GradientRows`
  std::int64_t column;
};

/// The formulas of a group at the observed times: their means over its paths, and the cotangents
/// that they give states. Paths from `paths` on are padding, and have none.
template <class T, class Member>
class GroupFormulas {
 public:
  using R = NarrowLane<T>;

  KOKKOS_FUNCTION GroupFormulas(const GradientSetup& setup, int paths, Arena& arena)
      : setup_(setup),
        tape_(setup.formulas),
        paths_(paths),
        values_(take_rows<T>(arena, tape_.outputs)),
        registers_(take_own(arena, tape_.registers)),
        varying_(take_own(arena, tape_.varying)),
        path_(take_own(arena, tape_.path_values)),
        register_bar_(take_own(arena, tape_.registers)),
        varying_bar_(take_own(arena, tape_.varying)),
        path_bar_(take_own(arena, tape_.path_values)),
        seed_(take_own(arena, tape_.outputs)),
        start_bar_(take_rows<T>(arena, setup.objectives * setup.dim)) {}

  /// Derivatives of objective s by the components at time 0 that formulas have themselves.
  [[nodiscard]] KOKKOS_FUNCTION T* start_bar(std::int64_t s) const {
    return start_bar_ + s * setup_.dim * group_paths;
  }

  /// Of the group, without padding.
  [[nodiscard]] KOKKOS_FUNCTION int paths() const { return paths_; }

  KOKKOS_FUNCTION void begin(const Member& team) const {
    for_rows<R>(team, static_cast<int>(setup_.objectives) * setup_.dim,
                [&](int i, int p) { store_lanes(start_bar_ + i * group_paths + p, R(0)); });
  }

  /// Writes the means at time t of those observed of formulas of the state x.
  KOKKOS_FUNCTION void put_means(const Member& team, std::int64_t t, const T* x0, const T* x,
                                 const GroupRows& rows) const {
    for_lanes<R>(team, [&](int p) {
      const formula::Banks<R> banks = evaluate(t, x0, x, p);
      for (int f = 0; f < tape_.outputs; ++f) {
        store_lanes(values_ + f * group_paths + p, formula::output(tape_, banks, f));
      }
    });
    team.team_barrier();
    for (int f = team.team_rank(); f < tape_.outputs; f += team.team_size()) {
      rows.samples(f * setup_.times + t, rows.column) = mean(values_ + f * group_paths);
    }
    team.team_barrier();
  }

  /// Adds the cotangents of x that objectives have at time t: those of s to row s dim of `bar`.
  KOKKOS_FUNCTION void add_cotangents(const Member& team, std::int64_t t, const T* x0, const T* x,
                                      T* bar) const {
    for_lanes<R>(team, [&](int p) {
      const formula::Banks<R> banks = evaluate(t, x0, x, p);
      for (std::int64_t s = 0; s < setup_.objectives; ++s) {
        sweep(s, t, banks, p, bar + s * setup_.dim * group_paths + p);
      }
    });
  }

  /// Of a row over the group's paths, added one by one.
  [[nodiscard]] KOKKOS_FUNCTION double mean(const T* row) const {
    double sum = 0;
    for (int p = 0; p < paths_; ++p) sum += static_cast<double>(row[p]);
    return sum / paths_;
  }

 private:
  /// Lanes of each thread's own.
  KOKKOS_FUNCTION static R* take_own(Arena& arena, int count) {
    return arena.take<R>(count * (width_of<R> == 1 ? group_paths : 1));
  }
  [[nodiscard]] KOKKOS_FUNCTION static R* own(R* lanes, int count, int p) {
    return lanes + (width_of<R> == 1 ? p * count : 0);
  }

  [[nodiscard]] KOKKOS_FUNCTION formula::Banks<R> evaluate(std::int64_t t, const T* x0, const T* x,
                                                           int p) const {
    R* const varying = own(varying_, tape_.varying, p);
    R* const path = own(path_, tape_.path_values, p);
    for (int i = 0; i < setup_.dim; ++i) varying[i] = load<R>(x + i * group_paths + p);
    const int first = first_component();
    for (int j = 0; j < first; ++j) path[j] = R(0);  // of networks, which no formula names
    for (int j = first; j < tape_.fixed; ++j) {
      path[j] = load<R>(x0 + (j - first) * group_paths + p);
    }
    formula::begin_path(tape_, path);
    const formula::Banks<R> banks{own(registers_, tape_.registers, p), varying, path};
    const double time = static_cast<double>(setup_.observed(t)) * setup_.step;
    formula::evaluate(tape_, time, banks);
    return banks;
  }
  /// Fixed inputs before the components at time 0.
  [[nodiscard]] KOKKOS_FUNCTION int first_component() const {
    return tape_.fixed > setup_.dim ? tape_.fixed - setup_.dim : 0;
  }

  KOKKOS_FUNCTION void sweep(std::int64_t s, std::int64_t t, const formula::Banks<R>& banks, int p,
                             T* bar) const {
    R* const seed = own(seed_, tape_.outputs, p);
    bool counts = false;
    for (int f = 0; f < tape_.outputs; ++f) {
      const double weight = setup_.weights(s, f * setup_.times + t);
      counts = counts || weight != 0;
      T lanes[width_of<R>];
      for (int l = 0; l < width_of<R>; ++l) lanes[l] = p + l < paths_ ? static_cast<T>(weight) : 0;
      seed[f] = load<R>(lanes);
    }
    if (!counts) return;
    const formula::Adjoints<R> bars{own(register_bar_, tape_.registers, p),
                                    own(varying_bar_, tape_.varying, p),
                                    own(path_bar_, tape_.path_values, p)};
    for (int i = 0; i < tape_.varying; ++i) bars.varying[i] = R(0);
    for (int i = 0; i < tape_.path_values; ++i) bars.path[i] = R(0);
    formula::sweep_back(tape_, banks, seed, bars);
    formula::end_path(tape_, banks.path, bars.path);
    const auto add = [&](T* to, const R& part) { store_lanes(to, load<R>(to) + part); };
    for (int i = 0; i < setup_.dim; ++i) add(bar + i * group_paths, bars.varying[i]);
    const int first = first_component();
    for (int j = first; j < tape_.fixed; ++j) {
      add(start_bar(s) + (j - first) * group_paths + p, bars.path[j]);
    }
  }

  const GradientSetup& setup_;
  const formula::Tape& tape_;
  int paths_;
  T* values_;
  R* registers_;
  R* varying_;
  R* path_;
  R* register_bar_;
  R* varying_bar_;
  R* path_bar_;
  R* seed_;
  T* start_bar_;
};

}  // namespace driftwood::sde

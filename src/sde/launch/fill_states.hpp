// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sde/initial_state.hpp"
#include "sde/parameters.hpp"
#include "sde/propagator.hpp"
#include "sde/watch.hpp"

namespace driftwood::sde {

/// A law, as kernels read it: as `deck::Distribution`, and the stream it is drawn from.
struct StartLaw {
  deck::Distribution::Kind kind;
  double first;
  double second;
  int component;
  std::int64_t offset;  ///< of a column: where its numbers begin, and how many there are
  std::int64_t count;
};

struct StartLaws {
  Kokkos::View<StartLaw*, Memory> law;
  Kokkos::View<double*, Memory> columns;
};

/// Columns must have been read: throws `std::logic_error` otherwise.
[[nodiscard]] StartLaws upload(const InitialState& initial);
[[nodiscard]] StartLaws upload(const DrawnParameters& parameters);

/// The paths in the first `count` columns of states. Of antithetic paths 2 k and 2 k + 1 start
/// alike.
struct Columns {
  std::uint64_t first;
  std::int64_t count;
  bool antithetic = false;
};

/// Gives each path its own draw of each law; rows beyond the laws, which are those of schemes that
/// carry a second state, repeat them. What is drawn is a
/// function of the seed, the purpose, the path and the component. Defined for double and float.
template <class T>
void fill_states(const States<T>& states, const StartLaws& laws, std::uint64_t seed,
                 random::Purpose purpose, const Columns& columns);

/// The memory of watchers for as many paths. Defined for double and float.
template <class T>
[[nodiscard]] Watch<T> make_watch(const std::vector<Watcher>& watchers, std::int64_t paths);

/// Puts what watchers remember to what it is at time 0 for the first `paths` columns of states.
/// Defined for double and float.
template <class T>
void begin_watch(const Watch<T>& watch, const States<T>& states, std::int64_t paths);

}  // namespace driftwood::sde

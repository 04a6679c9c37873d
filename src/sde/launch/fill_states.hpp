// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sde/initial_state.hpp"
#include "sde/propagator.hpp"

namespace driftwood::sde {

/// States of a wave: component i of path p at (i, p). Rows are padded to whole packs. Schemes that
/// carry a second state have it below the first.
template <class T>
using States = Kokkos::View<T**, Kokkos::LayoutRight, Memory>;

/// A component's law, as kernels read it: as `deck::Distribution`.
struct InitialLaw {
  deck::Distribution::Kind kind;
  double first;
  double second;
};
using InitialLaws = Kokkos::View<InitialLaw*, Memory>;

[[nodiscard]] InitialLaws upload(const InitialState& initial);

/// Puts the first `count` columns at the initial states of the paths from `first` on; every copy of
/// a state gets the same. What is drawn is a function of the seed, the path and the component.
/// Defined for double and float.
template <class T>
void fill_states(const States<T>& states, const InitialLaws& laws, std::uint64_t seed,
                 std::uint64_t first, std::int64_t count);

}  // namespace driftwood::sde

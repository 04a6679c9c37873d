// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What the propagators of fixed and of run-time size share: included only by the files that
/// instantiate a model.

#include <cmath>
#include <vector>

#include "base/error.hpp"
#include "sde/propagator.hpp"

namespace driftwood::sde {

/// States of a wave: component i of path p at (i, p). Rows are padded to whole packs. Schemes that
/// carry a second state have it below the first.
template <class T>
using States = Kokkos::View<T**, Kokkos::LayoutRight, Memory>;

/// The ids of the paths in one lane.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION random::Ids<R> ids_from(std::uint64_t first) {
  std::uint64_t ids[width_of<R>];
  for (int l = 0; l < width_of<R>; ++l) ids[l] = first + static_cast<std::uint64_t>(l);
  return random::Ids<R>::from(ids);
}

template <class R, class X>
KOKKOS_FORCEINLINE_FUNCTION void load_state(X& x, const States<value_of<R>>& states, int row,
                                            std::int64_t path) {
  for (int i = 0; i < x.size(); ++i) x[i] = load<R>(&states(row + i, path));
}
template <class X, class T>
KOKKOS_FORCEINLINE_FUNCTION void store_state(const X& x, const States<T>& states, int row,
                                             std::int64_t path) {
  for (int i = 0; i < x.size(); ++i) store_lanes(&states(row + i, path), x[i]);
}

/// Puts every path at the same state.
template <class T>
struct FillStates {
  Kokkos::View<const T*, Memory> initial;
  States<T> states;

  KOKKOS_FUNCTION void operator()(std::int64_t p) const {
    const std::size_t components = initial.extent(0);
    for (std::size_t i = 0; i < states.extent(0); ++i) states(i, p) = initial(i % components);
  }
};

/// Widens the states to the doubles that statistics are made of.
template <class T>
struct ReadStates {
  States<T> states;
  Channels to;
  std::int64_t components;

  KOKKOS_FUNCTION void operator()(std::int64_t p) const {
    for (std::int64_t i = 0; i < components; ++i) to(i, p) = static_cast<double>(states(i, p));
  }
};

/// Holds the states, in precision T; how they advance is the derived class's.
template <class T>
class StatePropagator : public Propagator {
 public:
  /// `copies` states per path.
  StatePropagator(const std::vector<double>& initial, int copies, const PropagatorOptions& options)
      : noise_{options.seed, options.end / static_cast<double>(options.steps),
               random::LevyTerms(levy_terms(options.steps))},
        initial_("initial", initial.size()),
        states_("states", initial.size() * static_cast<std::size_t>(copies),
                static_cast<std::size_t>(padded(options.capacity))) {
    const auto host = Kokkos::create_mirror_view(initial_);
    for (std::size_t i = 0; i < initial.size(); ++i) host(i) = static_cast<T>(initial[i]);
    Kokkos::deep_copy(initial_, host);
  }

  void start(const PathRange& paths) override {
    if (padded(paths.count) > static_cast<std::int64_t>(states_.extent(1))) {
      throw Error("a wave has more paths than its states have room for");
    }
    paths_ = paths;
    Kokkos::parallel_for("sde::start", Kokkos::RangePolicy<Exec>(0, padded(paths.count)),
                         FillStates<T>{initial_, states_});
  }

  void read(const Channels& to) const override {
    Kokkos::parallel_for("sde::read", Kokkos::RangePolicy<Exec>(0, padded(paths_.count)),
                         ReadStates<T>{states_, to, static_cast<std::int64_t>(initial_.extent(0))});
  }

 protected:
  [[noreturn]] static void refuse_given_noise() {
    throw Error("noise from elsewhere is for double precision");
  }
  static std::int64_t padded(std::int64_t paths) {
    return (paths + path_padding - 1) / path_padding * path_padding;
  }
  [[nodiscard]] const random::GridBrownian& noise() const { return noise_; }
  [[nodiscard]] const States<T>& states() const { return states_; }
  [[nodiscard]] const PathRange& paths() const { return paths_; }

 private:
  /// Terms of the series of Levy areas: what they leave out must not exceed the error of a scheme
  /// of strong order 1, so that they grow like 1 / sqrt(h).
  static int levy_terms(std::int64_t steps) {
    return static_cast<int>(std::ceil(std::sqrt(static_cast<double>(steps))));
  }

  random::GridBrownian noise_;
  Kokkos::View<T*, Memory> initial_;
  States<T> states_;
  PathRange paths_{0, 0};
};

}  // namespace driftwood::sde

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The launch over paths: included only by the files that instantiate a model.

#include <algorithm>
#include <array>
#include <string>

#include "base/error.hpp"
#include "sde/propagator.hpp"

namespace driftwood::sde {

/// States of a wave: component i of path p at (i, p). Rows are padded to whole packs.
template <class T>
using States = Kokkos::View<T**, Kokkos::LayoutRight, Memory>;

/// One work item: the paths of one lane, over some steps.
template <class S, class F, class T>
struct AdvanceLanes {
  using R = Lane<T>;

  typename S::template Step<F> step;
  random::GridBrownian noise;
  Steps steps;
  std::uint64_t first_path;
  States<T> states;

  KOKKOS_FUNCTION void operator()(std::int64_t item) const {
    constexpr int width = width_of<R>;
    const std::int64_t p = item * width;
    std::uint64_t ids[width];
    for (int l = 0; l < width; ++l) ids[l] = first_path + static_cast<std::uint64_t>(p + l);
    Vec<R, F::dim> x;
    for (int i = 0; i < F::dim; ++i) x[i] = load<R>(&states(i, p));
    integrate<S, F, R>(step, noise, random::Ids<R>::from(ids), steps, x);
    for (int i = 0; i < F::dim; ++i) store_lanes(&states(i, p), x[i]);
  }
};

/// Puts every path at the same state.
template <class T, int N>
struct FillStates {
  Kokkos::Array<T, N> initial;
  States<T> states;

  KOKKOS_FUNCTION void operator()(std::int64_t p) const {
    for (int i = 0; i < N; ++i) states(i, p) = initial[static_cast<std::size_t>(i)];
  }
};

/// Widens the states to the doubles that statistics are made of.
template <class T>
struct ReadStates {
  States<T> states;
  Channels to;
  int components;

  KOKKOS_FUNCTION void operator()(std::int64_t p) const {
    for (int i = 0; i < components; ++i) to(i, p) = static_cast<double>(states(i, p));
  }
};

template <class S, class F, class T>
requires Integrates<S, F>
class FieldPropagator final : public Propagator {
 public:
  FieldPropagator(const F& field, const std::array<double, F::dim>& initial,
                  const PropagatorOptions& options)
      : step_(field, options.end / static_cast<double>(options.steps)),
        noise_{options.seed, options.end / static_cast<double>(options.steps)},
        states_("states", F::dim, padded(options.capacity)) {
    for (std::size_t i = 0; i < F::dim; ++i) initial_[i] = static_cast<T>(initial[i]);
  }

  void start(const PathRange& paths) override {
    if (padded(paths.count) > static_cast<std::int64_t>(states_.extent(1))) {
      throw Error("a wave has more paths than its states have room for");
    }
    paths_ = paths;
    Kokkos::parallel_for("sde::start", Kokkos::RangePolicy<Exec>(0, padded(paths.count)),
                         FillStates<T, F::dim>{initial_, states_});
  }

  void advance(const Steps& steps) override {
    const std::int64_t items = padded(paths_.count) / width_of<Lane<T>>;
    Kokkos::parallel_for("sde::advance", Kokkos::RangePolicy<Exec>(0, items),
                         AdvanceLanes<S, F, T>{step_, noise_, steps, paths_.first, states_});
  }

  void read(const Channels& to) const override {
    Kokkos::parallel_for("sde::read", Kokkos::RangePolicy<Exec>(0, padded(paths_.count)),
                         ReadStates<T>{states_, to, F::dim});
  }

  [[nodiscard]] std::optional<std::int64_t> first_nonfinite_step(std::uint64_t path,
                                                                 std::int64_t last) const override {
    Vec<T, F::dim> x;
    for (int i = 0; i < F::dim; ++i) x[i] = initial_[static_cast<std::size_t>(i)];
    for (std::int64_t n = 0; n < last; ++n) {
      integrate<S, F, T>(step_, noise_, random::Ids<T>{path}, {n, n + 1}, x);
      for (int i = 0; i < F::dim; ++i) {
        if (!is_finite(x[i])) return n + 1;
      }
    }
    return std::nullopt;
  }

 private:
  static std::int64_t padded(std::int64_t paths) {
    static_assert(path_padding % width_of<Lane<T>> == 0);
    return (paths + path_padding - 1) / path_padding * path_padding;
  }

  typename S::template Step<F> step_;
  random::GridBrownian noise_;
  States<T> states_;
  Kokkos::Array<T, F::dim> initial_{};
  PathRange paths_{0, 0};
};

}  // namespace driftwood::sde

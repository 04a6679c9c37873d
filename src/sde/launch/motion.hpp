// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// How a propagator's paths move in time: included only by the files that instantiate a model.

#include <cmath>

#include "sde/adapt.hpp"
#include "sde/launch/on_device.hpp"
#include "sde/propagator.hpp"

namespace driftwood::sde {

/// Equal steps [first, last) of the scheme S.
struct FixedSteps {
  /// Lanes of states of run-time size.
  template <class T>
  using BlockLane = WideLane<T>;

  Steps steps;

  template <class S, class F, class X, class V, class See>
  KOKKOS_FORCEINLINE_FUNCTION void run(const F& field, const PathNoise<lane_of<X>>& noise,
                                       const V& like, Carried<S, X>& state, const See& see) const {
    const typename S::template Step<F> step{field, noise.step()};
    integrate<S, F>(step, noise, like, steps, state, see);
  }
};

/// Paths take equal steps.
class FixedMotion {
 public:
  FixedMotion(const PropagatorOptions&, std::int64_t) {}

  void start(std::int64_t) {}
  [[nodiscard]] FixedSteps over(const Steps& steps) const { return {steps}; }
  /// As little as shows how much memory a work item takes.
  [[nodiscard]] FixedSteps sample() const { return {{0, 1}}; }
  [[nodiscard]] StepCounts counts() const { return {}; }
};

/// Paths choose their own steps.
class AdaptiveMotion {
 public:
  /// `columns`: paths that there is to be room for.
  AdaptiveMotion(const PropagatorOptions& options, std::int64_t columns)
      : control_(options.control.value()),
        times_(on_device("times", control_.times)),
        rows_("control", static_cast<std::size_t>(ControlRow::count),
              static_cast<std::size_t>(columns)),
        counts_("counts", 3, static_cast<std::size_t>(StepCounts::bins)) {}

  void start(std::int64_t) {
    Kokkos::deep_copy(rows_, 0.0);
    const auto wanted = Kokkos::subview(rows_, static_cast<int>(ControlRow::wanted), Kokkos::ALL());
    Kokkos::deep_copy(wanted, std::log2(control_.first));
  }
  [[nodiscard]] AdaptiveSteps over(const Steps& intervals) const {
    return steps(intervals, std::int64_t{1} << 62, counts_);
  }
  [[nodiscard]] AdaptiveSteps sample() const {
    return steps({0, 1}, 2, Counts("unused", 3, static_cast<std::size_t>(StepCounts::bins)));
  }
  [[nodiscard]] StepCounts counts() const {
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), counts_);
    StepCounts out;
    for (std::size_t i = 0; i < host.extent(1); ++i) {
      out.accepted.push_back(static_cast<std::int64_t>(host(0, i)));
      out.rejected.push_back(static_cast<std::int64_t>(host(1, i)));
    }
    out.forced = static_cast<std::int64_t>(host(2, 0));
    return out;
  }

 private:
  using Counts = Kokkos::View<std::uint64_t**, Kokkos::LayoutRight, Memory>;

  [[nodiscard]] AdaptiveSteps steps(const Steps& intervals, std::int64_t most,
                                    const Counts& counts) const {
    return {intervals, control_.relative, control_.absolute, control_.depth, most, times_, rows_,
            counts};
  }

  StepControl control_;
  Kokkos::View<double*, Memory> times_;
  States<double> rows_;
  Counts counts_;
};

}  // namespace driftwood::sde

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// How a propagator's paths move in time: included only by the files that instantiate a model.

#include <cmath>

#include "base/on_device.hpp"
#include "sde/launch/jumps.hpp"
#include "sde/launch/saved_columns.hpp"
#include "sde/own_steps.hpp"
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
  FixedMotion(const PropagatorOptions&, const PathData&) {}

  void start(const PathRange&) {}
  [[nodiscard]] FixedSteps over(const Steps& steps) const { return {steps}; }
  /// As little as shows how much memory a work item takes.
  [[nodiscard]] FixedSteps sample() const { return {{0, 1}}; }
  [[nodiscard]] StepCounts counts() const { return {}; }
  [[nodiscard]] UploadedJumps jumps() const { return {}; }
  void save(stats::ByteWriter&, std::int64_t) const {}
  void restore(stats::ByteReader&, std::int64_t) const {}
};

/// Paths take steps of their own: those that adapt, and equal ones that end where paths jump.
class OwnMotion {
 public:
  OwnMotion(const PropagatorOptions& options, const PathData& paths)
      : equal_(options.control ? 0 : options.end / static_cast<double>(options.steps)),
        control_(options.control.value_or(StepControl{})),
        times_(on_device("times", control_.times)),
        rows_("control", static_cast<std::size_t>(options.control ? int{ControlRow::count} : 0),
              static_cast<std::size_t>(paths.columns)),
        counts_("counts", 3, static_cast<std::size_t>(StepCounts::bins)),
        jumps_(options.jumps, paths) {}

  void start(const PathRange& paths) {
    jumps_.start(paths);
    if (equal_ > 0) return;
    Kokkos::deep_copy(rows_, 0.0);
    const auto wanted = Kokkos::subview(rows_, static_cast<int>(ControlRow::wanted), Kokkos::ALL);
    Kokkos::deep_copy(wanted, std::log2(control_.first));
  }
  [[nodiscard]] OwnSteps over(const Steps& intervals) const {
    return steps(intervals, std::int64_t{1} << 62, counts_);
  }
  [[nodiscard]] OwnSteps sample() const {
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
  [[nodiscard]] const UploadedJumps& jumps() const { return jumps_; }
  /// What the paths in the first `columns` remember.
  void save(stats::ByteWriter& out, std::int64_t columns) const {
    save_columns(out, rows_, columns);
    jumps_.save(out, columns);
  }
  void restore(stats::ByteReader& in, std::int64_t columns) const {
    restore_columns(in, rows_, columns);
    jumps_.restore(in, columns);
  }

 private:
  using Counts = Kokkos::View<std::uint64_t**, Kokkos::LayoutRight, Memory>;

  [[nodiscard]] OwnSteps steps(const Steps& intervals, std::int64_t most,
                               const Counts& counts) const {
    return {intervals, equal_, control_.relative, control_.absolute, control_.depth, most, times_,
            rows_,     counts, jumps_.jumps()};
  }

  double equal_;
  StepControl control_;
  Kokkos::View<double*, Memory> times_;
  States<double> rows_;
  Counts counts_;
  UploadedJumps jumps_;
};

}  // namespace driftwood::sde

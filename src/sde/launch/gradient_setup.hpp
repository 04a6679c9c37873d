// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What kernels of gradients are given, and what they write.

#include "formula/tape.hpp"
#include "sde/gradient/schedule.hpp"
#include "sde/gradient/solver.hpp"

namespace driftwood::sde {

/// Steps that adapt to their errors, as `StepControl` has them.
struct OwnGrid {
  std::int64_t most = 0;  ///< accepted steps of a path, fewer than this; 0: steps are equal
  double relative = 0;
  double absolute = 0;    ///< [state]
  double log2_first = 0;  ///< of the first step to try [time]
  int depth = 0;
  Kokkos::View<const double*, Memory> times = {};  ///< intervals end there [time]
};

/// What a solver knows before it is given paths, as kernels read it.
struct GradientSetup {
  GradientMode mode;
  int dim;
  int noises;
  int parameters;
  int copies;
  int noise_inputs;
  Increments increments;
  double step;  ///< [time]
  std::int64_t steps;
  OwnGrid own;  ///< instead of these two
  std::int64_t slots;
  bool keeps_noise;  ///< of each step from the way there for the way back
  std::int64_t times;
  std::int64_t objectives;

  formula::Tape forward;
  formula::Tape backward;
  formula::Tape formulas;

  Kokkos::View<const std::int64_t*, Memory> observed;
  Kokkos::View<const double**, Kokkos::LayoutRight, Memory> weights;  ///< (objective, f T + t)
  Kokkos::View<const std::int64_t*, Memory> last;  ///< time that an objective's weights end at; -1
  Kokkos::View<const Action*, Memory> actions;
  Kokkos::View<const int*, Memory> by_parameter;
  Kokkos::View<const int*, Memory> by_component;

  [[nodiscard]] KOKKOS_INLINE_FUNCTION std::int64_t derivatives() const {
    return static_cast<std::int64_t>(by_parameter.extent(0) + by_component.extent(0));
  }
  /// Of a sample, without its weight.
  [[nodiscard]] KOKKOS_INLINE_FUNCTION std::int64_t rows() const {
    return formulas.outputs * times + objectives * derivatives();
  }
  /// The node after which nothing is seen.
  [[nodiscard]] KOKKOS_INLINE_FUNCTION std::int64_t last_node() const {
    return times > 0 ? observed(times - 1) : 0;
  }
};

/// What a lane writes: its columns of the samples, and of what the solver finds out besides.
struct GradientRows {
  Channels samples;
  static constexpr std::size_t gap_row = 0;      ///< of `gap`: largest |y - z| / (1 + |y|)
  static constexpr std::size_t rebuilt_row = 1;  ///< largest |x0 rebuilt - x0|
  static constexpr std::size_t accepted_row = 2;
  static constexpr std::size_t rejected_row = 3;
  static constexpr std::size_t forced_row = 4;
  static constexpr std::size_t lacking_row = 5;  ///< 1: there was no memory for another step
  static constexpr std::size_t gap_rows = 6;

  Channels gap;
  std::int64_t column;
  std::int64_t count;  ///< columns from `column` on that are paths

  template <class R>
  KOKKOS_FUNCTION void put(const Channels& to, std::int64_t row, const R& lane) const {
    value_of<R> values[width_of<R>];
    store_lanes(values, lane);
    for (int l = 0; l < width_of<R>; ++l) to(row, column + l) = static_cast<double>(values[l]);
  }
};

}  // namespace driftwood::sde

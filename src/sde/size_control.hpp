// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/lane.hpp"
#include "base/math.hpp"

namespace driftwood::sde {

/// The numbers that the control of a path's steps remembers, one a row.
struct ControlRow {
  static constexpr int wanted = 0;    ///< log2 of the step that the last errors ask for [time]
  static constexpr int error = 1;     ///< log2 of the last accepted error
  static constexpr int rejected = 2;  ///< 1 after a rejection
  static constexpr int count = 3;
};

/// The control of step sizes: Soederlind (2002), "Automatic control and adaptive time-stepping",
/// with the coefficients that Ilie, Jackson and Enright (2015) found for SDEs. In powers of two.
struct SizeControl {
  static constexpr double safety = -0.15200309344504997;  ///< log2 of 0.9
  static constexpr double integral = 0.3;
  static constexpr double proportional = 0.1;
  static constexpr double least = -2.321928094887362;  ///< log2 of 1/5
  static constexpr double most = 1;

  double order;  ///< errors are like h^order

  /// Change of the wanted step after an accepted one.
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION R accepted(const R& error, const R& before) const {
    const R pi = fma(R(-integral / order), error, R(proportional / order) * (before - error));
    return min(max(R(safety) + pi, R(least)), R(most));
  }
  /// Change of the step after a rejected one: to less than half.
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION R rejected(const R& error) const {
    return min(max(fma(R(-1 / order), error, R(safety)), R(least)), R(-0.01));
  }
};

/// The same of the paths in a lane.
template <class R>
struct SizeMemory {
  R wanted;
  R error;
  R rejected;
};

template <class R>
KOKKOS_FORCEINLINE_FUNCTION R log2(const R& x) {
  return R(1.4426950408889634) * math::log(x);
}

/// log2 of the length of the cells of a dyadic walk, given that of its roots [time].
template <class Walk, class R>
KOKKOS_FORCEINLINE_FUNCTION R log2_step(const Walk& walk, const R& log2_length) {
  using F = math::Format<double>;
  const R level = bits_as<R>(walk.level() | word_of<R>(F::integers)) - R(F::integers_value);
  return log2_length - level;
}

/// Halves the cells that are larger than wanted.
template <class Walk, class R>
KOKKOS_FORCEINLINE_FUNCTION void halve_where_wanted(Walk& walk, const SizeMemory<R>& control,
                                                    const R& log2_length) {
  out_of_line([&] {
    for (;;) {
      const mask_of<R> too_large =
          less(control.wanted, log2_step(walk, log2_length)) & walk.divisible();
      if (!any(too_large)) return 0;
      walk.descend(too_large);
    }
  });
}

/// What becomes of the steps of the paths in a lane.
template <class R>
struct Verdict {
  mask_of<R> accepted;
  mask_of<R> rejected;
  mask_of<R> forced;  ///< accepted with too large an error, as there are no smaller steps
};

/// Judges the steps from x to y, whose errors are like h^order, and says which steps paths want
/// next: the root mean square of error / (absolute + relative max(|x|, |y|)) is to be at most 1.
template <class Walk, class R, class X>
KOKKOS_FORCEINLINE_FUNCTION Verdict<R> judge_steps(double order, double relative, double absolute,
                                                   const Walk& walk, const R& log2_length,
                                                   const X& x, const X& y, const X& error,
                                                   SizeMemory<R>& control) {
  const SizeControl size{order};
  R sum(0);
  mask_of<R> lost = less(R(1), R(0));  // no step brings back what is not finite
  for (int i = 0; i < x.size(); ++i) {
    const R scale = fma(R(relative), max(abs(x[i]), abs(y[i])), R(absolute));
    const R e = error[i] / scale;
    sum = fma(e, e, sum);
    const mask_of<R> finite = is_finite(x[i]);
    lost = lost | !finite;
  }
  const R square = sum * R(1.0 / x.size());
  const R log2_error = R(0.5) * log2(max(square, R(1e-60)));  // of what is no number, small
  const mask_of<R> done = walk.done();
  const mask_of<R> too_inexact = !(less(square, R(1)) | equal(square, R(1)));
  const mask_of<R> kept = !lost;
  const mask_of<R> is_rejected = too_inexact & walk.divisible() & kept;
  const mask_of<R> unfinished = !done;
  const mask_of<R> keeps = !is_rejected;
  const mask_of<R> accepted = unfinished & keeps;

  // Errors are those of the step that was wanted, as far as the dyadic grid held it back.
  const R log2_h = log2_step(walk, log2_length);
  const R held_back = min(max(control.wanted - log2_h, R(0)), R(1));
  const R virtual_error = fma(R(size.order), held_back, log2_error);
  const R change = size.accepted(virtual_error, control.error);
  const R no_growth = select(less(R(0), control.rejected), min(change, R(0)), change);
  const R grown = log2_h + held_back + no_growth;
  const R shrunk =
      log2_h + select(is_finite(square), size.rejected(log2_error), R(SizeControl::least));
  control.wanted = select(is_rejected, shrunk, select(accepted, grown, control.wanted));
  control.error = select(accepted, virtual_error, control.error);
  control.rejected = select(is_rejected, R(1), select(accepted, R(0), control.rejected));
  const mask_of<R> is_forced = accepted & too_inexact & kept;
  return {accepted, is_rejected, is_forced};
}

}  // namespace driftwood::sde

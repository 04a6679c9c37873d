// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/lane.hpp"

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

}  // namespace driftwood::sde

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace driftwood::natgrad {

/// A pivot is too small where it is below this times the largest.
inline constexpr double least_pivot = 1e-12;

/// Pivots of a factorisation as they come. Those after one that is too small mean nothing and are
/// not looked at.
struct Pivots {
  double least = 0;
  double largest = 0;
  int at = 0;  ///< of the least
  bool has_any = false;

  /// No number is too small, too.
  [[nodiscard]] constexpr bool are_too_small() const {
    return has_any && !(least >= least_pivot * largest);
  }
  constexpr void note(int k, double pivot) {
    if (are_too_small()) return;
    if (!has_any || !(pivot >= least)) {
      least = pivot;
      at = k;
    }
    if (!has_any || pivot > largest) largest = pivot;
    has_any = true;
  }
};

}  // namespace driftwood::natgrad

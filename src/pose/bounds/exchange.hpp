// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Minimax over a box: the least s such that a z + b <= e s for all of many rows, |z_j| <= 1. The
/// dual simplex method as an exchange: seven rows, or sides of the box, hold s down; one that is
/// violated takes the place of one of them, and s rises. Rows are not stored beyond those seven, so
/// that who calls may generate them, the most violated first.

#include <cmath>

#include "base/portability.hpp"

namespace driftwood::pose {

class Exchange {
 public:
  static constexpr int variables = 6;
  static constexpr int held = variables + 1;

  /// a z + b <= e s, e > 0.
  struct Row {
    double a[variables];
    double b;
    double e;
  };

  /// What holds s down: a row, by the number it was given, or a side of the box, by `side`.
  static constexpr int side = -1;

  /// With one row and the corner of the box that is best for it.
  Exchange(const Row& row, int number) {
    // The sides sign_j z_j <= 1, then the row.
    for (int j = 0; j < variables; ++j) {
      const double sign = row.a[j] > 0 ? -1 : 1;
      number_[j] = side;
      inverse_[j][j] = sign;
      inverse_[variables][j] = row.a[j] * sign / row.e;
      x_[j] = sign;
    }
    number_[variables] = number;
    inverse_[variables][variables] = -1 / row.e;
    double value = row.b;
    for (int j = 0; j < variables; ++j) value += row.a[j] * x_[j];
    x_[variables] = value / row.e;
  }

  [[nodiscard]] const double* z() const { return x_; }
  [[nodiscard]] double s() const { return x_[variables]; }

  [[nodiscard]] int number(int k) const { return number_[k]; }
  /// Not negative: what makes s rise with place k, -ds / d(right-hand side).
  [[nodiscard]] double multiplier(int k) const { return -inverse_[variables][k]; }

  /// By how much a row is violated, in its own units.
  [[nodiscard]] double violation(const Row& row) const {
    double out = row.b - row.e * s();
    for (int j = 0; j < variables; ++j) out += row.a[j] * x_[j];
    return out;
  }

  /// The side of the box that is violated most, if any is by more than rounding, takes a place.
  /// Whether that was so.
  bool enter_side() {
    int most = 0;
    for (int j = 1; j < variables; ++j) most = std::abs(x_[j]) > std::abs(x_[most]) ? j : most;
    if (!(std::abs(x_[most]) > 1 + 1e-9)) return false;
    double normal[held] = {};
    normal[most] = x_[most] > 0 ? 1 : -1;
    return enter(normal, std::abs(x_[most]) - 1, side);
  }

  /// A violated row takes a place. False where none can give way: the method is at its end.
  bool enter_row(const Row& row, int number) {
    double normal[held];
    for (int j = 0; j < variables; ++j) normal[j] = row.a[j];
    normal[variables] = -row.e;
    return enter(normal, violation(row), number);
  }

  /// The place that changed last.
  [[nodiscard]] int entered() const { return entered_; }

 private:
  bool enter(const double (&normal)[held], double violated, int number) {
    double along[held];
    double largest = 0;
    for (int k = 0; k < held; ++k) {
      along[k] = 0;
      for (int j = 0; j < held; ++j) along[k] += normal[j] * inverse_[j][k];
      largest = std::abs(along[k]) > largest ? std::abs(along[k]) : largest;
    }
    int gone = -1;
    double least = 0;
    for (int k = 0; k < held; ++k) {
      if (!(along[k] > 1e-10 * largest)) continue;
      const double multiple = multiplier(k) > 0 ? multiplier(k) : 0;
      const double ratio = multiple / along[k];
      // Of equal ones that by which most is divided.
      if (gone < 0 || ratio < least || (ratio == least && along[k] > along[gone])) {
        gone = k;
        least = ratio;
      }
    }
    if (gone < 0) return false;
    for (int j = 0; j < held; ++j) {
      const double scaled = inverse_[j][gone] / along[gone];
      for (int k = 0; k < held; ++k) {
        if (k != gone) inverse_[j][k] -= scaled * along[k];
      }
      inverse_[j][gone] = scaled;
      x_[j] -= scaled * violated;
    }
    number_[gone] = number;
    entered_ = gone;
    return true;
  }

  double inverse_[held][held] = {};  ///< (variable, place)
  double x_[held] = {};              ///< z and s
  int number_[held] = {};
  int entered_ = variables;
};

}  // namespace driftwood::pose

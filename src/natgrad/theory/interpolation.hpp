// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "natgrad/theory/predictor.hpp"

namespace driftwood::natgrad {

/// A best weight of the Fisher matrix, and the risk there.
struct BestInterpolation {
  double a;
  double risk;
};

/// The a in [0, 1] with the least risk, between gradient descent (0) and natural gradient (1), by
/// golden section around the best of 17. The kind of `by.preconditioner` is `add` or `pow`. a is
/// found to 1e-6, or as near as rounding lets risks be told apart. Throws as `Predictor`.
[[nodiscard]] inline BestInterpolation best_interpolation(Predictor& predict, const Population& of,
                                                          Estimator by, double noise) {
  const auto kind = by.preconditioner.kind;
  if (kind != Preconditioner::Kind::add && kind != Preconditioner::Kind::pow) {
    throw Error("only add and pow interpolate between gradient descent and natural gradient");
  }
  const auto risk_at = [&](double a) {
    by.preconditioner.a = a;
    return predict(of, by).risk(noise);
  };
  constexpr int cells = 16;
  BestInterpolation best{0, risk_at(0)};
  for (int i = 1; i <= cells; ++i) {
    const double a = static_cast<double>(i) / cells;
    if (const double risk = risk_at(a); risk < best.risk) best = {a, risk};
  }
  double low = std::max(best.a - 1.0 / cells, 0.0);
  double high = std::min(best.a + 1.0 / cells, 1.0);
  const double golden = (std::sqrt(5.0) - 1) / 2;
  std::array<double, 2> a = {high - golden * (high - low), low + golden * (high - low)};
  std::array<double, 2> risk = {risk_at(a[0]), risk_at(a[1])};
  while (high - low > 1e-6) {
    const bool is_left = risk[0] < risk[1];
    (is_left ? high : low) = a[is_left ? 1 : 0];
    a = {high - golden * (high - low), low + golden * (high - low)};
    const std::size_t kept = is_left ? 1 : 0;
    risk[kept] = risk[1 - kept];
    risk[1 - kept] = risk_at(a[1 - kept]);
  }
  const std::size_t lower = risk[0] < risk[1] ? 0 : 1;
  return risk[lower] < best.risk ? BestInterpolation{a[lower], risk[lower]} : best;
}

}  // namespace driftwood::natgrad

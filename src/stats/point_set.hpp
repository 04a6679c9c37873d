// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/error.hpp"

namespace driftwood::stats {

/// A view of points of equal weight, of shape (count, dim): point after point.
struct PointSet {
  std::span<const double> values;
  std::int64_t count = 0;
  std::int64_t dim = 0;

  [[nodiscard]] std::span<const double> operator[](std::int64_t i) const {
    return values.subspan(static_cast<std::size_t>(i * dim), static_cast<std::size_t>(dim));
  }
};

/// Throws `Error` when there are not count x dim values, or none, or when one is not finite.
inline void check_points(const PointSet& x) {
  if (x.count < 1 || x.dim < 1 ||
      x.values.size() != static_cast<std::size_t>(x.count) * static_cast<std::size_t>(x.dim)) {
    throw Error("points are not as many values as their number times their dimension");
  }
  for (const double v : x.values) {
    if (!std::isfinite(v)) throw Error("a coordinate of a point is not finite");
  }
}

/// Checks both, and throws `Error` when their dimensions differ.
inline void check_points(const PointSet& x, const PointSet& y) {
  check_points(x);
  check_points(y);
  if (x.dim != y.dim) throw Error("sets of points differ in dimension");
}

[[nodiscard]] inline double dot(std::span<const double> x, std::span<const double> y) {
  double sum = 0;
  for (std::size_t k = 0; k < x.size(); ++k) sum += x[k] * y[k];
  return sum;
}

[[nodiscard]] inline double squared_distance(std::span<const double> x, std::span<const double> y) {
  double sum = 0;
  for (std::size_t k = 0; k < x.size(); ++k) sum += (x[k] - y[k]) * (x[k] - y[k]);
  return sum;
}

}  // namespace driftwood::stats

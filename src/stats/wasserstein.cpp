// SPDX-License-Identifier: BSD-3-Clause
#include "stats/wasserstein.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "base/error.hpp"
#include "stats/assignment.hpp"

namespace driftwood::stats {
namespace {

/// W2^2 of sorted samples: the coupling of their quantiles. In units of 1 / (m n), each x weighs n
/// and each y weighs m.
double squared_1d(std::span<const double> x, std::span<const double> y) {
  const std::size_t m = x.size();
  const std::size_t n = y.size();
  double sum = 0;
  std::size_t i = 0;
  std::size_t j = 0;
  for (std::size_t at = 0; at < m * n;) {
    const std::size_t next = std::min((i + 1) * n, (j + 1) * m);
    sum += static_cast<double>(next - at) * (x[i] - y[j]) * (x[i] - y[j]);
    at = next;
    if (at == (i + 1) * n) ++i;
    if (at == (j + 1) * m) ++j;
  }
  return sum / (static_cast<double>(m) * static_cast<double>(n));
}

std::vector<double> sorted(std::span<const double> x) {
  std::vector<double> result(x.begin(), x.end());
  std::sort(result.begin(), result.end());
  return result;
}

std::vector<double> sorted_projections(const PointSet& x, std::span<const double> direction) {
  std::vector<double> result;
  result.reserve(static_cast<std::size_t>(x.count));
  for (std::int64_t i = 0; i < x.count; ++i) result.push_back(dot(x[i], direction));
  std::sort(result.begin(), result.end());
  return result;
}

}  // namespace

double wasserstein_1d(std::span<const double> x, std::span<const double> y) {
  check_points({x, static_cast<std::int64_t>(x.size()), 1});
  check_points({y, static_cast<std::int64_t>(y.size()), 1});
  return std::sqrt(squared_1d(sorted(x), sorted(y)));
}

double wasserstein_exact(const PointSet& x, const PointSet& y) {
  check_points(x, y);
  if (x.count != y.count) {
    throw Error("an exact W2 needs as many points on both sides", {}, "leave out some of one side");
  }
  if (x.dim == 1) return wasserstein_1d(x.values, y.values);
  if (x.count > most_assigned_points) {
    throw Error("an exact W2 is of at most 4096 points",
                "its time grows as their cube and its memory as their square",
                "use fewer, or the sliced W2");
  }
  std::vector<double> cost;
  cost.reserve(static_cast<std::size_t>(x.count * y.count));
  for (std::int64_t i = 0; i < x.count; ++i) {
    for (std::int64_t j = 0; j < y.count; ++j) cost.push_back(squared_distance(x[i], y[j]));
  }
  return std::sqrt(solve_assignment(cost, x.count).cost / static_cast<double>(x.count));
}

double wasserstein_sliced(const PointSet& x, const PointSet& y, const PointSet& directions) {
  check_points(x, y);
  check_points(x, directions);
  double sum = 0;
  for (std::int64_t p = 0; p < directions.count; ++p) {
    const auto direction = directions[p];
    const double length = dot(direction, direction);
    if (!(length > 0)) throw Error("a direction of a sliced W2 has length 0");
    sum += squared_1d(sorted_projections(x, direction), sorted_projections(y, direction)) / length;
  }
  return std::sqrt(sum / static_cast<double>(directions.count));
}

}  // namespace driftwood::stats

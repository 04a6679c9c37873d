// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "stats/point_set.hpp"

namespace driftwood::test {

/// Points that it owns.
struct Points {
  std::vector<double> values;
  std::int64_t count;
  std::int64_t dim;

  [[nodiscard]] stats::PointSet view() const { return {values, count, dim}; }
};

inline Points normal_points(std::int64_t count, std::int64_t dim, std::mt19937_64& engine) {
  std::normal_distribution<double> normal;
  Points result{std::vector<double>(static_cast<std::size_t>(count * dim)), count, dim};
  for (double& v : result.values) v = normal(engine);
  return result;
}

inline Points normal_points(std::int64_t count, std::int64_t dim, std::uint64_t seed) {
  std::mt19937_64 engine(seed);
  return normal_points(count, dim, engine);
}

}  // namespace driftwood::test

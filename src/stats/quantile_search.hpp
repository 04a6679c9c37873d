// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "stats/cells.hpp"
#include "stats/order_statistics.hpp"

namespace driftwood::stats {

/// Cells searched at once: bounds the counts in flight to 4 MiB per rank.
[[nodiscard]] inline std::size_t cells_per_batch(std::size_t probabilities) {
  return std::max<std::size_t>(1, 2048 / std::max<std::size_t>(1, probabilities));
}

[[nodiscard]] inline std::vector<std::int64_t> quantile_positions(
    std::span<const double> probabilities, std::int64_t n) {
  std::vector<std::int64_t> positions;
  for (const double p : probabilities) positions.push_back(quantile_position(p, n));
  return positions;
}

/// Quantiles of all cells, of shape (times, probabilities, components).
///
/// `local_counts` is this rank's number of values per cell, `items(cell)` gives its keys (a span or
/// a vector). Collective.
template <class Item, class Items>
[[nodiscard]] std::vector<double> search_quantiles(const comm::Communicator& comm,
                                                   const Cells& cells,
                                                   std::vector<std::int64_t> local_counts,
                                                   std::span<const double> probabilities,
                                                   const Items& items) {
  for (const double p : probabilities) {
    if (!(p >= 0 && p <= 1)) throw Error("a probability is " + std::to_string(p));
  }
  comm.all_reduce_sum(std::span<std::int64_t>(local_counts));
  const auto& counts = local_counts;
  const auto components = static_cast<std::size_t>(cells.components);
  std::vector<double> answer(cells.count() * probabilities.size(),
                             std::numeric_limits<double>::quiet_NaN());
  const std::size_t batch = cells_per_batch(probabilities.size());
  for (std::size_t first = 0; first < cells.count(); first += batch) {
    const std::size_t last = std::min(first + batch, cells.count());
    OrderStatistics<Item> search(comm);
    for (std::size_t cell = first; cell < last; ++cell) {
      if (counts[cell] == 0) continue;
      search.search(items(cell), quantile_positions(probabilities, counts[cell]));
    }
    const auto keys = search.run();
    auto key = keys.begin();
    for (std::size_t cell = first; cell < last; ++cell) {
      if (counts[cell] == 0) continue;
      const std::size_t row = cell / components * probabilities.size();
      for (std::size_t q = 0; q < probabilities.size(); ++q) {
        answer[(row + q) * components + cell % components] = from_ordered_key(*key++);
      }
    }
  }
  return answer;
}

}  // namespace driftwood::stats

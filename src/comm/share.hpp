// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstdint>

namespace driftwood::comm {

/// The half-open range [first, last) of a rank's items.
struct Share {
  std::int64_t first = 0;
  std::int64_t last = 0;

  [[nodiscard]] constexpr std::int64_t count() const { return last - first; }
  [[nodiscard]] constexpr bool empty() const { return first == last; }
  constexpr bool operator==(const Share&) const = default;
};

/// Part `rank` of `count` items split among `size` ranks: contiguous in rank order, sizes differing
/// by at most one, the larger ones first. A rank may have none.
[[nodiscard]] constexpr Share share(std::int64_t count, int rank, int size) {
  const std::int64_t base = count / size;
  const std::int64_t larger = count % size;
  const std::int64_t first = rank * base + std::min<std::int64_t>(rank, larger);
  return {first, first + base + (rank < larger ? 1 : 0)};
}

}  // namespace driftwood::comm

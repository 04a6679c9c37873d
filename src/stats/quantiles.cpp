// SPDX-License-Identifier: BSD-3-Clause
#include "stats/quantiles.hpp"

namespace driftwood::stats {

bool quantiles_fit(const Cells& cells, std::int64_t paths, std::int64_t quantile_memory) {
  const auto bytes_per_path = static_cast<std::int64_t>(cells.count() * sizeof(double));
  return bytes_per_path == 0 || paths <= quantile_memory / bytes_per_path;
}

std::unique_ptr<QuantileCollector> make_quantiles(const Cells& cells, std::int64_t paths,
                                                  std::int64_t paths_of_this_rank,
                                                  std::int64_t quantile_memory) {
  if (quantiles_fit(cells, paths, quantile_memory)) {
    return make_exact_quantiles(cells, paths_of_this_rank);
  }
  return make_binned_quantiles(cells);
}

}  // namespace driftwood::stats

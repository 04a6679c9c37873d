// SPDX-License-Identifier: BSD-3-Clause
#include "sde/launch/pairs.hpp"

namespace driftwood::sde {
namespace {

using stats::Channels;

struct MeanOfPairs {
  Channels channels;
  std::int64_t values;

  KOKKOS_FUNCTION void operator()(std::int64_t pair) const {
    const std::int64_t p = 2 * pair;
    for (std::int64_t k = 0; k < values; ++k) {
      const double mean = 0.5 * (channels(k, p) + channels(k, p + 1));
      channels(values + k, p) = mean;
      channels(values + k, p + 1) = mean;
    }
    const auto row = static_cast<std::int64_t>(channels.extent(0)) - 1;
    const double weight = channels(row, p) * channels(row, p + 1);
    channels(row, p) = weight;
    channels(row, p + 1) = weight;
  }
};

}  // namespace

void add_means_of_pairs(const Channels& channels, std::int64_t values, std::int64_t columns) {
  Kokkos::parallel_for("sde::pairs", Kokkos::RangePolicy<Exec>(0, columns / 2),
                       MeanOfPairs{channels, values});
}

}  // namespace driftwood::sde

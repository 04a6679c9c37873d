// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "comm/communicator.hpp"
#include "stats/cells.hpp"

namespace driftwood::stats {

/// Collects values per cell and finds their quantiles over all ranks.
///
/// The p-quantile of n finite values is the order statistic x_(k), k = ceil(p n) and at least 1:
/// the inverse of the empirical distribution function (Hyndman & Fan 1996, definition 1); p = 0
/// gives the minimum and p = 1 the maximum. Only integers are added up between ranks, so results do
/// not depend on their number nor on the order of the values.
class QuantileCollector {
 public:
  virtual ~QuantileCollector() = default;

  /// Adds values of one cell. Calls for different cells may run in different threads.
  virtual void add(std::int64_t time, std::int64_t component, std::span<const double> values,
                   PathMask finite = {}) = 0;
  virtual void add(std::int64_t time, std::int64_t component, std::span<const float> values,
                   PathMask finite = {}) = 0;

  /// Quantiles of shape (times, probabilities, components), the same on all ranks; NaN for a cell
  /// without values. Collective. Throws `Error` for a probability outside [0, 1].
  [[nodiscard]] virtual std::vector<double> quantiles(
      const comm::Communicator& comm, std::span<const double> probabilities) const = 0;

  /// "exact", or "binned" (relative error at most 2^-10).
  [[nodiscard]] virtual std::string_view method() const = 0;

  /// What was collected on this rank, for checkpoints of the same build.
  [[nodiscard]] virtual std::vector<std::byte> bytes() const = 0;

  /// Adds what `bytes` of a collector of the same kind gave; any rank may absorb any part.
  virtual void absorb(std::span<const std::byte> bytes) = 0;

  /// Memory held on this rank [bytes].
  [[nodiscard]] virtual std::size_t memory() const = 0;
};

/// Whether all values of all paths, 8 bytes each, fit in `quantile_memory` [bytes]. It counts the
/// whole ensemble, so that the answer does not depend on the number of ranks.
[[nodiscard]] bool quantiles_fit(const Cells& cells, std::int64_t paths,
                                 std::int64_t quantile_memory);

/// Keeps every value and finds exact order statistics.
///
/// `values_per_cell` is how many this rank may add to a cell; `add` throws `Error` beyond. What is
/// absorbed comes on top. -0 counts as 0.
[[nodiscard]] std::unique_ptr<QuantileCollector> make_exact_quantiles(const Cells& cells,
                                                                      std::int64_t values_per_cell);

/// Counts values in fixed logarithmic bins and answers with the centre of a bin.
///
/// A bin is the set of doubles that share sign, exponent and the 9 leading bits of the mantissa:
/// its centre is within a factor 1 +- 2^-10 of each. Zero and denormals (below 2.3e-308) count as
/// 0. Per cell and sign, 4 KiB for each factor of 2 between the smallest and the largest magnitude.
[[nodiscard]] std::unique_ptr<QuantileCollector> make_binned_quantiles(const Cells& cells);

/// The exact collector where `quantiles_fit`, else the binned one.
[[nodiscard]] std::unique_ptr<QuantileCollector> make_quantiles(const Cells& cells,
                                                                std::int64_t paths,
                                                                std::int64_t paths_of_this_rank,
                                                                std::int64_t quantile_memory);

}  // namespace driftwood::stats

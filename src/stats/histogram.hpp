// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "comm/communicator.hpp"
#include "stats/cells.hpp"

namespace driftwood::stats {

/// An interval of the real line.
struct Range {
  double low = 0;
  double high = 1;

  friend bool operator==(const Range&, const Range&) = default;
};

/// A range for a histogram of values like those in [low, high]: a quarter of the span wider on both
/// sides and rounded outwards to a multiple of 1, 2 or 5 times a power of ten. Values that (nearly)
/// coincide at c give [c - |c|/2, c + |c|/2], or [-1/2, 1/2] at 0.
[[nodiscard]] Range neat_range(const Range& values);

/// Counts values in uniform bins, fixed per cell before the counting starts.
///
/// Bin i holds edge[i] <= x < edge[i+1], the last one its upper edge too, decided by comparison
/// with the stored edges themselves. What lies outside is counted as below or above.
class Histogram {
 public:
  /// All ranges are [0, 1] until set. Throws `Error` for less than one bin.
  Histogram(const Cells& cells, std::int64_t bins);

  /// Widens the pilot range of a cell to these values. Before `agree`, on the rank that owns the
  /// first block; the values are not counted.
  void pilot(std::int64_t time, std::int64_t component, std::span<const double> values,
             PathMask finite = {});
  void pilot(std::int64_t time, std::int64_t component, std::span<const float> values,
             PathMask finite = {});

  /// Sets the edges of every cell from what the ranks saw in `pilot`. Collective.
  void agree(const comm::Communicator& comm);

  /// Sets the edges of one cell; the same on all ranks. Throws `Error` for a range that is not
  /// finite, empty, or too narrow for distinct edges.
  void set_range(std::int64_t time, std::int64_t component, const Range& range);

  /// Counts values of one cell. Calls for different cells may run in different threads.
  void add(std::int64_t time, std::int64_t component, std::span<const double> values,
           PathMask finite = {});
  void add(std::int64_t time, std::int64_t component, std::span<const float> values,
           PathMask finite = {});

  /// Counts over all ranks; the histogram itself stays this rank's. Collective.
  [[nodiscard]] Histogram reduced(const comm::Communicator& comm) const;

  [[nodiscard]] std::int64_t bins() const { return bins_; }
  [[nodiscard]] std::span<const double> edges(std::int64_t time, std::int64_t component) const;
  [[nodiscard]] std::span<const std::int64_t> counts(std::int64_t time,
                                                     std::int64_t component) const;
  [[nodiscard]] std::int64_t below(std::int64_t time, std::int64_t component) const;
  [[nodiscard]] std::int64_t above(std::int64_t time, std::int64_t component) const;

  /// Edges and counts of this rank, for checkpoints of the same build.
  [[nodiscard]] std::vector<std::byte> bytes() const;

  /// Takes the edges and adds the counts of a histogram of the same shape that was turned into
  /// bytes. Throws `Error` where this one has counts and other edges.
  void absorb(std::span<const std::byte> bytes);

 private:
  template <class R>
  void widen(std::size_t cell, std::span<const R> values, PathMask finite);
  template <class R>
  void count(std::size_t cell, std::span<const R> values, PathMask finite);

  [[nodiscard]] std::size_t edge_offset(std::size_t cell) const;
  [[nodiscard]] std::size_t count_offset(std::size_t cell) const;

  Cells cells_;
  std::int64_t bins_;
  std::vector<Range> pilots_;         // per cell; low > high: nothing seen
  std::vector<double> edges_;         // per cell bins + 1
  std::vector<std::int64_t> counts_;  // per cell: below, bins, above
};

}  // namespace driftwood::stats

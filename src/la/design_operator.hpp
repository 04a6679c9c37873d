// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "comm/communicator.hpp"

namespace driftwood::la {

/// Writes rows [first, first + n) of a design by columns: feature j of row first + i goes to
/// to[i + j n]. Gives any rows on any rank, any number of times, always the same.
using RowsOf = std::function<void(std::int64_t first, std::size_t n, double* to)>;

enum class Storage {
  stored,       ///< n d doubles over all ranks
  regenerated,  ///< a block of rows at a time, anew for every product
};

/// A dense design X (n, d), its rows shared out among ranks, by products with k vectors at once.
/// Vectors are columns without gaps: of rows each rank has its own share, of features all.
///
/// Products are summed over ranks by MPI: they depend on the number of ranks by rounding.
class DesignOperator {
 public:
  static constexpr std::size_t default_block = std::size_t{64} << 20;

  /// Keeps `rows`. X is worked on, drawn and stored in blocks of about `block` bytes, so that
  /// products have the same bits whether it is stored or not.
  DesignOperator(const comm::Communicator& comm, std::size_t n, std::size_t d, RowsOf rows,
                 Storage storage, std::size_t block = default_block);

  [[nodiscard]] std::size_t n() const { return n_; }
  [[nodiscard]] std::size_t d() const { return d_; }
  [[nodiscard]] const comm::Communicator& comm() const { return comm_; }
  /// Rows of this rank.
  [[nodiscard]] const comm::Share& share() const { return share_; }
  [[nodiscard]] std::size_t own() const { return static_cast<std::size_t>(share_.count()); }

  /// to (own, k) = X w of w (d, k)
  void times(std::span<const double> w, std::size_t k, std::span<double> to);
  /// to (d, k) = X^T v of v (own, k). Collective.
  void transposed_times(std::span<const double> v, std::size_t k, std::span<double> to);
  /// (d) squares of the columns of X. Collective.
  [[nodiscard]] std::vector<double> squares();

  /// f(at, m, x): rows [at, at + m) of this rank's, one block after the other, x (m, d)
  template <class F>
  void for_each_block(F&& f) {
    for (std::size_t at = 0; at < own(); at += block_) {
      const std::size_t m = std::min(block_, own() - at);
      double* const x = values_.get() + (is_stored_ ? at * d_ : 0);
      if (!is_stored_) rows_(share_.first + static_cast<std::int64_t>(at), m, x);
      f(at, m, static_cast<const double*>(x));
    }
  }
  /// Any rows, of whatever rank: x (m, d).
  void fill_rows(std::int64_t first, std::size_t m, double* x) const { rows_(first, m, x); }
  /// Rows of a block.
  [[nodiscard]] std::size_t block() const { return block_; }

 private:
  const comm::Communicator& comm_;
  std::size_t n_;
  std::size_t d_;
  RowsOf rows_;
  comm::Share share_;
  std::size_t block_;
  bool is_stored_;
  std::unique_ptr<double[]> values_;  ///< all blocks, or one
};

/// Sums over ranks, in their place. They depend on the number of ranks by rounding. Collective.
void add_ranks(const comm::Communicator& comm, std::span<double> values);

}  // namespace driftwood::la

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <vector>

#include "mcmc/population.hpp"

namespace driftwood::mcmc {

/// Sums over chains and steps of the deviations of coordinates x from some centre, and of their
/// products two by two: what a covariance is made of. One record for each block, of
/// 1 + dim + dim (dim + 1) / 2 numbers: chains that were finite, deviations, products (i, j <= i).
class CovarianceSums {
 public:
  /// Begins at 0.
  void begin(const Population& population, const std::vector<double>& centre);
  void end() { *this = CovarianceSums(); }
  [[nodiscard]] bool is_begun() const { return centre_.extent(0) > 0; }

  /// Adds where the chains of some blocks are now, those that are finite.
  void add(const Population& population, const Population::BlockRange& blocks);

  [[nodiscard]] static std::size_t record_size(int dim) {
    const auto n = static_cast<std::size_t>(dim);
    return 1 + n + n * (n + 1) / 2;
  }
  /// Of block b of this rank; zeros where it is not finite.
  [[nodiscard]] std::vector<double> record(std::int64_t b) const;

  /// What block b needs to go on.
  void save(stats::ByteWriter& out, std::int64_t b) const;
  void restore(stats::ByteReader& in, std::int64_t b);

 private:
  [[nodiscard]] std::vector<double> on_host(std::int64_t b) const;

  Kokkos::View<double*, Memory> centre_;
  Kokkos::View<double**, Kokkos::LayoutRight, Memory> sums_;  ///< (block, record)
  ChainSums here_;  ///< x of the blocks that are added, less the centre; 1 for those that count
};

}  // namespace driftwood::mcmc

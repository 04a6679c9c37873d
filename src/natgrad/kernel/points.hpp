// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "natgrad/ensemble/blas.hpp"

namespace driftwood::natgrad {

/// Rows of data in blocks, each a matrix (d, rows) so that a row is contiguous and inner products
/// of two blocks are one matrix product.
class Points {
 public:
  static constexpr std::size_t block_size = 256;

  Points() = default;
  /// Of values (row, column) with d columns, whose rows `pick` names in this order.
  Points(std::span<const double> values, std::size_t d, std::span<const std::size_t> pick);
  /// Of all rows.
  Points(std::span<const double> values, std::size_t d);

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t dimension() const { return dimension_; }
  [[nodiscard]] std::size_t blocks() const { return blocks_.size(); }
  /// (d, rows)
  [[nodiscard]] const Dense& block(std::size_t b) const { return blocks_[b]; }
  /// Squares of the lengths of its rows.
  [[nodiscard]] std::span<const double> squares(std::size_t b) const { return squares_[b]; }
  [[nodiscard]] std::span<const double> row(std::size_t i) const {
    return blocks_[i / block_size].column(i % block_size);
  }
  [[nodiscard]] static std::size_t first_row(std::size_t b) { return b * block_size; }

  /// The rows of these numbers.
  [[nodiscard]] Points picked(std::span<const std::size_t> rows) const;

 private:
  void shape(std::size_t n, std::size_t d);
  void measure();

  std::size_t size_ = 0;
  std::size_t dimension_ = 0;
  std::vector<Dense> blocks_;
  std::vector<std::vector<double>> squares_;
};

}  // namespace driftwood::natgrad

// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/kernel/points.hpp"

#include <algorithm>
#include <numeric>

namespace driftwood::natgrad {
namespace {

std::vector<std::size_t> all_of(std::size_t n) {
  std::vector<std::size_t> out(n);
  std::iota(out.begin(), out.end(), std::size_t{0});
  return out;
}

}  // namespace

Points::Points(std::span<const double> values, std::size_t d, std::span<const std::size_t> pick) {
  shape(pick.size(), d);
  for (std::size_t i = 0; i < pick.size(); ++i) {
    const auto from = values.subspan(pick[i] * d, d);
    std::copy(from.begin(), from.end(), blocks_[i / block_size].column(i % block_size).begin());
  }
  measure();
}

Points::Points(std::span<const double> values, std::size_t d)
    : Points(values, d, all_of(values.size() / d)) {}

void Points::shape(std::size_t n, std::size_t d) {
  size_ = n;
  dimension_ = d;
  for (std::size_t first = 0; first < n; first += block_size) {
    blocks_.emplace_back(d, std::min(block_size, n - first));
  }
}

void Points::measure() {
  for (const Dense& block : blocks_) {
    std::vector<double>& squares = squares_.emplace_back(block.columns());
    for (std::size_t i = 0; i < squares.size(); ++i) {
      const auto row = block.column(i);
      squares[i] = std::inner_product(row.begin(), row.end(), row.begin(), 0.0);
    }
  }
}

Points Points::picked(std::span<const std::size_t> rows) const {
  Points out;
  out.shape(rows.size(), dimension_);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto from = row(rows[i]);
    std::copy(from.begin(), from.end(), out.blocks_[i / block_size].column(i % block_size).begin());
  }
  out.measure();
  return out;
}

}  // namespace driftwood::natgrad

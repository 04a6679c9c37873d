// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "natgrad/ensemble/draw.hpp"
#include "natgrad/kernel/kernel.hpp"
#include "unit/natgrad/designs.hpp"

namespace driftwood::test {

/// n rows of d normal numbers around a centre that is not 0; the last repeats the first but for
/// 1e-7 in one coordinate, so that their distance is lost in inner products.
inline natgrad::Points normal_points(std::size_t n, std::size_t d, double centre = 0.3) {
  std::vector<double> columns(n * d);
  natgrad::draw_rows({.seed = 5, .design = 1, .replica = 2}, natgrad::RowSource::design,
                     natgrad::FeatureLaw::normal, 0, n, std::vector<double>(d, 1.0),
                     columns.data());
  std::vector<double> rows(n * d);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < d; ++j) rows[i * d + j] = centre + columns[i + j * n];
  }
  if (n > 2) {
    std::copy_n(rows.begin(), d, rows.end() - static_cast<std::ptrdiff_t>(d));
    rows[(n - 1) * d] += 1e-7;
  }
  return {rows, d};
}

inline natgrad::Dense normal_labels(std::size_t n, std::size_t columns) {
  natgrad::Dense out(n, columns);
  natgrad::draw_rows({.seed = 6, .design = 1, .replica = 2}, natgrad::RowSource::hidden,
                     natgrad::FeatureLaw::normal, 0, n, std::vector<double>(columns, 1.0),
                     out.data());
  return out;
}

/// k(a_i, b_j), a pair at a time.
inline Matrix kernel_matrix(const natgrad::Kernel& k, const natgrad::Points& a,
                            const natgrad::Points& b) {
  Matrix out(static_cast<Eigen::Index>(a.size()), static_cast<Eigen::Index>(b.size()));
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < b.size(); ++j) {
      out(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) = k(a.row(i), b.row(j));
    }
  }
  return out;
}

inline Matrix as_matrix(const natgrad::Dense& x) {
  return Eigen::Map<const Matrix>(x.data(), static_cast<Eigen::Index>(x.rows()),
                                  static_cast<Eigen::Index>(x.columns()));
}

}  // namespace driftwood::test

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>

namespace driftwood::la {

/// A dense matrix that is somebody else's, by columns that are `stride` apart.
struct DenseView {
  const double* values;
  std::size_t rows;
  std::size_t columns;
  std::size_t stride;
  bool is_transposed = false;  ///< what is meant is the transpose of these rows and columns
};

/// to = x y + b to, by BLAS; columns of `to` are `stride` apart. A product with one vector reads x
/// at the speed of memory.
void multiply(const DenseView& x, const DenseView& y, double* to, std::size_t stride, double b);

}  // namespace driftwood::la

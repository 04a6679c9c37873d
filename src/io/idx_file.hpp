// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace driftwood::io {

/// An array of bytes in the format of the MNIST data sets, the last index running fastest.
struct IdxArray {
  std::vector<std::size_t> shape;
  std::string bytes;  ///< unsigned

  [[nodiscard]] std::size_t rows() const { return shape.front(); }
  /// Bytes of one row.
  [[nodiscard]] std::size_t width() const { return bytes.size() / rows(); }
};

/// Whether a file, plain or compressed by gzip, begins as idx files of unsigned bytes do.
[[nodiscard]] bool is_idx(const std::string& path);

/// Reads an idx file of unsigned bytes: two zeros, 8, the number of dimensions, each of these in
/// four bytes, the highest first, and the values; plain or compressed by gzip. LeCun, Cortes and
/// Burges, "The MNIST database". Throws `UsageError` for what is no such file.
[[nodiscard]] IdxArray read_idx(const std::string& path);

}  // namespace driftwood::io

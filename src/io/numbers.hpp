// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace driftwood::io {

/// A dataset of numbers, the last dimension running fastest.
struct Numbers {
  std::vector<std::int64_t> shape;
  std::vector<double> values;
};

/// All numbers of a dataset; HDF5 converts from any type of numbers. Throws `Error` "PROBLEM" when
/// there is no such file or dataset, or when it holds no numbers.
[[nodiscard]] Numbers read_numbers(const std::string& file, const std::string& dataset);

/// The same of whole numbers, to the last bit.
struct Words {
  std::vector<std::int64_t> shape;
  std::vector<std::uint64_t> values;
};
[[nodiscard]] Words read_words(const std::string& file, const std::string& dataset);

/// The texts of a dataset of strings of fixed length. Throws `Error` likewise.
[[nodiscard]] std::vector<std::string> read_texts(const std::string& file,
                                                  const std::string& dataset);

/// Whether a file in that format has a dataset, or a group, of this path. False where it cannot be
/// read.
[[nodiscard]] bool has_dataset(const std::string& file, const std::string& dataset);

/// Whether a file is in the format HDF5, by how it begins.
[[nodiscard]] bool is_hdf5(const std::string& file);

}  // namespace driftwood::io

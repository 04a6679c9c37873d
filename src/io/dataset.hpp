// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace driftwood::io {

/// Borrowed values of a dataset, the last dimension running fastest.
using Values = std::variant<std::span<const double>, std::span<const std::int64_t>,
                            std::span<const std::uint64_t>, std::span<const std::string>>;

/// A number or a text that says something about a dataset or the file.
using Attribute = std::variant<std::int64_t, double, std::string>;

/// What to write, and what it means.
struct Dataset {
  /// Names given to `ResultFile::coordinate` or `ResultFile::dimension` before; none: a scalar.
  std::vector<std::string> dimensions;
  std::string units;  ///< "1" for what has none
  std::string long_name;
  Values values;
  std::vector<std::pair<std::string, Attribute>> attributes = {};
  bool in_one_piece = false;  ///< also where it is large
};

/// Rows [first, first + count) of a dataset.
struct Rows {
  std::int64_t first = 0;
  std::int64_t count = 0;
};

}  // namespace driftwood::io

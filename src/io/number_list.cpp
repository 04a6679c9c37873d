// SPDX-License-Identifier: BSD-3-Clause
#include "io/number_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "io/data_table.hpp"
#include "io/disk.hpp"
#include "io/numbers.hpp"
#include "io/text.hpp"

namespace driftwood::io {
namespace {

constexpr std::size_t most = std::size_t{1} << 31U;

/// What is between separators; between two commas or semicolons also what is empty.
std::vector<std::string_view> cells_of(std::string_view line) {
  std::vector<std::string_view> out;
  bool is_owed = true;  // whether a separator would leave an empty cell
  while (!line.empty()) {
    const bool is_mark = line.front() == ',' || line.front() == ';';
    if (is_mark) {
      if (is_owed) out.push_back({});
      is_owed = true;
      line.remove_prefix(1);
    } else {
      const std::size_t end = std::min(line.find_first_of(" \t\r,;"), line.size());
      out.push_back(line.substr(0, end));
      is_owed = false;
      line.remove_prefix(end);
    }
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
  }
  return out;
}

std::vector<double> of_text(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw UsageError("cannot read '" + file + "'");
  std::vector<double> out;
  std::int64_t number = 0;
  bool is_first = true;
  for (std::string text; std::getline(in, text);) {
    ++number;
    std::string_view line = text;
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    if (number == 1 && line.starts_with(byte_order_mark)) line.remove_prefix(3);
    line = trimmed(line.substr(0, line.find('#')));
    if (line.empty()) continue;
    const std::vector<std::string_view> cells = cells_of(line);
    const bool is_header =
        std::exchange(is_first, false) &&
        std::none_of(cells.begin(), cells.end(), [](auto cell) { return number_in(cell); }) &&
        std::none_of(cells.begin(), cells.end(), [](auto cell) { return cell.empty(); });
    if (is_header) continue;
    for (const std::string_view cell : cells) {
      const auto value = number_in(cell);
      if (!value) {
        throw UsageError(
            cell.empty()
                ? fmt::format("{}:{}: a number is missing after {}", file, number, out.size())
                : fmt::format("{}:{}: '{}' is no finite number", file, number, cell.substr(0, 40)),
            "", "write numbers alone, decimals with a point");
      }
      if (out.size() == most) throw UsageError("'" + file + "' has more than 2^31 numbers");
      out.push_back(*value);
    }
  }
  return out;
}

std::vector<double> of_hdf5(const std::string& file, const std::string& dataset) {
  Numbers found;
  try {
    found = read_numbers(file, dataset);
  } catch (const Error& error) {
    throw UsageError(error.what());
  }
  if (found.shape.size() != 1) {
    throw UsageError(fmt::format("'{}' of '{}' is no vector", dataset, file),
                     fmt::format("it has shape ({})", fmt::join(found.shape, ", ")));
  }
  for (std::size_t i = 0; i < found.values.size(); ++i) {
    if (!std::isfinite(found.values[i])) {
      throw UsageError(fmt::format("'{}' of '{}' is not finite at {}", dataset, file, i));
    }
  }
  return std::move(found.values);
}

}  // namespace

std::vector<double> read_number_list(const std::string& file, const std::string& dataset) {
  disk::check_file(file);
  auto out = is_hdf5(file) ? of_hdf5(file, dataset) : of_text(file);
  if (out.empty()) throw UsageError("'" + file + "' holds no numbers");
  return out;
}

}  // namespace driftwood::io

// SPDX-License-Identifier: BSD-3-Clause
#include "io/matrix_table.hpp"

#include <fmt/format.h>

#include <cmath>

#include "base/error.hpp"
#include "io/disk.hpp"
#include "io/idx_file.hpp"
#include "io/numbers.hpp"
#include "io/text.hpp"

namespace driftwood::io {
namespace {

Numbers numbers_of(const std::string& file, const std::string& dataset) {
  try {
    return read_numbers(file, dataset);
  } catch (const Error& error) {
    throw UsageError(error.what());
  }
}

/// The column of a number from 0, negative from the end; `key` says where the number is from.
std::size_t column_of(const TableRequest& request, const std::string& name, const char* key,
                      std::size_t columns) {
  const double index = number_in(name).value_or(-0.5);
  const double from_0 = index < 0 ? index + static_cast<double>(columns) : index;
  if (from_0 != std::floor(from_0) || from_0 < 0 || from_0 >= static_cast<double>(columns)) {
    throw UsageError(fmt::format("'{}' has no column {} ('{}')", request.file, shown(name), key),
                     fmt::format("it has {}, numbered from 0", columns));
  }
  return static_cast<std::size_t>(from_0);
}

/// Columns that are kept of so many.
std::vector<std::size_t> kept_columns(const TableRequest& request, std::size_t columns) {
  std::vector<std::size_t> out;
  for (const std::string& name : request.columns) {
    out.push_back(column_of(request, name, "columns", columns));
  }
  if (!out.empty()) return out;
  std::vector<bool> dropped(columns, false);
  for (const std::string& name : request.drop) {
    dropped[column_of(request, name, "drop", columns)] = true;
  }
  for (std::size_t j = 0; j < columns; ++j) {
    if (!dropped[j]) out.push_back(j);
  }
  if (out.empty()) throw UsageError("no column is left to explain the labels");
  return out;
}

/// The table of a matrix, (rows, columns) by `value(row, column)`, and of `label(row)`.
template <class Value, class Label>
DataTable table_of(const TableRequest& request, std::size_t rows, std::size_t columns,
                   const Value& value, const Label& label) {
  if (columns > most_columns) {
    throw UsageError(fmt::format("'{}' has {} columns, more than 10^6", request.file, columns));
  }
  const std::vector<std::size_t> kept = kept_columns(request, columns);
  if (static_cast<double>(rows) * static_cast<double>(kept.size()) > most_numbers) {
    throw UsageError(fmt::format("'{}' has more than 2^31 numbers", request.file), "",
                     "leave out columns by 'drop', or take a file of fewer rows");
  }
  DataTable table;
  for (const std::size_t j : kept) table.names.push_back(std::to_string(j));
  table.values.reserve(rows * kept.size());
  for (std::size_t r = 0; r < rows; ++r) {
    table.labels.push_back(request.has_labels ? fmt::format("{}", label(r)) : "");
    table.places.push_back(fmt::format("{}: row {}", request.file, r));
    for (const std::size_t j : kept) table.values.push_back(value(r, j));
  }
  return table;
}

}  // namespace

DataTable read_hdf5_table(const TableRequest& request) {
  Numbers x = numbers_of(request.file, request.dataset);
  if (x.shape.size() == 1 && !request.has_labels) x.shape.push_back(1);
  if (x.shape.size() != 2 || x.values.empty()) {
    throw UsageError(fmt::format("'{}' of '{}' is no matrix", request.dataset, request.file),
                     fmt::format("it has shape ({})", fmt::join(x.shape, ", ")));
  }
  const std::string label = request.label.value_or("y");
  Numbers y{.shape = {x.shape[0]}, .values = {}};
  if (request.has_labels) y = numbers_of(request.file, label);
  if (y.shape.size() != 1 || y.shape[0] != x.shape[0]) {
    throw UsageError(
        fmt::format("'{}' of '{}' has shape ({})", label, request.file, fmt::join(y.shape, ", ")),
        fmt::format("'{}' has {} rows", request.dataset, x.shape[0]));
  }
  const auto columns = static_cast<std::size_t>(x.shape[1]);
  const auto value = [&](std::size_t r, std::size_t j) {
    const double found = x.values[r * columns + j];
    if (!std::isfinite(found)) {
      if (request.keeps_missing) return std::nan("");
      throw UsageError(fmt::format("{}: row {} of '{}' is not finite in column {}", request.file, r,
                                   request.dataset, j));
    }
    return found;
  };
  return table_of(request, static_cast<std::size_t>(x.shape[0]), columns, value,
                  [&](std::size_t r) { return y.values[r]; });
}

DataTable read_idx_table(const TableRequest& request) {
  const IdxArray x = read_idx(request.file);
  IdxArray y;
  if (request.has_labels) {
    if (!request.label) {
      throw UsageError(
          "'" + request.file + "' holds no labels", "an idx file is one array",
          "name the idx file of labels, relative to its folder, as the column of labels");
    }
    y = read_idx(disk::beside(request.file, *request.label));
    if (y.shape.size() != 1 || y.rows() != x.rows()) {
      throw UsageError(fmt::format("'{}' has shape ({})", *request.label, fmt::join(y.shape, ", ")),
                       fmt::format("'{}' has {} rows", request.file, x.rows()));
    }
  }
  const auto byte_of = [](char c) { return static_cast<int>(static_cast<unsigned char>(c)); };
  return table_of(
      request, x.rows(), x.width(),
      [&](std::size_t r, std::size_t j) { return byte_of(x.bytes[r * x.width() + j]); },
      [&](std::size_t r) { return byte_of(y.bytes[r]); });
}

}  // namespace driftwood::io

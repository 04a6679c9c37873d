// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace driftwood::io {

inline constexpr std::size_t most_columns = 1'000'000;  ///< of a table
inline constexpr double most_numbers = 0x1p31;          ///< likewise

/// Which table to read, and how.
struct TableRequest {
  std::string file;
  std::optional<std::string> format;  ///< "csv", "libsvm", "hdf5" or "idx"; none: by its content
  std::optional<std::string> label;  ///< column of labels: its name, or its number from 0, negative
                                     ///< from the end; none: the last. In HDF5 files a dataset,
                                     ///< of idx files another one, relative to the folder
  bool has_labels = true;            ///< false: every column is a number; those of LIBSVM lines
                                     ///< are passed over
  std::vector<std::string> drop;     ///< columns that are not read, likewise
  std::vector<std::string> columns;  ///< where given the only ones that are read, in this order;
                                     ///< of CSV and HDF5 files
  bool keeps_missing = false;  ///< cells that are missing, or not finite, become NaN; likewise
  std::int64_t skip = 0;       ///< lines before the table
  std::optional<bool> header;  ///< whether names of columns come first; none: whether the
                               ///< first line has no number
  std::string dataset = "x";   ///< of HDF5 files
};

/// Rows of numbers, each with a label, which is empty where they have none.
struct DataTable {
  std::vector<std::string> names;  ///< of the columns; their numbers where they have none
  std::vector<double> values;      ///< (row, column)
  std::vector<std::string> labels;
  std::vector<std::string> places;  ///< of rows, for messages: "FILE:LINE"

  [[nodiscard]] std::size_t rows() const { return labels.size(); }
  [[nodiscard]] std::size_t columns() const { return names.size(); }
};

/// Reads a table of one of these formats:
/// CSV: cells between commas, semicolons, tabs or blanks, in double quotes if need be; # begins a
/// line that is passed over.
/// LIBSVM: "label index:value index:value ...", indices from 1, the rest 0.
/// HDF5: a matrix of numbers, and a vector of labels in a dataset of its own.
/// idx: an array of bytes, of which each row becomes a row; labels are a file of their own.
/// Throws `UsageError` "FILE:LINE: PROBLEM (WHY); SUGGESTION" for what is no such table, and for
/// cells that are missing or not numbers.
[[nodiscard]] DataTable read_data_table(const TableRequest& request);

/// The format that the request names, or else that the file has by its content. Throws as above.
[[nodiscard]] std::string table_format(const TableRequest& request);

/// A whole text as a finite number.
[[nodiscard]] std::optional<double> number_in(std::string_view text);

}  // namespace driftwood::io

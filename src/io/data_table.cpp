// SPDX-License-Identifier: BSD-3-Clause
#include "io/data_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/error.hpp"
#include "base/suggest.hpp"
#include "io/disk.hpp"
#include "io/idx_file.hpp"
#include "io/inflated.hpp"
#include "io/matrix_table.hpp"
#include "io/numbers.hpp"
#include "io/text.hpp"

namespace driftwood::io {
namespace {

constexpr std::uintmax_t most_bytes = std::uintmax_t{1} << 32U;

bool is_missing(std::string_view cell) {
  constexpr std::string_view names[] = {"", "?", ".", "NA", "N/A", "NaN", "nan", "null", "NULL"};
  return std::find(std::begin(names), std::end(names), cell) != std::end(names);
}

/// The lines of a text file, plain or compressed by gzip, without those that are empty or begin
/// with #.
class Lines {
 public:
  Lines(const std::string& path, std::int64_t skip) : path_(path), skip_(skip) {
    std::error_code unknown;
    if (std::filesystem::file_size(path, unknown) > most_bytes) {
      throw UsageError(fmt::format("'{}' is larger than {} GiB", path, most_bytes >> 30U));
    }
    if (io::is_gzip(path)) {
      inflated_.str(io::read_inflated(path, most_bytes));
      return;
    }
    file_.open(path, std::ios::binary);
    if (!file_) io::disk::fail("read", path, errno);
    from_ = &file_;
  }
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;

  /// The next one, trimmed; false: there is none.
  bool next(std::string_view& line) {
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    while (std::getline(*from_, text_)) {
      line = text_;
      if (++number_ == 1 && line.starts_with(byte_order_mark)) line.remove_prefix(3);
      line = trimmed(line);
      if (number_ <= skip_ || line.starts_with('#')) continue;
      if (!line.empty()) return true;
      last_empty_ = number_;
    }
    if (from_->bad()) io::disk::fail("read", path_, errno);
    return false;
  }

  /// Of the last empty line so far; 0: there was none.
  [[nodiscard]] std::int64_t last_empty() const { return last_empty_; }
  [[nodiscard]] std::string place() const { return fmt::format("{}:{}", path_, number_); }
  [[noreturn]] void fail(const std::string& problem, const std::string& why = "",
                         const std::string& suggestion = "") const {
    throw UsageError(place() + ": " + problem, why, suggestion);
  }

 private:
  const std::string& path_;
  std::int64_t skip_;
  std::ifstream file_;
  std::istringstream inflated_;
  std::istream* from_ = &inflated_;
  std::string text_;
  std::int64_t number_ = 0;
  std::int64_t last_empty_ = 0;
};

constexpr std::size_t most_shown = 30;  ///< names of columns in a message

/// Throws where a cell is not a number; `what` is its column, and `can_drop` whether it is there
/// because all are that 'drop' does not name.
double number_of(const Lines& lines, std::string_view cell, const std::string& what,
                 bool can_drop) {
  if (const auto value = number_in(cell)) return *value;
  if (is_missing(cell)) {
    lines.fail(fmt::format("column '{}' is missing ({})", what, shown(cell)),
               "there is no imputation",
               can_drop ? "remove the row, or the column with 'drop'" : "remove the row");
  }
  lines.fail(
      fmt::format("column '{}' holds {}, which is no finite number", what, shown(cell)), "",
      fmt::format("write numbers, decimals with a point; {}'skip' {}lines before the table",
                  can_drop ? "'drop' leaves out a column, " : "", can_drop ? "" : "leaves out "));
}

/// A table whose cells are between separators.
class CsvReader {
 public:
  explicit CsvReader(const TableRequest& request)
      : request_(request), lines_(request.file, request.skip) {}

  DataTable read() {
    std::string_view line;
    if (!lines_.next(line)) throw UsageError("'" + request_.file + "' has no rows");
    separator_ = separator_of(line);
    split(line, separator_);
    const bool header =
        request_.header.value_or(std::none_of(cells_.begin(), cells_.end(), [](const auto& cell) {
          return number_in(cell).has_value();
        }));
    settle_columns(header);
    if (!header) take();
    std::int64_t empty = lines_.last_empty();
    while (lines_.next(line)) {
      if (width_ == 1 && lines_.last_empty() > empty && table_.rows() > 0) {
        throw UsageError(fmt::format("{}:{}: an empty line within a single column", request_.file,
                                     lines_.last_empty()),
                         "is a value missing there?", "remove the line, or write nan");
      }
      empty = lines_.last_empty();
      split(line, separator_);
      if (cells_.size() != width_ && separator_ != blanks) split_loosely(line);
      take();
    }
    if (table_.rows() == 0) throw UsageError("'" + request_.file + "' has no rows");
    return std::move(table_);
  }

 private:
  static std::string_view separator_of(std::string_view line) {
    bool quoted = false;
    std::string_view found = blanks;
    for (const char c : line) {
      if (c == '"') quoted = !quoted;
      if (quoted) continue;
      if (c == ';') return ";";
      if (c == ',') found = ",";
      if (c == '\t' && found != ",") found = "\t";
    }
    return found;
  }

  void split(std::string_view line, std::string_view separator) {
    cells_.clear();
    while (true) {
      cells_.emplace_back();
      std::string& cell = cells_.back();
      if (!line.empty() && line.front() == '"') {
        line = unquote(line, cell);
        if (!line.empty() && separator.find(line.front()) == std::string_view::npos) {
          lines_.fail("text follows a closing quote", "", "double the quotes inside a cell");
        }
      } else {
        cell = trimmed(line.substr(0, line.find_first_of(separator)));
        line.remove_prefix(std::min(line.find_first_of(separator), line.size()));
      }
      if (line.empty()) return;
      line.remove_prefix(1);
      const std::string_view gap = separator == blanks ? blanks : " ";
      line.remove_prefix(std::min(line.find_first_not_of(gap), line.size()));
      if (cells_.size() > most_columns) lines_.fail("there are more than 10^6 columns");
    }
  }

  /// What follows the quoted cell at the beginning of the text.
  std::string_view unquote(std::string_view text, std::string& cell) const {
    text.remove_prefix(1);
    while (true) {
      const std::size_t end = text.find('"');
      if (end == std::string_view::npos) {
        lines_.fail("a quote is not closed", "cells end on the line on which they begin");
      }
      cell += text.substr(0, end);
      text.remove_prefix(end + 1);
      if (text.empty() || text.front() != '"') break;
      cell += '"';
      text.remove_prefix(1);
    }
    text.remove_prefix(std::min(text.find_first_not_of(" \r"), text.size()));
    return text;
  }

  /// Some files have blanks where a separator was forgotten.
  void split_loosely(std::string_view line) {
    const std::vector<std::string> strict = cells_;
    std::string loose(line);
    std::replace(loose.begin(), loose.end(), separator_.front(), ' ');
    split(loose, blanks);
    if (cells_.size() != width_) cells_ = strict;
  }

  /// The column of a name or number.
  [[nodiscard]] std::size_t column(const std::string& name, const std::string& key) const {
    const auto named = std::find(header_.begin(), header_.end(), name);
    if (named != header_.end()) return static_cast<std::size_t>(named - header_.begin());
    std::int64_t index = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
    const auto width = static_cast<std::int64_t>(width_);
    if (error == std::errc{} && end == name.data() + name.size()) {
      if (index < 0) index += width;
      if (index >= 0 && index < width) return static_cast<std::size_t>(index);
      lines_.fail(fmt::format("there is no column {} ('{}')", name, key),
                  fmt::format("there are {} columns", width_));
    }
    const std::string near = nearest(name, header_);
    std::string why = "columns have no names here";
    if (!header_.empty()) {
      const std::size_t count = std::min(header_.size(), most_shown);
      why = fmt::format("there are: {}{}",
                        fmt::join(header_.begin(), header_.begin() + static_cast<int>(count), ", "),
                        count < header_.size() ? ", ..." : "");
    }
    lines_.fail(fmt::format("there is no column '{}' ('{}')", name, key), why,
                header_.empty() ? "give its number, from 0"
                : near.empty()  ? ""
                                : "did you mean '" + near + "'?");
  }

  void settle_columns(bool header) {
    width_ = cells_.size();
    if (header) header_ = cells_;
    std::set<std::size_t> out;
    if (request_.has_labels) {
      if (width_ < 2) {
        lines_.fail("there is only one column", "a label and numbers that explain it are needed");
      }
      label_ = column(request_.label.value_or("-1"), "label");
      out.insert(*label_);
    }
    for (const std::string& name : request_.drop) {
      const std::size_t dropped = column(name, "drop");
      if (dropped == label_) lines_.fail("the column of labels is dropped");
      out.insert(dropped);
    }
    for (const std::string& name : request_.columns) used_.push_back(column(name, "columns"));
    for (std::size_t j = 0; j < width_ && request_.columns.empty(); ++j) {
      if (!out.contains(j)) used_.push_back(j);
    }
    for (const std::size_t j : used_) {
      table_.names.push_back(header ? header_[j] : std::to_string(j));
    }
    if (used_.empty()) lines_.fail("no column is left to explain the labels");
  }

  void take() {
    if (cells_.size() != width_) {
      lines_.fail(
          fmt::format("there are {} columns, not {} as in the first line", cells_.size(), width_),
          "", "complete the line; 'skip' passes over lines before the table");
    }
    if (label_ && is_missing(cells_[*label_])) {
      lines_.fail("the label is missing", "", "remove the row");
    }
    for (std::size_t k = 0; k < used_.size(); ++k) {
      const std::string& cell = cells_[used_[k]];
      const bool is_kept = request_.keeps_missing && is_missing(cell);
      table_.values.push_back(
          is_kept ? std::nan("")
                  : number_of(lines_, cell, table_.names[k], request_.columns.empty()));
    }
    if (static_cast<double>(table_.values.size()) > most_numbers) {
      lines_.fail("the table has more than 2^31 numbers");
    }
    table_.labels.push_back(label_ ? cells_[*label_] : "");
    table_.places.push_back(lines_.place());
  }

  const TableRequest& request_;
  Lines lines_;
  std::string_view separator_;
  std::vector<std::string> cells_;
  std::vector<std::string> header_;
  std::size_t width_ = 0;
  std::optional<std::size_t> label_;
  std::vector<std::size_t> used_;
  DataTable table_;
};

/// A label, then entries that are not 0.
class LibsvmReader {
 public:
  explicit LibsvmReader(const TableRequest& request)
      : request_(request), lines_(request.file, request.skip) {}

  DataTable read() {
    for (std::string_view line; lines_.next(line);) take(line.substr(0, line.find('#')));
    if (table_.rows() == 0) throw UsageError("'" + request_.file + "' has no rows");
    const std::vector<std::size_t> at = settle_columns();
    const std::size_t columns = table_.columns();
    if (static_cast<double>(columns) * static_cast<double>(table_.rows()) > most_numbers) {
      throw UsageError(fmt::format("'{}' has more than 2^31 numbers", request_.file),
                       "those that are 0 are stored, too");
    }
    table_.values.assign(columns * table_.rows(), 0.0);
    for (const Entry& entry : entries_) {
      if (at[entry.column] < columns) {
        table_.values[entry.row * columns + at[entry.column]] = entry.value;
      }
    }
    return std::move(table_);
  }

 private:
  struct Entry {
    std::size_t row;
    std::size_t column;
    double value;
  };

  void take(std::string_view line) {
    std::string_view rest = line;
    const std::string_view label = word(rest);
    if (is_missing(label) || label.find(':') != std::string_view::npos) {
      lines_.fail("the line does not begin with a label");
    }
    std::size_t last = 0;
    for (std::string_view pair = word(rest); !pair.empty(); pair = word(rest)) {
      const std::size_t colon = pair.find(':');
      std::size_t index = 0;
      const char* const end = pair.data() + std::min(colon, pair.size());
      const auto [stop, error] = std::from_chars(pair.data(), end, index);
      if (colon == std::string_view::npos || error != std::errc{} || stop != end) {
        lines_.fail(shown(pair) + " is not INDEX:VALUE");
      }
      if (index == 0 || index > most_columns) {
        lines_.fail(fmt::format("the index {} is not from 1 to 10^6", index), "",
                    index == 0 ? "number columns from 1" : "");
      }
      if (index <= last) lines_.fail(fmt::format("index {} does not follow {}", index, last));
      last = index;
      widest_ = std::max(widest_, index);
      entries_.push_back({table_.rows(), index - 1,
                          number_of(lines_, pair.substr(colon + 1), std::to_string(index), true)});
    }
    table_.labels.emplace_back(request_.has_labels ? label : "");
    table_.places.push_back(lines_.place());
  }

  static std::string_view word(std::string_view& rest) {
    rest = trimmed(rest);
    const std::string_view out = rest.substr(0, rest.find_first_of(blanks));
    rest.remove_prefix(out.size());
    return out;
  }

  /// Where each index goes; beyond the last: nowhere.
  std::vector<std::size_t> settle_columns() {
    if (request_.label) {
      throw UsageError("'label' is not a choice of LIBSVM files", "lines begin with it");
    }
    std::vector<bool> dropped(widest_, false);
    for (const std::string& name : request_.drop) {
      const auto index = number_in(name);
      if (!index || *index < 1 || *index > static_cast<double>(widest_)) {
        throw UsageError(fmt::format("'{}' has no index {} ('drop')", request_.file, shown(name)),
                         fmt::format("indices are from 1 to {}", widest_));
      }
      dropped[static_cast<std::size_t>(*index) - 1] = true;
    }
    std::vector<std::size_t> at(widest_, widest_);
    for (std::size_t j = 0; j < widest_; ++j) {
      if (dropped[j]) continue;
      at[j] = table_.names.size();
      table_.names.push_back(std::to_string(j + 1));
    }
    if (table_.names.empty()) throw UsageError("no column is left to explain the labels");
    return at;
  }

  const TableRequest& request_;
  Lines lines_;
  std::vector<Entry> entries_;
  std::size_t widest_ = 0;
  DataTable table_;
};

/// Whether the first line is "label index:value ...".
bool looks_like_libsvm(const TableRequest& request) {
  Lines lines(request.file, request.skip);
  std::string_view line;
  if (!lines.next(line)) return false;
  const std::size_t colon = line.find(':');
  const std::size_t gap = line.find_first_of(blanks);
  return colon != std::string_view::npos && gap < colon &&
         line.substr(gap, colon - gap).find_first_not_of(" \t0123456789") == std::string_view::npos;
}

}  // namespace

std::optional<double> number_in(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return {};
  return value;
}

std::string table_format(const TableRequest& request) {
  disk::check_file(request.file);
  if (request.format) return *request.format;
  if (io::is_hdf5(request.file)) return "hdf5";
  if (io::is_idx(request.file)) return "idx";
  return looks_like_libsvm(request) ? "libsvm" : "csv";
}

DataTable read_data_table(const TableRequest& request) {
  const std::string format = table_format(request);
  if (format == "hdf5") return read_hdf5_table(request);
  if (format == "idx") return read_idx_table(request);
  return format == "libsvm" ? LibsvmReader(request).read() : CsvReader(request).read();
}

}  // namespace driftwood::io

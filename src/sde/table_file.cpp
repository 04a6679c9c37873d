// SPDX-License-Identifier: BSD-3-Clause
#include "sde/table_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/error.hpp"
#include "io/disk.hpp"
#include "io/text.hpp"

namespace driftwood::sde {
namespace {

constexpr std::size_t most_points = 1'000'000;
constexpr std::uintmax_t most_bytes = std::uintmax_t{1} << 28U;

/// The columns of a line that is trimmed.
std::vector<std::string_view> split(std::string_view line) {
  std::string_view separator = io::blanks;
  if (line.find(',') != std::string_view::npos) separator = ",";
  if (line.find(';') != std::string_view::npos) separator = ";";
  std::vector<std::string_view> columns;
  while (true) {
    const std::size_t end = line.find_first_of(separator);
    columns.push_back(io::trimmed(line.substr(0, end)));
    if (end == std::string_view::npos) return columns;
    line.remove_prefix(end + 1);
    if (separator == io::blanks) line = io::trimmed(line);
  }
}

class Reader {
 public:
  explicit Reader(const std::string& path) : path_(path) {}

  formula::Table read() {
    std::ifstream file = open();
    for (std::string line; std::getline(file, line);) {
      ++line_;
      take(line);
    }
    if (file.bad()) io::disk::fail("read", path_, errno);
    if (table_.x.size() < 2) {
      throw Error(fmt::format("'{}' has fewer than 2 points", path_),
                  fmt::format("it has {}", table_.x.size()));
    }
    return std::move(table_);
  }

 private:
  [[nodiscard]] std::ifstream open() const {
    io::disk::check_file(path_);
    std::error_code unknown;
    if (std::filesystem::file_size(path_, unknown) > most_bytes) {
      throw Error(fmt::format("'{}' is larger than {} MiB", path_, most_bytes >> 20U));
    }
    std::ifstream file(path_, std::ios::binary);
    if (!file) io::disk::fail("read", path_, errno);
    return file;
  }

  [[noreturn]] void fail(const std::string& problem, const std::string& why = "",
                         const std::string& suggestion = "") const {
    throw Error(fmt::format("line {} of '{}': {}", line_, path_, problem), why, suggestion);
  }

  void take(std::string_view line) {
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    if (line_ == 1 && line.starts_with(byte_order_mark)) line.remove_prefix(3);
    line = io::trimmed(line);
    if (line.empty() || line.front() == '#') return;
    const std::vector<std::string_view> columns = split(line);
    const bool is_first = !std::exchange(begun_, true);
    if (is_first && std::none_of(columns.begin(), columns.end(), begins_as_number)) return;
    if (columns.size() != 2) {
      fail(fmt::format("it has {} column{}, not 2", columns.size(), columns.size() == 1 ? "" : "s"),
           "", columns.size() > 2 ? "keep two of them" : "");
    }
    const double x = number(columns[0]);
    add(x, number(columns[1]));
  }

  static bool begins_as_number(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    return whole || text.find_first_of("+-.0123456789") == 0;
  }

  [[nodiscard]] double number(std::string_view text) const {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc::result_out_of_range) {
      fail(io::shown(text) + " is beyond the range of double precision");
    }
    if (error != std::errc{} || end != text.data() + text.size()) {
      const bool comma = text.find(',') != std::string_view::npos;
      fail(io::shown(text) + " is not a number", "", comma ? "write decimals with a point" : "");
    }
    if (!std::isfinite(value)) fail(io::shown(text) + " is not finite");
    return value;
  }

  void add(double x, double y) {
    if (table_.x.size() == most_points)
      fail(fmt::format("there are more than {} points", most_points));
    if (!table_.x.empty()) {
      const double width = x - table_.x.back();
      if (width <= 0) {
        fail("the first column does not increase",
             fmt::format("{} follows {}", x, table_.x.back()));
      }
      if (!std::isfinite(width) || !std::isfinite((y - table_.y.back()) / width)) {
        fail("the slope from the point before is beyond the range of double precision");
      }
    }
    table_.x.push_back(x);
    table_.y.push_back(y);
  }

  const std::string& path_;
  formula::Table table_;
  std::int64_t line_ = 0;
  bool begun_ = false;  ///< headings and points
};

}  // namespace

formula::Table read_table(const std::string& path) { return Reader(path).read(); }

formula::OpenTable tables_in(const std::string& folder) {
  using Known = std::map<std::string, std::shared_ptr<const formula::Table>>;
  return [folder, known = std::make_shared<Known>()](const std::string& name) {
    const std::string path = (std::filesystem::path(folder) / name).lexically_normal().string();
    const auto found = known->find(path);
    if (found != known->end()) return found->second;
    auto table = std::make_shared<const formula::Table>(read_table(path));
    return known->emplace(path, std::move(table)).first->second;
  };
}

}  // namespace driftwood::sde

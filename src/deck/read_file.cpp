// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>
#include <vector>

#include "base/suggest.hpp"
#include "deck/source.hpp"
#include "deck/text.hpp"

namespace driftwood::deck {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest = std::size_t{16} << 20;

UsageError refused(const std::string& path, std::string_view problem, std::string_view why,
                   std::string_view suggestion) {
  return UsageError(path + ": error: " + std::string(problem), why, suggestion);
}

/// A file beside the missing one whose name is close to it; looks at a bounded number of them.
std::string near_miss(const fs::path& path) {
  constexpr int most = 1000;
  std::error_code ignored;
  if (fs::is_regular_file(path.string() + ".toml", ignored)) return path.string() + ".toml";
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  std::vector<std::string> names;
  fs::directory_iterator entry(folder, ignored);
  for (int i = 0; i < most && entry != fs::directory_iterator(); ++i) {
    if (entry->is_regular_file(ignored)) names.push_back(entry->path().filename().string());
    entry.increment(ignored);
    if (ignored) break;
  }
  std::sort(names.begin(), names.end());
  const std::string name = nearest(path.filename().string(), names);
  return name.empty() ? name : (path.has_parent_path() ? folder / name : fs::path(name)).string();
}

UsageError cannot_open(const std::string& path, int reason) {
  const std::string why = std::generic_category().message(reason);
  if (reason != ENOENT) {
    return refused(path, "cannot read the deck", why, "check the path and its permissions");
  }
  const std::string meant = near_miss(path);
  return refused(path, "cannot read the deck", why,
                 meant.empty() ? "check the path, it is relative to the working directory"
                               : "did you mean '" + meant + "'?");
}

std::string read_up_to(std::FILE* file, std::size_t most, bool& failed) {
  std::string content;
  std::vector<char> buffer(std::size_t{1} << 16);
  std::size_t count = 1;
  while (count > 0 && content.size() <= most) {
    count = std::fread(buffer.data(), 1, buffer.size(), file);
    content.append(buffer.data(), count);
  }
  failed = std::ferror(file) != 0;
  return content;
}

void require_text(const std::string& path, std::string_view content) {
  const std::size_t bad = first_bad_byte(content);
  if (bad == std::string_view::npos) return;
  const auto line = 1 + std::count(content.begin(), content.begin() + static_cast<long>(bad), '\n');
  const auto byte = static_cast<unsigned char>(content[bad]);
  const std::string why = byte == 0 ? fmt::format("line {} holds a NUL byte", line)
                                    : fmt::format("byte {:#04x} on line {}", byte, line);
  throw refused(path, "the deck is not UTF-8 text", why, "save it as plain text in UTF-8");
}

}  // namespace

Text read_file(const std::string& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) {
    throw refused(path, "the deck is a directory", "a deck is one TOML file",
                  "give the path of a file in it");
  }
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             &std::fclose);
  if (!file) throw cannot_open(path, errno);
  bool failed = false;
  std::string content = read_up_to(file.get(), largest, failed);
  if (failed) throw cannot_open(path, errno);
  if (content.size() > largest) {
    throw refused(path, "the deck is too large", "decks are at most 16 MiB",
                  "is this a data file or a result?");
  }
  require_text(path, content);
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (content.starts_with(byte_order_mark)) content.erase(0, byte_order_mark.size());
  if (content.find_first_not_of(" \t\r\n") == std::string::npos) {
    throw refused(path, "the deck is empty", "", "start from one of the decks in inputs/");
  }
  return {path, std::move(content)};
}

}  // namespace driftwood::deck

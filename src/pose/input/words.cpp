// SPDX-License-Identifier: BSD-3-Clause
#include "pose/input/words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <system_error>

#include "base/error.hpp"
#include "io/data_table.hpp"
#include "io/inflated.hpp"
#include "io/text.hpp"

namespace driftwood::pose {
namespace {

constexpr std::uint64_t most_bytes = std::uint64_t{1} << 32U;

std::string named(const char* what, std::int64_t number) {
  return number < 0 ? what : fmt::format("{} {}", what, number);
}

}  // namespace

Words::Words(std::string file)
    : file_(std::move(file)), text_(io::read_inflated(file_, most_bytes)), after_(text_) {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (after_.starts_with(byte_order_mark)) after_.remove_prefix(byte_order_mark.size());
}

bool Words::advance() {
  words_.clear();
  used_ = 0;
  if (after_.empty()) return false;
  const std::size_t end = std::min(after_.find('\n'), after_.size());
  current_ = io::trimmed(after_.substr(0, end));
  after_.remove_prefix(std::min(end + 1, after_.size()));
  ++line_;
  for (std::string_view rest = current_; !rest.empty();) {
    const std::size_t stop = std::min(rest.find_first_of(io::blanks), rest.size());
    words_.push_back(rest.substr(0, stop));
    rest.remove_prefix(stop);
    rest.remove_prefix(std::min(rest.find_first_not_of(io::blanks), rest.size()));
  }
  return true;
}

bool Words::next_line_of_any() {
  while (advance()) {
    if (words_.empty() || words_.front().front() != '#') return true;
  }
  return false;
}

bool Words::next_line() {
  while (next_line_of_any()) {
    if (!words_.empty()) return true;
  }
  return false;
}

std::string_view Words::rest() const {
  if (left() == 0) return {};
  return current_.substr(static_cast<std::size_t>(words_[used_].data() - current_.data()));
}

std::string_view Words::word(const char* what, std::int64_t number) {
  if (left() == 0 && !next_line()) {
    fail(fmt::format("the file ends where {} should be", named(what, number)), "",
         "it may have been cut off: copy it again");
  }
  return words_[used_++];
}

double Words::real(const char* what, std::int64_t number) {
  const std::string_view text = word(what, number);
  if (const auto value = io::number_in(text)) return *value;
  fail(fmt::format("{} is no finite number", io::shown(text)), named(what, number),
       "write numbers, decimals with a point");
}

std::int64_t Words::whole(const char* what, std::int64_t number) {
  const std::string_view text = word(what, number);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    fail(fmt::format("{} is no whole number", io::shown(text)), named(what, number));
  }
  return value;
}

std::int64_t Words::index(std::int64_t count, const char* of, const char* what,
                          std::int64_t number) {
  const std::int64_t value = whole(what, number);
  if (value >= 0 && value < count) return value;
  fail(fmt::format("{} is {}", named(what, number), value),
       fmt::format("there are {} {}, numbered from 0", count, of));
}

void Words::expect_end() {
  if (left() == 0 && !next_line()) return;
  fail(fmt::format("{} follows the end of what the file should hold", io::shown(words_[used_])), "",
       "the numbers in its first lines may be wrong");
}

void Words::fail(const std::string& problem, const std::string& why,
                 const std::string& suggestion) const {
  throw UsageError(fmt::format("{}:{}: {}", file_, std::max<std::int64_t>(line_, 1), problem), why,
                   suggestion);
}

}  // namespace driftwood::pose

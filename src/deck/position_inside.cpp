// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cstdlib>

#include "deck/value.hpp"

namespace driftwood::deck {
namespace {

/// Goes through what is written, and counts lines and characters.
class Cursor {
 public:
  Cursor(std::string_view document, const Position& at) : rest_(document), at_{1, 1, nullptr} {
    while (!rest_.empty() && before(at_, at)) skip(1);
  }

  [[nodiscard]] const Position& at() const noexcept { return at_; }
  [[nodiscard]] std::string_view rest() const noexcept { return rest_; }

  void skip(std::size_t bytes) {
    for (; bytes > 0 && !rest_.empty(); --bytes) {
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      const bool continues =
          !rest_.empty() && (static_cast<unsigned char>(rest_[0]) & 0xC0U) == 0x80U;
      if (byte == '\n') {
        at_ = {at_.line + 1, 1, nullptr};
      } else if (!continues) {
        ++at_.column;
      }
    }
  }

 private:
  std::string_view rest_;
  Position at_;
};

/// Bytes of a code point in UTF-8.
std::size_t utf8_size(unsigned long code) {
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code < 0x10000 ? 3 : 4;
}

/// Skips one escape sequence; the bytes that it stands for.
std::size_t skip_escape(Cursor& cursor) {
  const std::string_view text = cursor.rest();
  const char kind = text.size() > 1 ? text[1] : ' ';
  if (kind == 'u' || kind == 'U') {
    const std::size_t digits = kind == 'u' ? 4 : 8;
    const std::string code(text.substr(2, digits));
    cursor.skip(2 + digits);
    return utf8_size(std::strtoul(code.c_str(), nullptr, 16));
  }
  const std::size_t next = text.find_first_not_of(" \t", 1);
  const bool ends_line = next != text.npos && (text[next] == '\n' || text[next] == '\r');
  if (!ends_line) return cursor.skip(2), 1;
  cursor.skip(std::min(text.find_first_not_of(" \t\r\n", 1), text.size()));
  return 0;
}

}  // namespace

Position position_inside(std::string_view document, const Position& at, std::size_t offset) {
  Cursor cursor(document, at);
  const char quote = cursor.rest().empty() ? ' ' : cursor.rest().front();
  if (quote != '"' && quote != '\'') return at;
  const bool is_long = cursor.rest().starts_with(std::string(3, quote));
  cursor.skip(is_long ? 3 : 1);
  if (is_long && cursor.rest().starts_with('\r')) cursor.skip(1);
  if (is_long && cursor.rest().starts_with('\n')) cursor.skip(1);
  for (std::size_t done = 0; done < offset && !cursor.rest().empty();) {
    if (quote == '"' && cursor.rest().front() == '\\') {
      done += skip_escape(cursor);
    } else {
      cursor.skip(1);
      ++done;
    }
  }
  return cursor.at();
}

}  // namespace driftwood::deck

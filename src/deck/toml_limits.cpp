// SPDX-License-Identifier: BSD-3-Clause
#include "deck/toml_limits.hpp"

#include <algorithm>

#include "deck/text.hpp"

namespace driftwood::deck {
namespace {

/// Scans the text once, skipping strings and comments. Where the text is not TOML the scan may
/// misread it, but only after the place at which the parser stops.
class Guard {
 public:
  explicit Guard(std::string_view text) : text_(text) {}

  void check() {
    while (at_ < text_.size()) step(text_[at_]);
  }

 private:
  static constexpr int deepest = 64;
  static constexpr int most_dots = 32;
  static constexpr int most_entries = 100'000;  // toml++ searches dotted tables one by one

  void step(char c) {
    if (c == '#') return skip_comment();
    if (c == '"' || c == '\'') return skip_string(c);
    if (static_cast<unsigned char>(c) >= 0x80) refuse_character();
    if (c == '[' || c == '{') limit(++depth_, deepest, "lists and tables are nested too deep");
    if ((c == ']' || c == '}') && depth_ > 0) --depth_;
    if (c == '=' || c == ',' || c == '[') limit(++entries_, most_entries, "the deck is too long");
    if (c == '.') limit(++dots_, most_dots, "a name has too many dots");
    if (c == '=' || c == ',' || c == '\n' || c == ']' || c == '}') dots_ = 0;
    ++at_;
  }

  void skip_comment() { at_ = std::min(text_.find('\n', at_), text_.size()); }

  void skip_string(char quote) {
    const std::string three(3, quote);
    const bool multi_line = text_.substr(at_, 3) == three;
    at_ += multi_line ? three.size() : 1;
    while (at_ < text_.size()) {
      if (multi_line && text_.substr(at_, 3) == three) return close(quote);
      if (!multi_line && (text_[at_] == quote || text_[at_] == '\n')) {
        ++at_;
        return;
      }
      at_ += quote == '"' && text_[at_] == '\\' ? 2U : 1U;
    }
  }

  /// A run of up to five quotes ends a multi-line string, the first two being part of it.
  void close(char quote) {
    for (int quotes = 0; quotes < 5 && at_ < text_.size() && text_[at_] == quote; ++quotes) ++at_;
  }

  void limit(int count, int most, const char* problem) const {
    if (count <= most) return;
    throw Problem{here(), problem, "no deck needs that many", "put data into a data file"};
  }

  [[noreturn]] void refuse_character() const {
    std::size_t end = at_ + 1;
    while (end < text_.size() && continues_character(text_[end])) ++end;
    const std::string_view character = text_.substr(at_, end - at_);
    throw Problem{here(), "'" + printable(character) + "' cannot stand outside quotes",
                  "names and signs are plain ASCII", "put text in quotes, use ordinary blanks"};
  }

  [[nodiscard]] Position here() const {
    const std::string_view read = text_.substr(0, at_);
    const std::string_view line = read.substr(read.rfind('\n') + 1);  // npos + 1 = 0
    const auto lines = std::count(read.begin(), read.end(), '\n');
    return {static_cast<int>(lines) + 1, static_cast<int>(characters(line)) + 1, nullptr};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  int dots_ = 0;
  int entries_ = 0;
};

}  // namespace

void check_toml_limits(std::string_view text) { Guard(text).check(); }

}  // namespace driftwood::deck

// SPDX-License-Identifier: BSD-3-Clause
#include "deck/toml_limits.hpp"

#include <algorithm>

namespace driftwood::deck {
namespace {

/// Scans the text once, skipping strings and comments. Where the text is not TOML the scan may
/// misread it, but only after the place at which the parser stops. toml++ itself limits brackets,
/// but not the dots in names.
class Guard {
 public:
  explicit Guard(std::string_view text) : text_(text) {}

  void check() {
    while (at_ < text_.size()) step(text_[at_]);
  }

 private:
  static constexpr int deepest = 64;
  static constexpr int most_dots = 32;
  static constexpr int most_entries = 200'000;  // toml++ searches dotted tables one by one

  void step(char c) {
    if (c == '#') return skip_comment();
    if (c == '"' || c == '\'') return skip_string(c);
    if (c == '[' || c == '{') require(++depth_ <= deepest, "lists and tables are nested too deep");
    if ((c == ']' || c == '}') && depth_ > 0) --depth_;
    if (c == '=' || c == ',' || c == '[')
      require(++entries_ <= most_entries, "the deck is too long");
    if (c == '.') require(++dots_ <= most_dots, "a name has too many dots");
    if (c == '=' || c == ',' || c == '\n' || c == ']' || c == '}') dots_ = 0;
    ++at_;
  }

  void skip_comment() { at_ = std::min(text_.find('\n', at_), text_.size()); }

  void skip_string(char quote) {
    const std::string three(3, quote);
    const bool multi_line = text_.substr(at_, 3) == three;
    at_ += multi_line ? three.size() : 1;
    while (at_ < text_.size()) {
      if (multi_line && text_.substr(at_, 3) == three) {
        at_ += 3;
        return;
      }
      if (!multi_line && (text_[at_] == quote || text_[at_] == '\n')) {
        ++at_;
        return;
      }
      at_ += quote == '"' && text_[at_] == '\\' ? 2U : 1U;
    }
  }

  void require(bool ok, const char* problem) const {
    if (ok) return;
    const std::string_view read = text_.substr(0, at_);
    const std::size_t line_start = read.rfind('\n') + 1;  // npos + 1 = 0
    const auto lines = std::count(read.begin(), read.end(), '\n');
    throw Problem{{static_cast<int>(lines) + 1, static_cast<int>(at_ - line_start) + 1, nullptr},
                  problem,
                  "no deck needs that many",
                  "put data into a data file"};
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

// SPDX-License-Identifier: BSD-3-Clause
/// The only file that sees toml++.
#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>

#include "deck/text.hpp"
#include "deck/value.hpp"

namespace driftwood::deck {
namespace {

Position position(const toml::source_position& at) {
  return {static_cast<int>(at.line), static_cast<int>(at.column), nullptr};
}

/// Bounds what toml++ will be asked to build. Its own limit covers brackets but not dotted keys,
/// and a deck of a few MiB could otherwise exhaust the stack or take minutes. Strings and
/// comments are skipped; where the text is not TOML the scan may misread it, but only after the
/// place at which the parser stops.
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
    if (c == '=' || c == ',' || c == '[') require(++entries_ <= most_entries, "the deck is too long");
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

Value convert(const toml::node& node);

Value::Members convert_members(const toml::table& table) {
  Value::Members members;
  for (const auto& [key, inner] : table) {
    members.push_back({std::string(key.str()), position(key.source().begin), convert(inner)});
  }
  std::sort(members.begin(), members.end(),
            [](const Member& a, const Member& b) { return before(a.at, b.at); });
  return members;
}

Value convert(const toml::node& node) {
  Value value;
  value.at = position(node.source().begin);
  if (const auto* table = node.as_table()) {
    value.data = convert_members(*table);
  } else if (const auto* array = node.as_array()) {
    Value::List list;
    for (const auto& inner : *array) list.push_back(convert(inner));
    value.data = std::move(list);
  } else if (const auto* text = node.as_string()) {
    value.data = text->get();
  } else if (const auto* integer = node.as_integer()) {
    value.data = integer->get();
  } else if (const auto* number = node.as_floating_point()) {
    value.data = number->get();
  } else if (const auto* truth = node.as_boolean()) {
    value.data = truth->get();
  } else {
    value.data = Date{};
  }
  return value;
}

/// One wording of toml++ and what to say instead. Empty `why`: what it said after `phrase`.
struct Wording {
  std::string_view phrase;
  std::string_view problem;
  std::string_view why;
  std::string_view suggestion;
};

constexpr std::array wordings{
    Wording{"as dotted key-value pair", "this key reaches into a value that is already complete",
            "a dotted key can only extend tables made by dotted keys", "put all of it in one place"},
    Wording{"into existing inline table", "this table was already given between braces",
            "a { ... } table is complete where it closes", "put all of it in one place"},
    Wording{"could not determine value type", "this value is not valid TOML",
            "numbers look like 1, 2.5 or 1e-3, strings need quotes", "put text in quotes"},
    Wording{"encountered end-of-file", "the text ends in the middle of a value",
            "a quote, bracket or brace is still open, or a value is missing", "close it"},
    Wording{"is not representable in 64 bits", "this whole number is too large",
            "TOML holds whole numbers up to 2^63 - 1", "write a larger seed as a string, \"0x...\""},
    Wording{"leading zeroes are prohibited", "a number cannot start with 0", "as TOML has it",
            "remove the leading zeros"},
    Wording{"expected '=', saw ", "a key must be followed by =", "", "write key = value"},
    Wording{"expected value, saw ", "there is no value after =", "", "write key = value"},
    Wording{"expected a comment or whitespace, saw ", "something follows where the line should end",
            "", "put each key on a line of its own, and text in quotes"},
    Wording{"expected keys, tables, whitespace or comments, saw ", "a line cannot start like this",
            "", "write key = value, [table] or # comment"},
    Wording{"expected value-terminator, saw ", "something follows where the value should end", "",
            "put text in quotes"},
    Wording{"expected bare key starting character or string delimiter, saw ",
            "a key is missing here", "", "write key = value"},
};

Problem describe_redefinition(std::string_view said, Problem problem, std::string_view text) {
  const std::size_t open = said.find('\'');
  const std::size_t close = said.rfind('\'');
  const std::string_view name = said.substr(open + 1, close - open - 1);
  const bool as_other = said.find("' as ") != std::string_view::npos;
  problem.problem = "'" + printable(name) + "' is given " +
                    (as_other ? "both as a table and as a value" : "twice");
  problem.why = "a name may stand once in its table";
  problem.suggestion = "remove one of them";
  // toml++ stops after the `=`; the key before it is what the reader looks for.
  std::size_t start = 0;
  for (int line = 1; line < problem.at.line; ++line) start = text.find('\n', start) + 1;
  const std::string_view line = text.substr(start, text.find('\n', start) - start);
  const std::size_t found = line.rfind(name, static_cast<std::size_t>(problem.at.column));
  const auto plain = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (!name.empty() && found != line.npos && std::all_of(line.begin(), line.end(), plain)) {
    problem.at.column = static_cast<int>(found) + 1;
  }
  return problem;
}

Problem translate(const toml::parse_error& error, std::string_view text) {
  Problem problem{position(error.source().begin), "", "", ""};
  std::string_view said = error.description();
  constexpr std::string_view opening = "Error while parsing ";
  std::string_view scope = "TOML";
  if (said.starts_with(opening)) {
    said.remove_prefix(opening.size());
    const std::size_t colon = said.find(": ");
    scope = said.substr(0, colon);
    said.remove_prefix(colon == said.npos ? said.size() : colon + 2);
  }
  for (const Wording& wording : wordings) {
    const std::size_t found = said.find(wording.phrase);
    if (found == said.npos) continue;
    problem.problem = wording.problem;
    problem.why = wording.why;
    if (problem.why.empty()) {
      problem.why = "found " + printable(said.substr(found + wording.phrase.size()));
    }
    problem.suggestion = wording.suggestion;
    return problem;
  }
  if (said.starts_with("cannot redefine")) {
    return describe_redefinition(said, std::move(problem), text);
  }
  problem.problem = fmt::format("this {} is not valid TOML", scope);
  problem.why = printable(said, 200);
  return problem;
}

}  // namespace

Value parse_toml(std::string_view text) {
  Guard(text).check();
  try {
    Value root = convert(toml::parse(text));
    root.at = {1, 1, nullptr};
    return root;
  } catch (const toml::parse_error& error) {
    throw translate(error, text);
  }
}

}  // namespace driftwood::deck

// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <optional>

#include "deck/text.hpp"
#include "deck/value.hpp"

namespace driftwood::deck {
namespace {

constexpr std::size_t deepest = 16;

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> parts(1);
  for (const char c : path) {
    if (c == '.') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

bool is_bare_key(std::string_view part) {
  const auto allowed = [](char c) { return c == '-' || is_identifier(std::string{'_', c}); };
  return !part.empty() && std::all_of(part.begin(), part.end(), allowed);
}

/// The value, if `text` is one whole TOML value: it must stand alone both after `=` and between
/// brackets, which rules out comments, trailing commas and smuggled further keys.
std::optional<Value> one_value(const std::string& text) {
  const Value alone = parse_toml("value = " + text);
  const Value inside = parse_toml("value = [" + text + "]");
  const auto* list = std::get_if<Value::List>(&inside.members()->front().value.data);
  const bool single = list != nullptr && list->size() == 1;
  if (!single || inside.members()->size() != 1 || alone.members()->size() != 1) return {};
  return alone.members()->front().value;
}

/// Text that can only have been meant as TOML: it opens a string, list or table, is made of what
/// numbers are made of, or has several lines.
bool is_meant_as_toml(const std::string& text) {
  constexpr std::string_view openers = "[{\"'";
  return openers.find(text.front()) != openers.npos || text.find_first_of("\n\r") != text.npos ||
         text.find_first_not_of("0123456789+-_.eE") == text.npos;
}

/// VALUE as TOML, or as a string when it is a bare word.
Value value_of(const std::string& text, const Position& at) {
  Problem wrong{at, "this is not one TOML value", "", "put text in quotes"};
  try {
    if (auto value = one_value(text)) return *value;
  } catch (Problem& problem) {
    wrong = std::move(problem);
    wrong.at = at;
  }
  if (is_meant_as_toml(text)) throw wrong;
  return {text, at};
}

void mark(Value& value, const Position& at) {
  value.at = at;
  if (auto* list = std::get_if<Value::List>(&value.data)) {
    for (Value& inner : *list) mark(inner, at);
  }
  if (auto* members = std::get_if<Value::Members>(&value.data)) {
    for (Member& member : *members) {
      member.at = at;
      mark(member.value, at);
    }
  }
}

/// The member of that name, made an empty table where absent. A made table takes the position of
/// the one around it, so that keys missing from it are reported in the file.
Value& member_of(Value& table, const std::string& name, const Position& at) {
  auto* members = std::get_if<Value::Members>(&table.data);
  if (members == nullptr) {
    throw Problem{at, "'" + name + "' cannot be set here", "the name before it is not a table",
                  "check the path, or set the whole value"};
  }
  for (Member& member : *members) {
    if (member.name == name) return member.value;
  }
  members->push_back({name, at, Value{Value::Members{}, table.at}});
  return members->back().value;
}

}  // namespace

void apply_override(Value& root, const std::string& text) {
  const Position at{0, 0, std::make_shared<const std::string>(text)};
  const std::string form = "write --set table.key=VALUE";
  if (first_bad_byte(text) != text.npos) throw Problem{at, "this is not UTF-8 text", "", form};
  const std::size_t equals = text.find('=');
  if (equals == text.npos) throw Problem{at, "there is no = in it", "", form};

  const std::vector<std::string> path = split_path(text.substr(0, equals));
  if (path.size() > deepest || !std::all_of(path.begin(), path.end(), is_bare_key)) {
    throw Problem{at, "'" + printable(text.substr(0, equals)) + "' is not the name of a key",
                  "names of tables and a key, joined by dots", form};
  }
  const std::size_t start = text.find_first_not_of(" \t", equals + 1);
  if (start == text.npos) {
    throw Problem{at, "there is no value after =", "", "write \"\" for an empty string"};
  }
  Value* target = &root;
  for (const auto& part : path) target = &member_of(*target, part, at);
  *target = value_of(text.substr(start), at);
  mark(*target, at);
}

}  // namespace driftwood::deck

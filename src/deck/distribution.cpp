// SPDX-License-Identifier: BSD-3-Clause
#include "deck/distribution.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "base/suggest.hpp"
#include "deck/read_value.hpp"
#include "deck/text.hpp"

namespace driftwood::deck {
namespace {

/// How the kinds that are tables are written.
struct Spelling {
  Distribution::Kind kind;
  const char* name;
  const char* first;
  const char* second;
};
constexpr std::array spellings = {
    Spelling{Distribution::Kind::normal, "normal", "mean", "sd"},
    Spelling{Distribution::Kind::lognormal, "lognormal", "log_mean", "log_sd"},
    Spelling{Distribution::Kind::uniform, "uniform", "low", "high"}};

constexpr const char* column_kind = "hdf5";

std::optional<double> number_of(const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value.data)) {
    return static_cast<double>(*integer);
  }
  const auto* number = std::get_if<double>(&value.data);
  if (number == nullptr || !std::isfinite(*number)) return std::nullopt;
  return *number;
}

std::vector<std::string> kinds() {
  std::vector<std::string> names;
  for (const Spelling& one : spellings) names.emplace_back(one.name);
  names.emplace_back(column_kind);
  return names;
}

/// The text of the key `kind`. Throws where it is missing.
std::string kind_of(const std::string& path, const Value& value) {
  const auto names = kinds();
  const Value* kind = value.find("kind");
  if (kind == nullptr) {
    throw Problem{value.at, "'" + path + ".kind' is missing", "one of " + listed(names, "\""),
                  "add kind = \"normal\", or write a number"};
  }
  const auto* text = std::get_if<std::string>(&kind->data);
  if (text == nullptr || std::find(names.begin(), names.end(), *text) == names.end()) {
    throw not_a_choice(path + ".kind", *kind, names);
  }
  return *text;
}

/// What `convert` makes of the key's value, if anything; `example` is a value that would do.
template <class Convert>
auto required(const std::string& path, const Value& value, const char* name, const char* what,
              const char* example, const Convert& convert) {
  const Value* found = value.find(name);
  const std::string full = "'" + path + "." + name + "'";
  const std::string line = std::string(name) + " = " + example;
  if (found == nullptr) throw Problem{value.at, full + " is missing", "", "add " + line};
  if (const auto result = convert(*found)) return *result;
  throw Problem{found->at, full + " must be " + what, "found " + shown(*found), "write " + line};
}

double parameter(const std::string& path, const Value& value, const char* name) {
  return required(path, value, name, "a finite number", "1.0", number_of);
}

std::string text_of(const std::string& path, const Value& value, const char* name,
                    const char* example) {
  return required(path, value, name, "a text", example, [](const Value& found) {
    const auto* text = std::get_if<std::string>(&found.data);
    return text == nullptr || text->empty() ? std::nullopt : std::optional(*text);
  });
}

std::vector<std::int64_t> indices_of(const std::string& path, const Value& value) {
  std::vector<std::int64_t> out;
  const Value* found = value.find("at");
  if (found == nullptr) return out;
  const auto* list = std::get_if<Value::List>(&found->data);
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    const auto* index = std::get_if<std::int64_t>(&(*list)[i].data);
    if (index != nullptr) out.push_back(*index);
  }
  if (list != nullptr && out.size() == list->size()) return out;
  throw Problem{found->at, "'" + path + ".at' must be a list of whole numbers",
                "found " + shown(*found), "write at = [-1, 0]"};
}

void refuse_others(const std::string& path, const Value& value, const std::string& kind,
                   const std::vector<std::string>& names) {
  for (const Member& member : *value.members()) {
    if (std::find(names.begin(), names.end(), member.name) != names.end()) continue;
    const std::string meant = nearest(member.name, names);
    throw Problem{member.at, "unknown key '" + printable(path + "." + member.name) + "'",
                  fmt::format("a {} distribution has: {}", kind, listed(names)),
                  meant.empty() ? "remove it" : "did you mean '" + meant + "'?"};
  }
}

}  // namespace

std::string toml_text(const Distribution& law) {
  if (law.column) {
    const Column& column = *law.column;
    return fmt::format(
        "{{ kind = \"{}\", file = {}, dataset = {}{} }}", column_kind, toml_string(column.file),
        toml_string(column.dataset),
        column.at.empty() ? "" : fmt::format(", at = [{}]", fmt::join(column.at, ", ")));
  }
  for (const Spelling& one : spellings) {
    if (one.kind != law.kind) continue;
    return fmt::format("{{ kind = \"{}\", {} = {}, {} = {} }}", one.name, one.first,
                       toml_number(law.first), one.second, toml_number(law.second));
  }
  return toml_number(law.first);
}

Distribution read_distribution(const std::string& path, const Value& value) {
  if (const auto number = number_of(value)) return *number;
  if (value.members() == nullptr) {
    throw Problem{value.at, "'" + path + "' must be a finite number or a distribution",
                  "found " + shown(value),
                  "write 1.0 or { kind = \"normal\", mean = 0.0, sd = 1.0 }"};
  }
  const std::string kind = kind_of(path, value);
  if (kind == column_kind) {
    refuse_others(path, value, kind, {"kind", "file", "dataset", "at"});
    return Distribution(Column{text_of(path, value, "file", "\"draws.h5\""),
                               text_of(path, value, "dataset", "\"/rate\""),
                               indices_of(path, value)});
  }
  const Spelling spelling = *std::find_if(spellings.begin(), spellings.end(),
                                          [&](const Spelling& one) { return kind == one.name; });
  refuse_others(path, value, kind, {"kind", spelling.first, spelling.second});
  const bool is_centred = spelling.kind == Distribution::Kind::normal &&
                          value.find(spelling.first) == nullptr;  // around 0
  const double first = is_centred ? 0.0 : parameter(path, value, spelling.first);
  const Distribution law(spelling.kind, first, parameter(path, value, spelling.second));
  if (law.kind == Distribution::Kind::uniform) {
    if (law.first <= law.second) return law;
    throw Problem{value.find("high")->at, "'" + path + ".high' is below '" + path + ".low'", "",
                  "exchange them"};
  }
  if (law.second >= 0) return law;
  throw Problem{value.find(spelling.second)->at,
                "'" + path + "." + spelling.second + "' must be >= 0",
                "found " + shown(*value.find(spelling.second)), "the nearest allowed value is 0"};
}

Interval support(const Distribution& law) {
  constexpr double infinite = std::numeric_limits<double>::infinity();
  switch (law.kind) {
    case Distribution::Kind::normal:
      return {-infinite, infinite};
    case Distribution::Kind::lognormal:
      return {std::numeric_limits<double>::min(), infinite};
    case Distribution::Kind::uniform:
      return {law.first, law.second};
    case Distribution::Kind::column:
      return {-infinite, infinite};
    case Distribution::Kind::constant:
      break;
  }
  return {law.first, law.first};
}

}  // namespace driftwood::deck

// SPDX-License-Identifier: BSD-3-Clause
#include "deck/distribution.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "deck/read_value.hpp"
#include "deck/suggest.hpp"
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

std::optional<double> number_of(const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value.data)) {
    return static_cast<double>(*integer);
  }
  const auto* number = std::get_if<double>(&value.data);
  if (number == nullptr || !std::isfinite(*number)) return std::nullopt;
  return *number;
}

Spelling spelling_of(const std::string& path, const Value& value) {
  std::vector<std::string> names;
  for (const Spelling& one : spellings) names.emplace_back(one.name);
  const Value* kind = value.find("kind");
  if (kind == nullptr) {
    throw Problem{value.at, "'" + path + ".kind' is missing", "one of " + listed(names, "\""),
                  "add kind = \"normal\", or write a number"};
  }
  const auto* text = std::get_if<std::string>(&kind->data);
  for (const Spelling& one : spellings) {
    if (text != nullptr && *text == one.name) return one;
  }
  throw not_a_choice(path + ".kind", *kind, names);
}

double parameter(const std::string& path, const Value& value, const char* name) {
  const Value* found = value.find(name);
  const std::string full = "'" + path + "." + name + "'";
  const std::string example = std::string(name) + " = 1.0";
  if (found == nullptr) throw Problem{value.at, full + " is missing", "", "add " + example};
  const auto number = number_of(*found);
  if (number) return *number;
  throw Problem{found->at, full + " must be a finite number", "found " + shown(*found),
                "write " + example};
}

void refuse_others(const std::string& path, const Value& value, const Spelling& spelling) {
  const std::vector<std::string> names = {"kind", spelling.first, spelling.second};
  for (const Member& member : *value.members()) {
    if (std::find(names.begin(), names.end(), member.name) != names.end()) continue;
    const std::string meant = nearest(member.name, names);
    throw Problem{member.at, "unknown key '" + printable(path + "." + member.name) + "'",
                  fmt::format("a {} distribution has: {}", spelling.name, listed(names)),
                  meant.empty() ? "remove it" : "did you mean '" + meant + "'?"};
  }
}

}  // namespace

std::string to_text(const Distribution& law) {
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
  const Spelling spelling = spelling_of(path, value);
  refuse_others(path, value, spelling);
  const Distribution law(spelling.kind, parameter(path, value, spelling.first),
                         parameter(path, value, spelling.second));
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
    case Distribution::Kind::constant:
      break;
  }
  return {law.first, law.first};
}

}  // namespace driftwood::deck

// SPDX-License-Identifier: BSD-3-Clause
#include "formula/scope.hpp"

#include <algorithm>
#include <array>

namespace driftwood::formula {
namespace {

constexpr auto functions = std::to_array<Function>({
    {"abs", Op::abs, 1},     {"sqrt", Op::sqrt, 1},       {"exp", Op::exp, 1},
    {"log", Op::log, 1},     {"log1p", Op::log1p, 1},     {"expm1", Op::expm1, 1},
    {"sin", Op::sin, 1},     {"cos", Op::cos, 1},         {"tan", Op::tan, 1},
    {"sinh", Op::sinh, 1},   {"cosh", Op::cosh, 1},       {"tanh", Op::tanh, 1},
    {"atan", Op::atan, 1},   {"sigmoid", Op::sigmoid, 1}, {"pow", Op::power, 2},
    {"min", Op::minimum, 2}, {"max", Op::maximum, 2},     {"step", Op::step, 1},
    {"table", Op::table, 2},
});

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

Place place_of(std::string_view text, std::size_t offset) {
  Place place{1, 1};
  for (const char c : text.substr(0, offset)) {
    const bool continues = (static_cast<unsigned char>(c) & 0xc0U) == 0x80U;
    if (c == '\n') {
      place = {place.line + 1, 1};
    } else if (!continues) {
      ++place.column;
    }
  }
  return place;
}

const Function* find_function(std::string_view name) {
  const auto found = std::find_if(functions.begin(), functions.end(),
                                  [&](const Function& f) { return f.name == name; });
  return found == functions.end() || name.empty() ? nullptr : &*found;
}

std::vector<std::string> function_names() {
  std::vector<std::string> names;
  for (const Function& f : functions) names.emplace_back(f.name);
  return names;
}

std::string_view name_of(Op op) {
  const auto found = std::find_if(functions.begin(), functions.end(),
                                  [&](const Function& f) { return f.op == op; });
  return found == functions.end() ? std::string_view() : found->name;
}

bool is_identifier(std::string_view text) {
  return !text.empty() && is_letter(text.front()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_letter(c) || is_digit(c); });
}

void check_name(std::string_view name) {
  const std::string quoted = "'" + std::string(name) + "'";
  if (!is_identifier(name)) {
    throw Problem{0, quoted + " is not a name", "names are letters, digits and _, no digit first",
                  "", std::nullopt};
  }
  std::string what;
  if (find_function(name) != nullptr) what = "it is a function";
  if (name == "t") what = "it is the time";
  if (name == "pi") what = "it is a constant";
  if (name == "initial") what = "it is reserved";
  if (!what.empty()) {
    throw Problem{0, quoted + " cannot be a name here", what, "choose another", std::nullopt};
  }
}

void Scope::check_new(std::string_view name) const {
  check_name(name);
  if (entries_.contains(name)) {
    throw Problem{0, "'" + std::string(name) + "' is there twice", "", "choose another name",
                  std::nullopt};
  }
}

int Scope::add(std::string_view name, Op op, int& count) {
  check_new(name);
  entries_.emplace(name, Entry{op, count, ""});
  names_.emplace_back(name);
  return count++;
}

void Scope::reserve(std::string_view name, std::string_view kind) {
  check_new(name);
  entries_.emplace(name, Entry{Op::number, 0, std::string(kind)});
}

const Scope::Entry* Scope::find(std::string_view name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() ? nullptr : &found->second;
}

}  // namespace driftwood::formula

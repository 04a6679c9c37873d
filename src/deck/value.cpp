// SPDX-License-Identifier: BSD-3-Clause
#include "deck/value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "deck/text.hpp"

namespace driftwood::deck {

bool before(const Position& a, const Position& b) {
  return std::tuple(a.set != nullptr, a.line, a.column) <
         std::tuple(b.set != nullptr, b.line, b.column);
}

UsageError to_error(const std::string& file, const Problem& problem) {
  const Position& at = problem.at;
  std::string where = file;
  if (at.set) {
    where = "--set " + printable(*at.set, 120);
  } else if (at.line > 0) {
    where = fmt::format("{}:{}:{}", file, at.line, at.column);
  }
  return UsageError(where + ": error: " + problem.problem, problem.why, problem.suggestion);
}

const Value* Value::find(std::string_view name) const noexcept {
  const Members* all = members();
  if (all == nullptr) return nullptr;
  const auto found =
      std::find_if(all->begin(), all->end(), [&](const Member& m) { return m.name == name; });
  return found == all->end() ? nullptr : &found->value;
}

std::string shown(const Value& value) {
  struct Show {
    std::string operator()(bool x) const { return x ? "true" : "false"; }
    std::string operator()(std::int64_t x) const { return fmt::format("{}", x); }
    std::string operator()(double x) const { return toml_number(x); }
    std::string operator()(const std::string& x) const { return '"' + printable(x) + '"'; }
    std::string operator()(Date) const { return "a date or time"; }
    std::string operator()(const Value::List&) const { return "a list"; }
    std::string operator()(const Value::Members&) const { return "a table"; }
  };
  return std::visit(Show{}, value.data);
}

}  // namespace driftwood::deck

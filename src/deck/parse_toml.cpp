// SPDX-License-Identifier: BSD-3-Clause
/// The only file that sees toml++.

// toml++ 3.3 asserts (or, with NDEBUG, tells the optimiser) that text such as "[?]" cannot occur,
// and then handles it. With its asserts off it only handles it.
#undef NDEBUG
#define TOML_ASSERT(condition) static_cast<void>(0)
#include <toml++/toml.h>

#include <algorithm>

#include "deck/toml_limits.hpp"
#include "deck/value.hpp"

namespace driftwood::deck {
namespace {

Position position(const toml::source_position& at) {
  return {static_cast<int>(at.line), static_cast<int>(at.column), nullptr};
}

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

}  // namespace

Value parse_toml(std::string_view text) {
  check_toml_limits(text);
  try {
    Value root = convert(toml::parse(text));
    root.at = {1, 1, nullptr};
    return root;
  } catch (const toml::parse_error& error) {
    throw explain_toml_error(error.description(), position(error.source().begin), text);
  }
}

}  // namespace driftwood::deck

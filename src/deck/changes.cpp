// SPDX-License-Identifier: BSD-3-Clause
#include <map>

#include "deck/outline.hpp"
#include "deck/schema.hpp"
#include "deck/text.hpp"
#include "deck/value.hpp"

namespace driftwood::deck {
namespace {

using Flat = std::map<std::string, const Value*>;

/// All values that are no tables, by their full names.
void flatten(const Value& value, const std::string& path, Flat& out) {
  const auto* members = value.members();
  if (members == nullptr) {
    out.emplace(path, &value);
    return;
  }
  for (const Member& member : *members) flatten(member.value, joined(path, member.name), out);
}

/// As TOML.
std::string text_of(const Value& value) {
  if (const auto* truth = std::get_if<bool>(&value.data)) return *truth ? "true" : "false";
  if (const auto* whole = std::get_if<std::int64_t>(&value.data)) return std::to_string(*whole);
  if (const auto* number = std::get_if<double>(&value.data)) return toml_number(*number);
  if (const auto* text = std::get_if<std::string>(&value.data)) return toml_string(*text);
  const auto* list = std::get_if<Value::List>(&value.data);
  if (list == nullptr) return shown(value);
  std::string out = "[";
  for (const Value& inner : *list) out += (out.size() > 1 ? ", " : "") + text_of(inner);
  return out + "]";
}

std::string text_of(const Value* value) { return value == nullptr ? "(none)" : text_of(*value); }

/// How keys may change, by their full names.
class Rules {
 public:
  explicit Rules(const Schema& schema) { visit(schema, ""); }

  /// Of a key, or of the nearest that it is part of.
  [[nodiscard]] OnRestart of(std::string key) const {
    for (;;) {
      const auto found = rules_.find(key);
      if (found != rules_.end()) return found->second;
      const auto dot = key.rfind('.');
      if (dot == std::string::npos) return OnRestart::refuse;
      key.resize(dot);
    }
  }

 private:
  void visit(const Schema& schema, const std::string& path) {
    for (const Item& item : schema.items()) {
      std::visit([&](const auto& one) { add(one, path); }, item);
    }
  }
  void add(const Key& key, const std::string& path) {
    rules_.emplace(joined(path, key.name), key.on_restart);
  }
  void add(const Table& table, const std::string& path) {
    Schema inner;
    table.sample(inner);
    visit(inner, joined(path, table.name));
  }
  // Every key of these is a part of what is simulated.
  void add(const NamedTables&, const std::string&) {}
  void add(const Choice&, const std::string&) {}
  void add(const Reserved&, const std::string&) {}

  std::map<std::string, OnRestart> rules_;
};

/// Whether both are numbers and the second is larger.
bool grows(const Value* before, const Value* now) {
  if (before == nullptr || now == nullptr) return false;
  const auto* from = std::get_if<std::int64_t>(&before->data);
  const auto* to = std::get_if<std::int64_t>(&now->data);
  return from != nullptr && to != nullptr && *to > *from;
}

Value parsed(std::string_view text) {
  try {
    return parse_toml(text);
  } catch (const Problem& problem) {
    throw Error("what was saved as an effective deck is none", problem.problem);
  }
}

}  // namespace

std::vector<Change> changes_of(const Schema& schema, std::string_view saved) {
  const Value before = parsed(saved);
  const Value now = parsed(effective_of(schema));
  Flat old_values;
  Flat new_values;
  flatten(before, "", old_values);
  flatten(now, "", new_values);
  Flat all = new_values;
  all.insert(old_values.begin(), old_values.end());

  const Rules rules(schema);
  const auto find = [](const Flat& values, const std::string& key) {
    const auto found = values.find(key);
    return found == values.end() ? nullptr : found->second;
  };
  std::vector<Change> out;
  for (const auto& [key, unused] : all) {
    const Value* const from = find(old_values, key);
    const Value* const to = find(new_values, key);
    Change change{key, text_of(from), text_of(to), rules.of(key), false};
    if (change.before == change.now) continue;
    change.is_allowed =
        change.rule == OnRestart::allow || (change.rule == OnRestart::grow && grows(from, to));
    out.push_back(std::move(change));
  }
  return out;
}

}  // namespace driftwood::deck

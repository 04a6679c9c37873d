// SPDX-License-Identifier: BSD-3-Clause
#include "deck/outline.hpp"

#include "deck/text.hpp"

namespace driftwood::deck {

void Outline::unfold(const Schema& schema, Section section) {
  const std::string path = section.path;
  const std::string condition = section.condition;
  for (const Item& item : schema.items()) {
    const bool table =
        std::holds_alternative<Table>(item) || std::holds_alternative<NamedTables>(item);
    if (!table) section.items.push_back(&item);
  }
  sections_.push_back(std::move(section));
  for (const Item& item : schema.items()) unfold(item, path, condition);
}

void Outline::unfold(const Item& item, const std::string& path, const std::string& condition) {
  if (const auto* table = std::get_if<Table>(&item)) {
    Schema& inner = schemas_.emplace_back();
    (table->present() ? table->bind : table->sample)(inner);
    unfold(inner, {joined(path, table->name), condition, table->sentence, table->optional, {}});
  } else if (const auto* named = std::get_if<NamedTables>(&item)) {
    Schema& inner = schemas_.emplace_back();
    named->sample(inner);
    unfold(inner, {joined(path, named->name) + ".NAME", condition, named->sentence, true, {}});
  } else if (const auto* choice = std::get_if<Choice>(&item)) {
    for (std::size_t i = 0; i < choice->alternatives.size(); ++i) {
      Schema& inner = schemas_.emplace_back();
      choice->sample(i, inner);
      const auto& one = choice->alternatives[i];
      unfold(inner, {path, condition_text(choice->name, one.name), one.summary, false, {}});
    }
  }
}

std::string condition_text(std::string_view key, std::string_view name) {
  return std::string(key) + " = " + toml_string(name);
}

std::string takes_text(const Key& key) {
  std::string text = type_text(shape_of(key.slot));
  for (const Check& check : key.checks) {
    const std::string more = check_text(check);
    if (!more.empty()) text += ", " + more;
  }
  return text;
}

std::string default_text(const Key& key) {
  return key.is_required ? "required" : toml_value(key.slot).value_or("unset");
}

std::string default_text(const Choice& choice) {
  const auto current = choice.current();
  return current ? toml_string(choice.alternatives[*current].name) : "required";
}

}  // namespace driftwood::deck

// SPDX-License-Identifier: BSD-3-Clause
#include "deck/schema.hpp"

#include <algorithm>
#include <stdexcept>

#include "deck/text.hpp"

namespace driftwood::deck {
namespace {

bool applies(const Check& check, const Shape& shape) {
  const bool texts = shape.element == Shape::Element::string;
  const bool numbers = shape.element == Shape::Element::number;
  const bool laws = shape.element == Shape::Element::distribution;
  const bool whole = shape.element == Shape::Element::whole;
  if (std::holds_alternative<Range>(check)) {
    return numbers || whole || laws || shape.element == Shape::Element::duration;
  }
  if (std::holds_alternative<Choices>(check)) return texts;
  if (std::holds_alternative<Length>(check)) return texts || shape.lists > 0;
  switch (std::get<Rule>(check)) {
    case Rule::increasing:
      return numbers && shape.lists == 1;
    case Rule::distinct:
      return (texts || numbers) && shape.lists == 1;
    case Rule::identifier:
      return texts;
    case Rule::may_be_infinite:
      return numbers;
  }
  return false;
}

}  // namespace

Key& Key::also(Check check) {
  const Shape shape = shape_of(slot);
  if (!applies(check, shape)) {
    throw std::logic_error("deck key '" + name + "': its check does not apply to a " +
                           type_text(shape));
  }
  checks.push_back(std::move(check));
  return *this;
}

std::string_view name_of(const Item& item) {
  return std::visit([](const auto& one) { return std::string_view(one.name); }, item);
}

Key& Schema::key(std::string name, Slot slot, std::string sentence) {
  return std::get<Key>(add(Key{std::move(name), std::move(sentence), slot, {}, false, {}, {}}));
}

Key& Schema::key(std::string name, Slot slot, Check check, std::string sentence) {
  return key(std::move(name), slot, std::move(sentence)).also(std::move(check));
}

Item& Schema::add(Item item) {
  const auto same = [&](const Item& other) { return name_of(other) == name_of(item); };
  if (std::any_of(items_.begin(), items_.end(), same)) {
    throw std::logic_error("deck name '" + std::string(name_of(item)) + "' is described twice");
  }
  return items_.emplace_back(std::move(item));
}

}  // namespace driftwood::deck

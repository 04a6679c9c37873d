// SPDX-License-Identifier: BSD-3-Clause
#include "deck/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <type_traits>

namespace driftwood::deck {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string escaped(std::string_view text, bool quotes) {
  std::string result;
  for (const char c : text) {
    if (c == '\n') {
      result += "\\n";
    } else if (c == '\t') {
      result += "\\t";
    } else if (quotes && (c == '"' || c == '\\')) {
      result += {'\\', c};
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      result += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      result += c;
    }
  }
  return result;
}

std::string scalar(bool value) { return value ? "true" : "false"; }
std::string scalar(std::int64_t value) { return fmt::format("{}", value); }
std::string scalar(double value) { return toml_number(value); }
std::string scalar(const std::string& value) { return toml_string(value); }
std::string scalar(const Duration& value) { return toml_string(to_text(value)); }
std::string scalar(const Distribution& value) { return toml_text(value); }
std::string scalar(std::uint64_t value) {
  const bool fits = value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  return fits ? fmt::format("{}", value) : fmt::format("\"{:#x}\"", value);
}

template <class T>
std::string scalar(const std::vector<T>& list) {
  std::string result = "[";
  for (const auto& entry : list) result += (result.size() > 1 ? ", " : "") + scalar(entry);
  return result + "]";
}

template <class T>
struct ShapeOf;
template <>
struct ShapeOf<bool> {
  static constexpr Shape value{Shape::Element::truth, 0};
};
template <>
struct ShapeOf<std::int64_t> {
  static constexpr Shape value{Shape::Element::whole, 0};
};
template <>
struct ShapeOf<std::uint64_t> {
  static constexpr Shape value{Shape::Element::whole, 0};
};
template <>
struct ShapeOf<double> {
  static constexpr Shape value{Shape::Element::number, 0};
};
template <>
struct ShapeOf<std::string> {
  static constexpr Shape value{Shape::Element::string, 0};
};
template <>
struct ShapeOf<Duration> {
  static constexpr Shape value{Shape::Element::duration, 0};
};
template <>
struct ShapeOf<Distribution> {
  static constexpr Shape value{Shape::Element::distribution, 0};
};
template <class T>
struct ShapeOf<std::optional<T>> : ShapeOf<T> {};
template <class T>
struct ShapeOf<std::vector<T>> {
  static constexpr Shape value{ShapeOf<T>::value.element, ShapeOf<T>::value.lists + 1};
};

std::string range_text(const Range& range) {
  const bool below = std::isfinite(range.low);
  const bool above = std::isfinite(range.high);
  const std::string low = limit_text(range.low);
  const std::string high = limit_text(range.high);
  if (below && above && !range.low_open && !range.high_open) return "from " + low + " to " + high;
  if (below && above) {
    return fmt::format("{} {} and {} {}", range.low_open ? ">" : ">=", low,
                       range.high_open ? "<" : "<=", high);
  }
  if (below) return (range.low_open ? "> " : ">= ") + low;
  if (above) return (range.high_open ? "< " : "<= ") + high;
  return "";
}

std::string rule_text(Rule rule) {
  switch (rule) {
    case Rule::increasing:
      return "increasing";
    case Rule::distinct:
      return "no repeats";
    case Rule::identifier:
      return "letters, digits and _, no digit first";
    case Rule::may_be_infinite:
      return "or inf";
  }
  return "";
}

/// A number inside every range of the key, preferably 1.
long double number_within(const Key& key) {
  long double number = 1;
  for (const Check& check : key.checks) {
    const auto* range = std::get_if<Range>(&check);
    if (range == nullptr) continue;
    if (number < range->low || (range->low_open && number == range->low)) {
      number = range->low + (range->low_open ? 1 : 0);
    }
    if (number > range->high || (range->high_open && number == range->high)) {
      const bool bounded = std::isfinite(range->low);
      number = bounded ? (range->low + range->high) / 2 : range->high - 1;
    }
  }
  return number;
}

std::string string_for(const Key& key) {
  for (const Check& check : key.checks) {
    const auto* choices = std::get_if<Choices>(&check);
    if (choices != nullptr && !choices->names.empty()) return toml_string(choices->names.front());
  }
  return "\"...\"";
}

}  // namespace

std::string printable(std::string_view text, std::size_t most) {
  std::size_t cut = std::min(text.size(), most);
  if (cut == text.size()) return escaped(text, false);
  while (cut > 0 && continues_character(text[cut])) --cut;
  return escaped(text.substr(0, cut), false) + "...";
}

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; }

std::size_t characters(std::string_view text) {
  return text.size() -
         static_cast<std::size_t>(std::count_if(text.begin(), text.end(), continues_character));
}

std::string toml_string(std::string_view text) { return '"' + escaped(text, true) + '"'; }

std::string toml_number(double number) {
  std::string text = fmt::format("{}", number);
  const bool marked = text.find_first_of(".en") != std::string::npos;  // 1.5, 1e+20, inf, nan
  return marked ? text : text + ".0";
}

std::optional<std::string> toml_value(const Slot& slot) {
  return std::visit(
      []<class T>(const T* member) -> std::optional<std::string> {
        if constexpr (requires { member->has_value(); }) {
          if (!member->has_value()) return std::nullopt;
          return scalar(**member);
        } else {
          return scalar(*member);
        }
      },
      slot.pointer);
}

std::string limit_text(long double limit) {
  int exponent = 0;
  const bool power = limit >= 0x1p16L && std::frexp(limit, &exponent) == 0.5L;
  return power ? fmt::format("2^{}", exponent - 1) : plain_number(limit);
}

std::string plain_number(long double number) {
  const bool whole = number == std::floor(number) && std::fabs(number) <= 0x1p64L;
  return whole ? fmt::format("{:.0f}", number) : fmt::format("{}", static_cast<double>(number));
}

std::string length_text(const Length& length) {
  if (length.most == std::numeric_limits<std::size_t>::max()) {
    return fmt::format("at least {}", length.least);
  }
  return length.least == length.most ? fmt::format("{}", length.least)
                                     : fmt::format("{} to {}", length.least, length.most);
}

std::string listed(const std::vector<std::string>& names, std::string_view quote) {
  std::string result;
  for (const auto& name : names) {
    if (!result.empty()) result += ", ";
    result.append(quote).append(name).append(quote);
  }
  return result;
}

Shape shape_of(const Slot& slot) {
  return std::visit([]<class T>(const T*) { return ShapeOf<T>::value; }, slot.pointer);
}

std::string type_text(const Shape& shape) {
  if (shape.element == Shape::Element::distribution) {
    return shape.lists == 0 ? "number or distribution" : "list of numbers or distributions";
  }
  constexpr std::array names{"true or false", "whole number", "number", "string", "duration"};
  const std::string element = names[static_cast<std::size_t>(shape.element)];
  if (shape.lists == 0) return element;
  return (shape.lists == 1 ? "list of " : "list of lists of ") + element + "s";
}

std::string check_text(const Check& check) {
  if (const auto* range = std::get_if<Range>(&check)) return range_text(*range);
  if (const auto* choices = std::get_if<Choices>(&check)) {
    return "one of " + listed(choices->names, "\"");
  }
  if (const auto* length = std::get_if<Length>(&check)) return "length " + length_text(*length);
  return rule_text(std::get<Rule>(check));
}

std::string example_of(const Key& key) {
  const Shape shape = shape_of(key.slot);
  const long double number = number_within(key);
  std::string example;
  switch (shape.element) {
    case Shape::Element::truth:
      example = "true";
      break;
    case Shape::Element::whole:
      example = fmt::format("{:.0f}", std::ceil(number));
      break;
    case Shape::Element::number:
    case Shape::Element::distribution:
      example = toml_number(static_cast<double>(number));
      break;
    case Shape::Element::string:
      example = string_for(key);
      break;
    case Shape::Element::duration:
      example = "\"10 min\"";
      break;
  }
  for (int i = 0; i < shape.lists; ++i) example = '[' + example + ']';
  return example;
}

std::string override_text(std::string_view path, std::string_view value) {
  const bool plain = value.find_first_of(" \"'[]{}") == value.npos;
  const std::string_view quote = plain ? "" : "'";
  return fmt::format("--set {0}{1}={2}{0}", quote, path, value);
}

std::string joined(std::string_view path, std::string_view name) {
  std::string result(path);
  if (!result.empty()) result += '.';
  return result.append(name);
}

bool is_identifier(std::string_view text) {
  return !text.empty() && is_letter(text.front()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_letter(c) || is_digit(c); });
}

std::size_t first_bad_byte(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    const auto byte = [&](std::size_t k) -> unsigned {
      return i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0U;
    };
    const auto follows = [&](std::size_t k) { return (byte(k) & 0xc0U) == 0x80U; };
    const unsigned lead = byte(0);
    const unsigned next = byte(1);
    std::size_t length = 0;
    // The well-formed sequences, Unicode standard table 3-7: no overlong forms, no surrogates.
    if (lead >= 0x01 && lead <= 0x7f) length = 1;
    if (lead >= 0xc2 && lead <= 0xdf && follows(1)) length = 2;
    if (lead >= 0xe0 && lead <= 0xef && follows(1) && follows(2)) {
      if (!(lead == 0xe0 && next < 0xa0) && !(lead == 0xed && next > 0x9f)) length = 3;
    }
    if (lead >= 0xf0 && lead <= 0xf4 && follows(1) && follows(2) && follows(3)) {
      if (!(lead == 0xf0 && next < 0x90) && !(lead == 0xf4 && next > 0x8f)) length = 4;
    }
    if (length == 0) return i;
    i += length;
  }
  return std::string_view::npos;
}

}  // namespace driftwood::deck

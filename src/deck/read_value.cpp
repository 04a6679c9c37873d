// SPDX-License-Identifier: BSD-3-Clause
#include "deck/read_value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "base/suggest.hpp"
#include "deck/text.hpp"

namespace driftwood::deck {
namespace {

constexpr std::size_t longest_string = 65'536;

/// All of `text` as a number; empty if it is none.
template <class T, class... Base>
std::optional<T> whole_text_as(std::string_view text, Base... base) {
  T number{};
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number, base...);
  if (error != std::errc{} || end != last) return std::nullopt;
  return number;
}

std::optional<std::uint64_t> seed_of(std::string_view text) {
  if (text.starts_with("0x")) return whole_text_as<std::uint64_t>(text.substr(2), 16);
  return whole_text_as<std::uint64_t>(text, 10);
}

bool is_quoted_literal(std::string_view text) {
  return text == "true" || text == "false" || whole_text_as<double>(text).has_value();
}

std::string nearest_limit(const Range& range, long double number) {
  const bool low = number <= range.low;
  if (low ? range.low_open : range.high_open)
    return low ? "choose a larger value" : "choose a smaller value";
  return fmt::format("the nearest allowed value is {}", plain_number(low ? range.low : range.high));
}

/// Reads the value of one key. `path` names the value being read, entries of lists included.
class Reader {
 public:
  explicit Reader(const Key& key) : key_(key) {}

  template <class T>
  void store(T* member, const std::string& path, const Value& value) const {
    T fresh{};
    read(fresh, path, value);
    *member = std::move(fresh);
  }

 private:
  template <class T>
  void read(std::optional<T>& out, const std::string& path, const Value& value) const {
    read(out.emplace(), path, value);
  }

  template <class T>
  void read(std::vector<T>& out, const std::string& path, const Value& value) const {
    const auto* list = std::get_if<Value::List>(&value.data);
    if constexpr (std::is_same_v<T, std::string>) {
      if (list == nullptr && std::holds_alternative<std::string>(value.data) &&
          (names_files() || may_be_all())) {
        read(out.emplace_back(), path, value);
        return;
      }
    }
    if (list == nullptr) throw wrong_type("a list", path, value);
    for (std::size_t i = 0; i < list->size(); ++i) {
      read(out.emplace_back(), fmt::format("{}[{}]", path, i), (*list)[i]);
    }
    for (const Check& check : key_.checks) check_list(check, out, path, value);
  }

  void read(bool& out, const std::string& path, const Value& value) const {
    const auto* truth = std::get_if<bool>(&value.data);
    if (truth == nullptr) throw wrong_type("true or false", path, value);
    out = *truth;
  }

  void read(std::int64_t& out, const std::string& path, const Value& value) const {
    const auto* integer = std::get_if<std::int64_t>(&value.data);
    if (integer == nullptr) throw wrong_type("a whole number", path, value);
    out = *integer;
    check_range(static_cast<long double>(out), path, value);
  }

  void read(std::uint64_t& out, const std::string& path, const Value& value) const {
    if (const auto* text = std::get_if<std::string>(&value.data)) {
      const auto seed = seed_of(*text);
      if (!seed) throw wrong_type("a whole number of at most 64 bits", path, value);
      out = *seed;
    } else {
      const auto* integer = std::get_if<std::int64_t>(&value.data);
      if (integer == nullptr) throw wrong_type("a whole number", path, value);
      if (*integer < 0) {
        throw Problem{value.at, "'" + path + "' must not be negative", "found " + shown(value),
                      "the nearest allowed value is 0"};
      }
      out = static_cast<std::uint64_t>(*integer);
    }
    check_range(static_cast<long double>(out), path, value);
  }

  void read(double& out, const std::string& path, const Value& value) const {
    const auto* integer = std::get_if<std::int64_t>(&value.data);
    const auto* number = std::get_if<double>(&value.data);
    const auto* text = std::get_if<std::string>(&value.data);
    const bool infinite = text != nullptr && *text == "inf" && has(Rule::may_be_infinite);
    if (integer == nullptr && number == nullptr && !infinite) {
      throw wrong_type("a number", path, value);
    }
    if (integer != nullptr) out = static_cast<double>(*integer);
    if (number != nullptr) out = *number;
    if (infinite) out = HUGE_VAL;
    if (std::isnan(out)) throw wrong_type("a number", path, value);
    if (std::isinf(out) && !has(Rule::may_be_infinite)) {
      throw wrong_type("a finite number", path, value);
    }
    check_range(static_cast<long double>(out), path, value);
  }

  void read(std::string& out, const std::string& path, const Value& value) const {
    if (const auto number = number_as_text(value)) {
      out = *number;
      return;
    }
    const auto* text = std::get_if<std::string>(&value.data);
    if (text == nullptr) {
      throw wrong_type(names_files()  ? "a finite number or the name of a file"
                       : may_be_all() ? "a number, or \"all\""
                                      : "a string",
                       path, value);
    }
    if (text->find('\0') != text->npos) {
      throw Problem{value.at, "'" + path + "' holds a NUL character", "", "remove it"};
    }
    if (text->size() > longest_string) {
      throw Problem{value.at, "'" + path + "' is too long",
                    fmt::format("{} bytes, at most {}", text->size(), longest_string),
                    "shorten it"};
    }
    out = *text;
    for (const Check& check : key_.checks) check_text_value(check, out, path, value);
  }

  void read(Duration& out, const std::string& path, const Value& value) const {
    const auto* text = std::get_if<std::string>(&value.data);
    const auto* integer = std::get_if<std::int64_t>(&value.data);
    const auto* number = std::get_if<double>(&value.data);
    std::optional<Duration> duration;
    if (text != nullptr) duration = parse_duration(*text);
    if (integer != nullptr) duration = Duration{static_cast<double>(*integer)};
    if (number != nullptr) duration = Duration{*number};
    if (!duration || !std::isfinite(duration->seconds) || duration->seconds < 0) {
      throw Problem{value.at, "'" + path + "' must be a duration, 0 or more",
                    "found " + shown(value),
                    "write seconds as a number, or \"<number> s\", \"<number> min\" or "
                    "\"<number> h\""};
    }
    out = *duration;
    check_range(static_cast<long double>(out.seconds), path, value);
  }

  void read(Distribution& out, const std::string& path, const Value& value) const {
    out = read_distribution(path, value);
    if (out.column) return;
    const Interval values = support(out);
    if (values.low == values.high) check_range(static_cast<long double>(out.first), path, value);
    for (const Check& check : key_.checks) {
      const auto* range = std::get_if<Range>(&check);
      if (range == nullptr || (inside(*range, values.low) && inside(*range, values.high))) continue;
      throw Problem{value.at, "'" + path + "' must be " + check_text(check),
                    "draws from this distribution need not be",
                    "give a number or another distribution"};
    }
  }

  /// Whether entries of a list are numbers or names of files; one name needs no list.
  [[nodiscard]] bool names_files() const {
    return key_.sentence.starts_with("numbers or names of files");
  }

  /// Whether entries of a list are numbers, in place of which the text "all" may stand.
  [[nodiscard]] bool may_be_all() const { return key_.sentence.starts_with("numbers or \"all\""); }

  /// A number in the place of a formula or of the name of a file, as the text that it is.
  [[nodiscard]] std::optional<std::string> number_as_text(const Value& value) const {
    const bool is_formula = key_.sentence.starts_with("a formula") ||
                            key_.sentence.find(", a formula") != std::string::npos;
    if (!is_formula && !names_files() && !may_be_all()) return std::nullopt;
    if (const auto* integer = std::get_if<std::int64_t>(&value.data)) {
      return fmt::format("{}", *integer);
    }
    const auto* number = std::get_if<double>(&value.data);
    if (number == nullptr || !std::isfinite(*number)) return std::nullopt;
    return toml_number(*number);
  }

  [[nodiscard]] bool has(Rule rule) const {
    return std::any_of(key_.checks.begin(), key_.checks.end(), [&](const Check& check) {
      const auto* held = std::get_if<Rule>(&check);
      return held != nullptr && *held == rule;
    });
  }

  [[nodiscard]] bool is_pair() const {
    return std::any_of(key_.checks.begin(), key_.checks.end(), [](const Check& check) {
      const auto* length = std::get_if<Length>(&check);
      return length != nullptr && length->least == 2 && length->most == 2;
    });
  }

  void check_range(long double number, const std::string& path, const Value& value) const {
    for (const Check& check : key_.checks) {
      const auto* range = std::get_if<Range>(&check);
      if (range == nullptr || inside(*range, number)) continue;
      throw Problem{value.at, "'" + path + "' must be " + check_text(check),
                    "found " + shown(value), nearest_limit(*range, number)};
    }
  }

  void check_text_value(const Check& check, const std::string& text, const std::string& path,
                        const Value& value) const {
    if (const auto* choices = std::get_if<Choices>(&check)) {
      const auto& names = choices->names;
      if (std::find(names.begin(), names.end(), text) == names.end()) {
        throw not_a_choice(path, value, names);
      }
    } else if (const auto* length = std::get_if<Length>(&check)) {
      if (shape_of(key_.slot).lists == 0)
        check_length(*length, characters(text), "characters", path, value);
    } else if (const auto* rule = std::get_if<Rule>(&check)) {
      if (*rule == Rule::identifier && !is_identifier(text)) {
        throw Problem{value.at, "'" + path + "' is not a valid name",
                      "found " + shown(value) + ", names are " + check_text(check), "rename it"};
      }
    }
  }

  template <class T>
  void check_list(const Check& check, const std::vector<T>& list, const std::string& path,
                  const Value& value) const {
    if (const auto* length = std::get_if<Length>(&check)) {
      check_length(*length, list.size(), "entries", path, value);
    }
    const auto* rule = std::get_if<Rule>(&check);
    if (rule == nullptr) return;
    const auto& entries = std::get<Value::List>(value.data);
    if constexpr (std::is_same_v<T, double>) {
      if (*rule == Rule::increasing) check_increasing(list, entries, path);
    }
    if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, double>) {
      if (*rule == Rule::distinct) check_distinct(list, entries, path);
    }
  }

  static void check_length(const Length& length, std::size_t count, std::string_view of,
                           const std::string& path, const Value& value) {
    if (count >= length.least && count <= length.most) return;
    if (count == 0) {
      const bool bounded = length.most != Length{}.most;
      throw Problem{value.at, "'" + path + "' must not be empty", "",
                    bounded ? fmt::format("give {} {}", length_text(length), of) : "fill it"};
    }
    throw Problem{value.at, fmt::format("'{}' must have {} {}", path, length_text(length), of),
                  fmt::format("found {}", count),
                  count < length.least ? "add more" : "remove some"};
  }

  void check_increasing(const std::vector<double>& list, const Value::List& entries,
                        const std::string& path) const {
    const auto pair =
        std::adjacent_find(list.begin(), list.end(), [](double a, double b) { return !(a < b); });
    if (pair == list.end()) return;
    const auto i = static_cast<std::size_t>(pair - list.begin());
    throw Problem{entries[i + 1].at, "'" + path + "' must be increasing",
                  shown(entries[i + 1]) + " follows " + shown(entries[i]),
                  is_pair() ? "write [low, high]" : "sort the list and remove repeats"};
  }

  template <class T>
  static void check_distinct(const std::vector<T>& list, const Value::List& entries,
                             const std::string& path) {
    std::set<T> seen;
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (seen.insert(list[i]).second) continue;
      throw Problem{entries[i].at, "'" + path + "' must have no repeats",
                    shown(entries[i]) + " is given again", "remove it"};
    }
  }

  [[nodiscard]] Problem wrong_type(std::string_view expected, const std::string& path,
                                   const Value& value) const {
    return {value.at, fmt::format("'{}' must be {}", path, expected), "found " + shown(value),
            remedy(path, value)};
  }

  [[nodiscard]] std::string write_example(const std::string& path, const Value& value) const {
    if (value.at.set == nullptr) return "write " + key_.name + " = " + example_of(key_);
    return "write for example " + override_text(path.substr(0, path.find('[')), example_of(key_));
  }

  [[nodiscard]] std::string round(const std::string& path, const Value& value) const {
    const double number = std::get<double>(value.data);
    if (!(std::fabs(number) < 0x1p63)) return write_example(path, value);
    const double low = std::floor(number);
    if (low == number) return fmt::format("write {:.0f}", low);
    return fmt::format("write {:.0f} or {:.0f}", low, low + 1);
  }

  /// What to write instead of a value of the wrong type.
  [[nodiscard]] std::string remedy(const std::string& path, const Value& value) const {
    if (names_files()) return "write numbers, and names of files in quotes";
    if (may_be_all()) return "write [0, 1] or \"all\"";
    const Shape shape = shape_of(key_.slot);
    const auto* number = std::get_if<double>(&value.data);
    const bool text = std::holds_alternative<std::string>(value.data);
    const bool numeric = number != nullptr || std::holds_alternative<std::int64_t>(value.data);
    const bool texts = shape.element == Shape::Element::string;
    if (shape.lists == 1 && texts == text && texts != numeric)
      return "put it in brackets: [" + shown(value) + "]";
    if (texts && (numeric || std::holds_alternative<bool>(value.data))) {
      return "put it in quotes: \"" + shown(value) + "\"";
    }
    if (shape.element == Shape::Element::whole && number != nullptr) return round(path, value);
    if (text && !texts && is_quoted_literal(std::get<std::string>(value.data))) {
      return "remove the quotes";
    }
    return write_example(path, value);
  }

  const Key& key_;
};

}  // namespace

Problem not_a_choice(const std::string& path, const Value& value,
                     const std::vector<std::string>& names) {
  const auto* text = std::get_if<std::string>(&value.data);
  const std::string meant = text == nullptr ? "" : nearest(*text, names);
  return {value.at, "'" + path + "' cannot be " + shown(value), "one of " + listed(names, "\""),
          meant.empty() ? "see --help-deck" : "did you mean \"" + meant + "\"?"};
}

void read_value(const Key& key, const std::string& path, const Value& value) {
  const Reader reader(key);
  std::visit([&](auto* member) { reader.store(member, path, value); }, key.slot.pointer);
}

}  // namespace driftwood::deck

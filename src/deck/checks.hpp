// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace driftwood::deck {

/// Numbers, every entry of a list of numbers, or durations in seconds lie in an interval.
/// The limits are `long double` so that 64-bit integers keep all their digits.
struct Range {
  long double low = -std::numeric_limits<long double>::infinity();
  long double high = std::numeric_limits<long double>::infinity();
  bool low_open = false;   ///< `low` itself is outside
  bool high_open = false;  ///< `high` itself is outside
};

/// Whether the number lies in the interval.
[[nodiscard]] constexpr bool inside(const Range& range, long double number) {
  const bool above = range.low_open ? number > range.low : number >= range.low;
  const bool below = range.high_open ? number < range.high : number <= range.high;
  return above && below;
}

/// A text, or every entry of a list of texts, is one of `names`.
struct Choices {
  std::vector<std::string> names;
};

/// The number of characters of a text, or of entries of a list.
struct Length {
  std::size_t least = 0;
  std::size_t most = std::numeric_limits<std::size_t>::max();
};

/// What needs no parameters.
enum class Rule {
  increasing,       ///< each number of a list exceeds the one before it
  distinct,         ///< no text of a list appears twice
  identifier,       ///< letters, digits and _, not starting with a digit (every text of a list)
  may_be_infinite,  ///< numbers may be `inf`, or the text "inf"; without it only finite ones pass
};

/// One condition on the value of a key. It prints itself in errors and in the reference.
using Check = std::variant<Range, Choices, Length, Rule>;

/// "> 0", "from 1 to 2^40", "one of "a", "b"", ...; empty where anything goes.
[[nodiscard]] std::string check_text(const Check& check);

inline constexpr Range finite{};
inline constexpr Range positive{.low = 0, .low_open = true};
inline constexpr Range non_negative{.low = 0};
inline constexpr Range probability{.low = 0, .high = 1};
inline constexpr Range open_probability{.low = 0, .high = 1, .low_open = true, .high_open = true};
inline constexpr Length non_empty{.least = 1};
inline constexpr Rule increasing = Rule::increasing;
inline constexpr Rule distinct = Rule::distinct;
inline constexpr Rule identifier = Rule::identifier;
inline constexpr Rule may_be_infinite = Rule::may_be_infinite;

/// low <= value <= high.
template <class A, class B>
[[nodiscard]] constexpr Range between(A low, B high) {
  return {.low = static_cast<long double>(low), .high = static_cast<long double>(high)};
}

/// value >= low.
template <class A>
[[nodiscard]] constexpr Range at_least(A low) {
  return {.low = static_cast<long double>(low)};
}

/// value <= high.
template <class A>
[[nodiscard]] constexpr Range at_most(A high) {
  return {.high = static_cast<long double>(high)};
}

[[nodiscard]] inline Choices one_of(std::vector<std::string> names) { return {std::move(names)}; }

/// least <= number of characters or entries <= most.
[[nodiscard]] constexpr Length length(std::size_t least, std::size_t most) { return {least, most}; }

}  // namespace driftwood::deck

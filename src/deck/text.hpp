// SPDX-License-Identifier: BSD-3-Clause
/// Small pieces of text that several files of the layer share. Internal to the layer.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "deck/schema.hpp"

namespace driftwood::deck {

/// Escaped for one line of a message, without quotes, cut to `most` characters.
[[nodiscard]] std::string printable(std::string_view text, std::size_t most = 60);

/// Whether a byte of UTF-8 belongs to a character that began before it.
[[nodiscard]] bool continues_character(char c);

/// Length in characters, not bytes.
[[nodiscard]] std::size_t characters(std::string_view text);

/// As TOML: quoted and escaped.
[[nodiscard]] std::string toml_string(std::string_view text);

/// As TOML: the fewest digits that read back to the same number, always visibly a float.
[[nodiscard]] std::string toml_number(double number);

/// The value behind a slot as TOML; empty for an optional that is not set.
[[nodiscard]] std::optional<std::string> toml_value(const Slot& slot);

/// A limit of a range: whole numbers without a point, large powers of two as "2^40".
[[nodiscard]] std::string limit_text(long double limit);

/// The same with all digits, so that it can be copied into a deck.
[[nodiscard]] std::string plain_number(long double number);

/// "1 to 40", "at least 1"
[[nodiscard]] std::string length_text(const Length& length);

/// "a, b, c", each between `quote`s.
[[nodiscard]] std::string listed(const std::vector<std::string>& names,
                                 std::string_view quote = "");

/// What a slot takes: so many lists around elements of one kind.
struct Shape {
  enum class Element { truth, whole, number, string, duration, distribution };
  Element element;
  int lists;
};
[[nodiscard]] Shape shape_of(const Slot& slot);

/// "number", "whole number", "list of strings", ...
[[nodiscard]] std::string type_text(const Shape& shape);

/// A value that the key accepts, as TOML, for suggestions.
[[nodiscard]] std::string example_of(const Key& key);

/// `--set path=value` as a shell takes it.
[[nodiscard]] std::string override_text(std::string_view path, std::string_view value);

/// "time" and "end" to "time.end".
[[nodiscard]] std::string joined(std::string_view path, std::string_view name);

/// Whether this could name a formula or a dataset: letters, digits and _, no digit first.
[[nodiscard]] bool is_identifier(std::string_view text);

/// Offset of the first byte that is not UTF-8, or is NUL; `npos` if there is none.
[[nodiscard]] std::size_t first_bad_byte(std::string_view text);

}  // namespace driftwood::deck

// SPDX-License-Identifier: BSD-3-Clause
/// A deck between its text and the described objects. Internal to the layer.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.hpp"

namespace driftwood::deck {

/// Where something was written: in the file (from 1, columns in characters) or in a `--set`.
struct Position {
  int line = 0;
  int column = 0;
  std::shared_ptr<const std::string> set;  ///< "table.key=VALUE", if it came from the command line
};

/// File order; everything from the command line comes last.
[[nodiscard]] bool before(const Position& a, const Position& b);

/// One thing that is wrong, not yet tied to a file name.
struct Problem {
  Position at;
  std::string problem;
  std::string why;
  std::string suggestion;
};

/// "FILE:LINE:COLUMN: error: ...", "--set KEY=VALUE: error: ..." or "FILE: error: ...".
[[nodiscard]] UsageError to_error(const std::string& file, const Problem& problem);

/// A date or time: valid TOML that no key takes.
struct Date {};

struct Member;

/// A TOML value and where it stands. Tables keep their members in file order.
struct Value {
  using List = std::vector<Value>;
  using Members = std::vector<Member>;

  std::variant<bool, std::int64_t, double, std::string, Date, List, Members> data;
  Position at;

  [[nodiscard]] const Members* members() const noexcept { return std::get_if<Members>(&data); }
  /// The member of that name; null where there is none, or this is no table.
  [[nodiscard]] const Value* find(std::string_view name) const noexcept;
};

struct Member {
  std::string name;
  Position at;
  Value value;
};

/// The value as a message quotes it: `"abc"`, `2.5`, `a list`, `a table`.
[[nodiscard]] std::string shown(const Value& value);

/// Parses TOML. Throws `Problem`, also for text nested deeper or holding more entries than any
/// deck needs, so that no input can exhaust the stack or the machine.
[[nodiscard]] Value parse_toml(std::string_view text);

/// Where the byte `offset` of a string's value is written, the string beginning at `at`.
[[nodiscard]] Position position_inside(std::string_view document, const Position& at,
                                       std::size_t offset);

/// Replaces or adds the key of one "table.key=VALUE", creating tables where absent. Throws
/// `Problem`, always positioned at the override.
void apply_override(Value& root, const std::string& text);

}  // namespace driftwood::deck

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "formula/op.hpp"
#include "formula/table.hpp"

namespace driftwood::formula {

/// What is wrong with a formula, and where: thrown by everything that reads one.
struct Problem {
  std::size_t offset;  ///< [bytes]
  std::string problem;
  std::string why;
  std::string suggestion;
  std::optional<std::size_t> opened;  ///< where the parenthesis opens that is not closed [bytes]
};

/// Lines and columns count from 1, columns in characters.
struct Place {
  int line;
  int column;
};
[[nodiscard]] Place place_of(std::string_view text, std::size_t offset);

struct Function {
  std::string_view name;
  Op op;
  int arguments;  ///< the name of a table is one
};
/// The function of that name; null where there is none.
[[nodiscard]] const Function* find_function(std::string_view name);
[[nodiscard]] std::vector<std::string> function_names();
/// Of an operation that is a function; else empty.
[[nodiscard]] std::string_view name_of(Op op);

/// Whether text is letters, digits and _, no digit first.
[[nodiscard]] bool is_identifier(std::string_view text);

/// Throws `Problem` unless `name` may name an input: an identifier, and neither a function nor
/// `pi`, `t` or `initial`.
void check_name(std::string_view name);

/// The names that formulas may use besides functions, `pi` and `t`, and the input that each is.
class Scope {
 public:
  /// Adds an input; its number among those of its kind. Throws `Problem` for a name that
  /// `check_name` refuses, or that is there already.
  int add_varying(std::string_view name) { return add(name, Op::varying, varying_); }
  int add_fixed(std::string_view name) { return add(name, Op::fixed, fixed_); }
  /// Takes a name that no formula may use, such as that of a noise: `kind` says what it is.
  void reserve(std::string_view name, std::string_view kind);
  /// Lets formulas use tables.
  void set_tables(OpenTable open) { tables_ = std::move(open); }

  struct Entry {
    Op op;  ///< `varying`, `fixed`, or `number` for a name that is reserved
    int index;
    std::string kind;
  };
  /// Null for a name that is not there.
  [[nodiscard]] const Entry* find(std::string_view name) const;
  /// In the order in which they were added, without those that are reserved.
  [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }
  /// Empty where formulas have no tables.
  [[nodiscard]] const OpenTable& tables() const noexcept { return tables_; }
  [[nodiscard]] int varying() const noexcept { return varying_; }
  [[nodiscard]] int fixed() const noexcept { return fixed_; }

 private:
  int add(std::string_view name, Op op, int& count);
  void check_new(std::string_view name) const;

  std::map<std::string, Entry, std::less<>> entries_;
  std::vector<std::string> names_;
  OpenTable tables_;
  int varying_ = 0;
  int fixed_ = 0;
};

}  // namespace driftwood::formula

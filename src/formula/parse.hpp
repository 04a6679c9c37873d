// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "formula/scope.hpp"

namespace driftwood::formula {

struct Node {
  Op op;
  std::uint32_t at;   ///< offset of the operator, name or number [bytes]
  int a = -1;         ///< operands, which are nodes before this one
  int b = -1;         ///<
  double number = 0;  ///< of a number
  int index = 0;      ///< of an input among its kind, of a table, or a whole exponent
};

/// A formula as it was written. The last node is its value.
struct Expression {
  std::vector<Node> nodes;
  std::vector<std::shared_ptr<const Table>> tables = {};
};

inline constexpr std::size_t longest_formula = 65536;  ///< [bytes]
inline constexpr int deepest_formula = 200;            ///< parentheses, signs and powers

/// Reads a formula:
///
///     sum      = product { ( "+" | "-" ) product }
///     product  = signed { ( "*" | "/" ) signed }
///     signed   = ( "+" | "-" ) signed | power
///     power    = primary [ "^" signed ]
///     primary  = number | name | call | "(" sum ")"
///     call     = name "(" ( file "," sum | sum { "," sum } ) ")"
///
/// A file is the name of a table in double or single quotes, which end it.
///
/// An exponent that is a whole number, with a sign or parentheses or without, is `whole_power`; so
/// is that of pow(a, b). Throws `Problem`, for the first thing that is wrong.
[[nodiscard]] Expression parse(std::string_view text, const Scope& scope);

}  // namespace driftwood::formula

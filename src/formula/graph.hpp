// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include "formula/parse.hpp"
#include "formula/symbol.hpp"

namespace driftwood::formula {

/// An operation, or a leaf, that several formulas may share.
struct Vertex {
  Op op;
  std::array<int, 3> operand{-1, -1, -1};  ///< vertices before this one; the first `arity`
  double number = 0;                       ///< of a number
  int index = 0;                           ///< of an input, or a table
  bool is_fixed = false;                   ///< depends on fixed inputs and numbers alone
  std::uint64_t hash = 0;                  ///< of what it computes, however it is numbered
};

/// Operands of an operation of the graph.
[[nodiscard]] int arity(Op op);

/// Which inputs a formula depends on.
struct Dependence {
  std::vector<bool> varying;
  std::vector<bool> fixed;
  bool time = false;
};

/// Several formulas, each common sub-expression once. What a formula's value is, to the last bit,
/// does not depend on the others:
///
/// - What is constant is computed once, in double precision; where it is zero, it has no sign.
/// - x + 0, x - 0, x * 1, x / 1, -(-x) are x; a division by a power of two is a product; 0 * x is
///   0, also where x is not finite.
/// - A sum or difference with a product on one side is rounded once, with the left product where
///   there are two; unary minuses of its sides count as signs.
/// - x^n is x times x^2 times x^4 ... as the bits of n say, from the lowest; x^-n is 1 / x^n.
class Graph {
 public:
  explicit Graph(const Scope& scope) : Graph(scope.varying(), scope.fixed()) {}
  Graph(int varying, int fixed) : varying_(varying), fixed_(fixed) {}

  /// Adds a formula; its number, from 0. Throws `Problem` where a constant part is not finite.
  int add(const Expression& expression);
  /// Adds the sum of factor i times formula i. Throws `Problem` as above.
  int add_combination(const std::vector<std::pair<double, int>>& terms);

  /// Adds what was recorded, one formula for each of these entries, and returns their numbers. What
  /// they are, to the last bit, is what the recorded code computes in double precision: of the
  /// rules above, those on sums with products are not for these. Throws `Problem` where the slope
  /// of a table is needed.
  std::vector<int> add(const Recording& recording, const std::vector<int>& entries);

  [[nodiscard]] int formulas() const noexcept { return static_cast<int>(roots_.size()); }
  /// The vertex that is the value of a formula.
  [[nodiscard]] int root(int formula) const { return roots_[static_cast<std::size_t>(formula)]; }
  /// Operands stand before what uses them.
  [[nodiscard]] const std::vector<Vertex>& vertices() const noexcept { return vertices_; }
  /// The tables of all formulas, each once.
  [[nodiscard]] const std::vector<std::shared_ptr<const Table>>& tables() const noexcept {
    return tables_;
  }
  [[nodiscard]] int varying() const noexcept { return varying_; }
  [[nodiscard]] int fixed() const noexcept { return fixed_; }

  [[nodiscard]] bool is_zero(int formula) const;
  [[nodiscard]] Dependence dependence(int formula) const;
  /// Marks the vertices that these formulas need.
  [[nodiscard]] std::vector<bool> needed(const std::vector<int>& formulas) const;

 private:
  [[nodiscard]] const Vertex& at(int i) const { return vertices_[static_cast<std::size_t>(i)]; }
  [[nodiscard]] bool is_number(int i) const { return at(i).op == Op::number; }
  [[nodiscard]] bool is_number(int i, double value) const {
    return is_number(i) && at(i).number == value;
  }

  int insert(Vertex vertex);
  int number(double value);
  /// The operation as it is, or its value where all operands are numbers.
  int operation(Op op, int a, int b = -1, int c = -1);
  int negated(int a);
  int sum(int a, int b, bool subtract);
  int product(int a, int b);
  int quotient(int a, int b);
  int whole_power(int a, int n);
  int power(int a, int b);
  int table(int index, int a);
  /// The number of a table in this graph.
  int number_of(const std::shared_ptr<const Table>& table);
  int vertex_of(const Node& node, int a, int b);
  int vertex_of(const Recorded& recorded, const std::vector<int>& operand);
  /// As `sum`, but rounded as often as it says.
  int plain_sum(int a, int b, bool subtract);
  int fused(int a, int b, int c);
  [[noreturn]] void not_finite(const Node& node, int a, int b) const;

  using Key = std::tuple<Op, std::array<int, 3>, std::uint64_t, int>;
  std::vector<Vertex> vertices_;
  std::map<Key, int> known_;
  std::vector<int> roots_;
  std::vector<std::shared_ptr<const Table>> tables_;
  std::vector<std::uint64_t> table_hashes_;
  int varying_;
  int fixed_;
  bool finite_ = true;  ///< whether all constants so far are
};

}  // namespace driftwood::formula

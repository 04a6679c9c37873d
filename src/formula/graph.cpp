// SPDX-License-Identifier: BSD-3-Clause
#include "formula/graph.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <string>
#include <utility>

#include "formula/interpolate.hpp"
#include "formula/operations.hpp"

namespace driftwood::formula {
namespace {

std::size_t place(int i) { return static_cast<std::size_t>(i); }

std::uint64_t mixed(std::uint64_t hash, std::uint64_t word) {
  hash = (hash ^ word) * 0x9e3779b97f4a7c15U;
  return hash ^ (hash >> 29);
}

std::uint64_t hash_of(const Table& table) {
  std::uint64_t hash = 0;
  for (const double x : table.x) hash = mixed(hash, std::bit_cast<std::uint64_t>(x));
  for (const double y : table.y) hash = mixed(hash, std::bit_cast<std::uint64_t>(y));
  return hash;
}

bool is_commutative(Op op) {
  return op == Op::add || op == Op::multiply || op == Op::multiply_add ||
         op == Op::multiply_subtract || op == Op::subtract_product;
}

/// Whether x / b is x * (1 / b) for all x.
bool has_exact_reciprocal(double b) {
  int exponent = 0;
  return std::abs(std::frexp(b, &exponent)) == 0.5 && std::abs(exponent) < 1000;
}

Points points_of(const Table& table) {
  return {table.x.data(), table.y.data(), static_cast<int>(table.x.size())};
}

constexpr auto no_table = [](double&, double) {};

std::string shown(double number) {
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  const std::string text(digits.data(), end);
  return number < 0 ? "(" + text + ")" : text;
}

std::string_view symbol(Op op) {
  switch (op) {
    case Op::add:
      return " + ";
    case Op::subtract:
      return " - ";
    case Op::multiply:
      return "*";
    case Op::divide:
      return "/";
    default:
      return "^";
  }
}

}  // namespace

int arity(Op op) {
  switch (op) {
    case Op::number:
    case Op::time:
    case Op::varying:
    case Op::fixed:
      return 0;
    case Op::power:
    case Op::add:
    case Op::subtract:
    case Op::multiply:
    case Op::divide:
    case Op::minimum:
    case Op::maximum:
    case Op::less:
    case Op::equal:
      return 2;
    case Op::choose:
    case Op::multiply_add:
    case Op::multiply_subtract:
    case Op::subtract_product:
      return 3;
    default:
      return 1;
  }
}

int Graph::insert(Vertex vertex) {
  // Of what the operands compute and not of their numbers, so that the order of operands, on which
  // the bits of tangents depend, is the same whatever else the graph holds.
  if (is_commutative(vertex.op) && at(vertex.operand[1]).hash < at(vertex.operand[0]).hash) {
    std::swap(vertex.operand[0], vertex.operand[1]);
  }
  const auto bits = std::bit_cast<std::uint64_t>(vertex.number);
  const Key key{vertex.op, vertex.operand, bits, vertex.index};
  const auto [entry, is_new] = known_.emplace(key, static_cast<int>(vertices_.size()));
  if (!is_new) return entry->second;
  const int operands = arity(vertex.op);
  vertex.is_fixed = vertex.op == Op::number || vertex.op == Op::fixed || operands > 0;
  const auto which = vertex.op == Op::table ? table_hashes_[place(vertex.index)]
                                            : static_cast<std::uint64_t>(vertex.index);
  vertex.hash = mixed(mixed(static_cast<std::uint64_t>(vertex.op) + 1, bits), which);
  for (int i = 0; i < operands; ++i) {
    vertex.hash = mixed(vertex.hash, at(vertex.operand[place(i)]).hash);
    vertex.is_fixed = vertex.is_fixed && at(vertex.operand[place(i)]).is_fixed;
  }
  vertices_.push_back(vertex);
  return entry->second;
}

int Graph::number(double value) {
  finite_ = finite_ && std::isfinite(value);
  Vertex vertex{Op::number};
  vertex.number = value == 0 ? 0 : value;  // one zero
  return insert(vertex);
}

int Graph::operation(Op op, int a, int b, int c) {
  const int operands = arity(op);
  if (is_number(a) && (operands < 2 || is_number(b)) && (operands < 3 || is_number(c))) {
    double value = 0;
    apply(op, value, at(a).number, operands < 2 ? 0.0 : at(b).number,
          operands < 3 ? 0.0 : at(c).number, no_table);
    return number(value);
  }
  Vertex vertex{op};
  vertex.operand = {a, operands < 2 ? -1 : b, operands < 3 ? -1 : c};
  return insert(vertex);
}

int Graph::negated(int a) {
  return at(a).op == Op::negate ? at(a).operand[0] : operation(Op::negate, a);
}

int Graph::sum(int a, int b, bool subtract) {
  bool minus_a = false;
  bool minus_b = subtract;
  if (at(a).op == Op::negate) {
    a = at(a).operand[0];
    minus_a = true;
  }
  if (at(b).op == Op::negate) {
    b = at(b).operand[0];
    minus_b = !minus_b;
  }
  if (is_number(b, 0)) return minus_a ? negated(a) : a;
  if (is_number(a, 0)) return minus_b ? negated(b) : b;
  const bool left = at(a).op == Op::multiply;
  if (left || at(b).op == Op::multiply) {
    const int p = left ? a : b;
    const int other = left ? b : a;
    const bool minus_p = left ? minus_a : minus_b;
    const bool minus_other = left ? minus_b : minus_a;
    const int x = at(p).operand[0];
    const int y = at(p).operand[1];
    if (minus_p && minus_other) return negated(operation(Op::multiply_add, x, y, other));
    if (minus_p) return operation(Op::subtract_product, x, y, other);
    return operation(minus_other ? Op::multiply_subtract : Op::multiply_add, x, y, other);
  }
  if (minus_a && minus_b) return negated(operation(Op::add, a, b));
  if (minus_a) return operation(Op::subtract, b, a);
  return operation(minus_b ? Op::subtract : Op::add, a, b);
}

int Graph::product(int a, int b) {
  if (is_number(a) && is_number(b)) return operation(Op::multiply, a, b);
  if (is_number(b)) std::swap(a, b);
  if (is_number(a, 0)) return a;
  if (is_number(a, 1)) return b;
  if (is_number(a, -1)) return negated(b);
  return operation(Op::multiply, a, b);
}

int Graph::quotient(int a, int b) {
  const bool constant = is_number(a) && is_number(b);
  if (!constant && is_number(b) && has_exact_reciprocal(at(b).number)) {
    return product(a, number(1 / at(b).number));
  }
  return operation(Op::divide, a, b);
}

int Graph::whole_power(int a, int n) {
  int result = number(1);
  int square = a;
  for (auto rest = static_cast<unsigned>(std::abs(n)); rest != 0; rest >>= 1) {
    if ((rest & 1U) != 0) result = product(result, square);
    if (rest > 1) square = product(square, square);
  }
  return n < 0 ? quotient(number(1), result) : result;
}

int Graph::power(int a, int b) { return operation(Op::exp, product(b, operation(Op::log, a))); }

int Graph::table(int index, int a) {
  if (is_number(a)) {
    return number(interpolate(points_of(*tables_[place(index)]), at(a).number).value);
  }
  Vertex vertex{Op::table};
  vertex.operand[0] = a;
  vertex.index = index;
  return insert(vertex);
}

int Graph::number_of(const std::shared_ptr<const Table>& table) {
  const auto known = std::find(tables_.begin(), tables_.end(), table);
  if (known != tables_.end()) return static_cast<int>(known - tables_.begin());
  const std::uint64_t hash = hash_of(*table);
  for (std::size_t i = 0; i < tables_.size(); ++i) {  // another file may hold the same points
    if (table_hashes_[i] == hash && *tables_[i] == *table) return static_cast<int>(i);
  }
  tables_.push_back(table);
  table_hashes_.push_back(hash);
  return static_cast<int>(tables_.size()) - 1;
}

int Graph::vertex_of(const Node& node, int a, int b) {
  switch (node.op) {
    case Op::number:
      return number(node.number);
    case Op::time:
    case Op::varying:
    case Op::fixed: {
      Vertex vertex{node.op};
      vertex.index = node.index;
      return insert(vertex);
    }
    case Op::negate:
      return negated(a);
    case Op::add:
    case Op::subtract:
      return sum(a, b, node.op == Op::subtract);
    case Op::multiply:
      return product(a, b);
    case Op::divide:
      return quotient(a, b);
    case Op::whole_power:
      return whole_power(a, node.index);
    case Op::power:
      return power(a, b);
    case Op::table:
      return table(node.index, a);
    default:
      return operation(node.op, a, b);
  }
}

void Graph::not_finite(const Node& node, int a, int b) const {
  const std::string left = shown(at(a).number);
  if (node.op == Op::power && at(a).number <= 0) {
    throw Problem{node.at, left + " has no such power",
                  "powers other than whole numbers written as such need a positive base", "",
                  std::nullopt};
  }
  std::string text(name_of(node.op));
  if (node.op == Op::whole_power) {
    text = left + "^" + shown(node.index);
  } else if (text.empty() || node.op == Op::power) {
    text = left + std::string(symbol(node.op)) + shown(at(b).number);
  } else {
    const bool one = at(a).number < 0 && arity(node.op) == 1;  // in its parentheses already
    text += one ? left : "(" + left + (b < 0 ? "" : ", " + shown(at(b).number)) + ")";
  }
  throw Problem{node.at, text + " is not a finite number", "", "", std::nullopt};
}

int Graph::add(const Expression& expression) {
  std::vector<int> vertex;
  vertex.reserve(expression.nodes.size());
  for (Node node : expression.nodes) {
    if (node.op == Op::table) node.index = number_of(expression.tables[place(node.index)]);
    const int a = node.a < 0 ? -1 : vertex[place(node.a)];
    const int b = node.b < 0 ? -1 : vertex[place(node.b)];
    finite_ = true;
    vertex.push_back(vertex_of(node, a, b));
    if (!finite_) not_finite(node, a, b);
  }
  roots_.push_back(vertex.back());
  return formulas() - 1;
}

int Graph::plain_sum(int a, int b, bool subtract) {
  if (at(b).op == Op::negate) {
    b = at(b).operand[0];
    subtract = !subtract;
  }
  if (is_number(b, 0)) return a;
  if (is_number(a, 0)) return subtract ? negated(b) : b;
  if (at(a).op == Op::negate && !subtract) return operation(Op::subtract, b, at(a).operand[0]);
  return operation(subtract ? Op::subtract : Op::add, a, b);
}

int Graph::fused(int a, int b, int c) {
  if (is_number(a, 0) || is_number(b, 0)) return c;
  if (is_number(c, 0)) return product(a, b);
  for (int* factor : {&a, &b}) {
    if (at(*factor).op != Op::negate) continue;
    *factor = at(*factor).operand[0];
    return operation(Op::subtract_product, a, b, c);
  }
  if (at(c).op == Op::negate) return operation(Op::multiply_subtract, a, b, at(c).operand[0]);
  return operation(Op::multiply_add, a, b, c);
}

int Graph::vertex_of(const Recorded& recorded, const std::vector<int>& operand) {
  const int a = operand[0];
  const int b = operand[1];
  switch (recorded.op) {
    case Op::number:
      return number(recorded.number);
    case Op::time:
    case Op::varying:
    case Op::fixed: {
      Vertex vertex{recorded.op};
      vertex.index = recorded.index;
      return insert(vertex);
    }
    case Op::negate:
      return negated(a);
    case Op::add:
    case Op::subtract:
      return plain_sum(a, b, recorded.op == Op::subtract);
    case Op::multiply:
      return product(a, b);
    case Op::divide:
      return quotient(a, b);
    case Op::multiply_add:
      return fused(a, b, operand[2]);
    case Op::table: {
      const Points& p = recorded.table;
      return table(number_of(std::make_shared<const Table>(
                       Table{{p.x, p.x + p.count}, {p.y, p.y + p.count}})),
                   a);
    }
    case Op::table_slope:
      throw Problem{0, "the slope of a table is needed",
                    "a table of a state has none where its pieces meet", "", std::nullopt};
    default:
      return operation(recorded.op, a, b, operand[2]);
  }
}

std::vector<int> Graph::add(const Recording& recording, const std::vector<int>& entries) {
  const auto at_entry = [&](int i) -> const Recorded& { return recording.entry[i]; };
  std::vector<bool> needed(place(recording.size));
  for (const int entry : entries) needed[place(entry)] = true;
  for (int i = recording.size - 1; i >= 0; --i) {
    for (int k = 0; needed[place(i)] && k < arity(at_entry(i).op); ++k) {
      needed[place(at_entry(i).operand[k])] = true;
    }
  }
  std::vector<int> vertex(place(recording.size), -1);
  for (int i = 0; i < recording.size; ++i) {
    if (!needed[place(i)]) continue;
    std::vector<int> operand(3, -1);
    for (int k = 0; k < arity(at_entry(i).op); ++k) {
      operand[place(k)] = vertex[place(at_entry(i).operand[k])];
    }
    vertex[place(i)] = vertex_of(at_entry(i), operand);
  }
  std::vector<int> out;
  for (const int entry : entries) {
    roots_.push_back(vertex[place(entry)]);
    out.push_back(formulas() - 1);
  }
  return out;
}

int Graph::add_combination(const std::vector<std::pair<double, int>>& terms) {
  finite_ = true;
  int vertex = number(0);
  for (const auto& [factor, formula] : terms) {
    vertex = sum(vertex, product(number(factor), root(formula)), false);
  }
  if (!finite_) throw Problem{0, "a constant is not a finite number", "", "", std::nullopt};
  roots_.push_back(vertex);
  return formulas() - 1;
}

bool Graph::is_zero(int formula) const { return is_number(root(formula), 0); }

std::vector<bool> Graph::needed(const std::vector<int>& formulas) const {
  std::vector<bool> out(vertices_.size());
  for (const int formula : formulas) out[place(root(formula))] = true;
  for (int i = static_cast<int>(vertices_.size()) - 1; i >= 0; --i) {
    if (!out[place(i)]) continue;
    for (int k = 0; k < arity(at(i).op); ++k) out[place(at(i).operand[place(k)])] = true;
  }
  return out;
}

Dependence Graph::dependence(int formula) const {
  Dependence out{std::vector<bool>(place(varying_)), std::vector<bool>(place(fixed_)), false};
  const std::vector<bool> used = needed({formula});
  for (std::size_t i = 0; i < used.size(); ++i) {
    const Vertex& vertex = vertices_[i];
    if (!used[i]) continue;
    if (vertex.op == Op::varying) out.varying[place(vertex.index)] = true;
    if (vertex.op == Op::fixed) out.fixed[place(vertex.index)] = true;
    if (vertex.op == Op::time) out.time = true;
  }
  return out;
}

}  // namespace driftwood::formula

// SPDX-License-Identifier: BSD-3-Clause
#include "formula/program.hpp"

#include <algorithm>
#include <functional>
#include <queue>
#include <set>

namespace driftwood::formula {
namespace {

constexpr std::size_t forever = static_cast<std::size_t>(-1);

std::size_t place(int i) { return static_cast<std::size_t>(i); }

/// Registers, the lowest that is free first.
class Registers {
 public:
  std::uint32_t take() {
    if (free_.empty()) return count_++;
    const std::uint32_t lowest = free_.top();
    free_.pop();
    return lowest;
  }
  void give_back(std::uint32_t index) { free_.push(index); }
  [[nodiscard]] int count() const { return static_cast<int>(count_); }

 private:
  std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, std::greater<>> free_;
  std::uint32_t count_ = 0;
};

/// Whether the vertex is computed anew at every step.
bool is_result(const Vertex& vertex) { return !vertex.is_fixed && arity(vertex.op) > 0; }

bool are_results_of_their_own(const Graph& graph, const std::vector<int>& formulas) {
  std::set<int> roots;
  return std::all_of(formulas.begin(), formulas.end(), [&](int formula) {
    const int root = graph.root(formula);
    return is_result(graph.vertices()[place(root)]) && roots.insert(root).second;
  });
}

}  // namespace

Program::Program(const Graph& graph, const std::vector<int>& formulas, Keep keep) {
  const std::vector<Vertex>& vertices = graph.vertices();
  const std::vector<bool> needed = graph.needed(formulas);
  std::vector<Slot> slot(vertices.size(), Slot{Slot::registers, 0});

  // The instruction of the body after which nothing reads a vertex.
  std::vector<std::size_t> last(vertices.size(), 0);
  for (std::size_t i = 0; i < vertices.size(); ++i) {
    if (!needed[i]) continue;
    for (int k = 0; k < arity(vertices[i].op); ++k) last[place(vertices[i].operand[place(k)])] = i;
  }
  for (const int formula : formulas) last[place(graph.root(formula))] = forever;

  std::vector<int> table(graph.tables().size(), -1);  // its number here
  for (std::size_t i = 0; i < vertices.size(); ++i) {
    if (!needed[i] || vertices[i].op != Op::table) continue;
    int& number = table[place(vertices[i].index)];
    if (number < 0) number = keep_table(*graph.tables()[place(vertices[i].index)]);
  }

  const auto emit = [&](std::size_t i) {
    const Vertex& vertex = vertices[i];
    const int operands = arity(vertex.op);
    const Slot a = slot[place(vertex.operand[0])];
    code_.push_back({vertex.op, slot[i], a, operands < 2 ? a : slot[place(vertex.operand[1])],
                     operands < 3 ? a : slot[place(vertex.operand[2])],
                     vertex.op == Op::table ? table[place(vertex.index)] : -1});
  };

  // What a path keeps: fixed inputs, then results of the prologue, then constants.
  auto kept = static_cast<std::uint32_t>(graph.fixed());
  for (std::size_t i = 0; i < vertices.size(); ++i) {
    const Vertex& vertex = vertices[i];
    if (!needed[i]) continue;
    if (vertex.op == Op::varying)
      slot[i] = {Slot::varying, static_cast<std::uint32_t>(vertex.index)};
    if (vertex.op == Op::fixed) slot[i] = {Slot::path, static_cast<std::uint32_t>(vertex.index)};
    if (vertex.op == Op::time) shape_.uses_time = true;
    if (vertex.is_fixed && arity(vertex.op) > 0) slot[i] = {Slot::path, kept++};
  }
  for (std::size_t i = 0; i < vertices.size(); ++i) {
    if (!needed[i] || vertices[i].op != Op::number) continue;
    slot[i] = {Slot::path, kept++};
    constants_.push_back(vertices[i].number);
  }
  for (std::size_t i = 0; i < vertices.size(); ++i) {
    if (needed[i] && vertices[i].is_fixed && arity(vertices[i].op) > 0) emit(i);
  }
  shape_.prologue = static_cast<int>(code_.size());

  Registers registers;
  if (shape_.uses_time) registers.take();  // register 0 is the time
  const bool side_by_side = formulas.size() > 1 && are_results_of_their_own(graph, formulas);
  std::vector<bool> placed(vertices.size());
  shape_.first_output = side_by_side ? registers.count() : -1;
  for (const int formula : formulas) {
    const auto root = place(graph.root(formula));
    placed[root] = side_by_side;
    if (side_by_side) slot[root] = {Slot::registers, registers.take()};
  }
  for (std::size_t i = 0; i < vertices.size(); ++i) {
    const Vertex& vertex = vertices[i];
    const int operands = arity(vertex.op);
    if (!needed[i] || vertex.is_fixed || operands == 0) continue;
    if (keep == Keep::needed) {
      for (int k = 0; k < operands; ++k) {
        const auto operand = place(vertex.operand[place(k)]);
        if (!is_result(vertices[operand]) || last[operand] != i) continue;
        registers.give_back(slot[operand].index);
        last[operand] = forever;  // x * x gives x back once
      }
    }
    if (!placed[i]) slot[i] = {Slot::registers, registers.take()};
    emit(i);
  }

  for (const int formula : formulas) outputs_.push_back(slot[place(graph.root(formula))]);
  if (formulas.size() == 1 && are_results_of_their_own(graph, formulas)) {
    shape_.first_output = static_cast<int>(outputs_.front().index);
  }
  shape_.size = static_cast<int>(code_.size());
  shape_.constants = static_cast<int>(constants_.size());
  shape_.outputs = static_cast<int>(outputs_.size());
  shape_.varying = graph.varying();
  shape_.fixed = graph.fixed();
  shape_.path_values = static_cast<int>(kept);
  shape_.registers = registers.count();
  shape_.is_reversed = keep == Keep::all;
}

int Program::keep_table(const Table& table) {
  const auto first = static_cast<std::int64_t>(points_.size());
  tables_.push_back({first, static_cast<int>(table.x.size())});
  points_.insert(points_.end(), table.x.begin(), table.x.end());
  points_.insert(points_.end(), table.y.begin(), table.y.end());
  return static_cast<int>(tables_.size()) - 1;
}

Tape Program::tape() const noexcept {
  Tape tape = shape_;
  tape.code = code_.data();
  tape.constant = constants_.data();
  tape.point = points_.data();
  tape.table = tables_.data();
  tape.output = outputs_.data();
  return tape;
}

}  // namespace driftwood::formula

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "formula/graph.hpp"
#include "formula/tape.hpp"

namespace driftwood::formula {

/// How a program keeps intermediate values.
enum class Keep {
  needed,  ///< registers are used again as soon as their value is not needed
  all,     ///< each value has a register of its own, as `sweep_back` needs
};

/// Owns the instructions of some formulas of a graph.
class Program {
 public:
  Program() = default;  ///< of no formulas
  Program(const Graph& graph, const std::vector<int>& formulas, Keep keep = Keep::needed);

  /// Output i is formulas[i]. Valid as long as the program.
  [[nodiscard]] Tape tape() const noexcept;

  [[nodiscard]] const std::vector<Instruction>& code() const noexcept { return code_; }
  [[nodiscard]] const std::vector<double>& constants() const noexcept { return constants_; }
  [[nodiscard]] const std::vector<double>& points() const noexcept { return points_; }
  [[nodiscard]] const std::vector<TableSpan>& tables() const noexcept { return tables_; }
  [[nodiscard]] const std::vector<Slot>& outputs() const noexcept { return outputs_; }

 private:
  /// Its number in this program.
  int keep_table(const Table& table);

  std::vector<Instruction> code_;
  std::vector<double> constants_;
  std::vector<double> points_;
  std::vector<TableSpan> tables_;
  std::vector<Slot> outputs_;
  Tape shape_{};  ///< without pointers
};

}  // namespace driftwood::formula

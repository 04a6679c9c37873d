// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace driftwood::run {

/// What a plan predicts, as text: one line for each quantity, then what this rests on.
class PlanTable {
 public:
  /// `head`: what is planned, lines without the last newline.
  explicit PlanTable(std::string head) : head_(std::move(head)) {}

  /// A number of bytes, and where it comes from.
  void bytes(const std::string& quantity, double value, const std::string& basis);
  /// A time [s].
  void seconds(const std::string& quantity, double value, const std::string& basis);
  /// An energy [J].
  void joules(const std::string& quantity, double value, const std::string& basis);
  /// A sentence below the table.
  void remark(std::string sentence) { remarks_.push_back(std::move(sentence)); }

  [[nodiscard]] std::string text() const;

 private:
  struct Row {
    std::string quantity;
    std::string rounded;
    std::string exact;  ///< number and unit, for programs
    std::string basis;
  };

  std::string head_;
  std::vector<Row> rows_;
  std::vector<std::string> remarks_;
};

}  // namespace driftwood::run

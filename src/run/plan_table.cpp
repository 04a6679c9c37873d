// SPDX-License-Identifier: BSD-3-Clause
#include "run/plan_table.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "run/text.hpp"

namespace driftwood::run {

void PlanTable::bytes(const std::string& quantity, double value, const std::string& basis) {
  rows_.push_back({quantity, bytes_text(value), fmt::format("{:.0f} byte", value), basis});
}

void PlanTable::seconds(const std::string& quantity, double value, const std::string& basis) {
  rows_.push_back({quantity, duration_text(value), fmt::format("{:.6g} s", value), basis});
}

void PlanTable::joules(const std::string& quantity, double value, const std::string& basis) {
  rows_.push_back({quantity, count_text(value) + (value < 999.5 ? " J" : "J"),
                   fmt::format("{:.6g} J", value), basis});
}

std::string PlanTable::text() const {
  std::vector<Row> rows{{"quantity", "about", "in full", "from"}};
  rows.insert(rows.end(), rows_.begin(), rows_.end());
  std::size_t quantity = 0;
  std::size_t rounded = 0;
  std::size_t exact = 0;
  for (const Row& row : rows) {
    quantity = std::max(quantity, row.quantity.size());
    rounded = std::max(rounded, row.rounded.size());
    exact = std::max(exact, row.exact.size());
  }
  std::string text = head_ + "\n\n";
  for (const Row& row : rows) {
    text += fmt::format("{:<{}}  {:>{}}  {:>{}}  {}\n", row.quantity, quantity, row.rounded,
                        rounded, row.exact, exact, row.basis);
  }
  text += '\n';
  for (const std::string& remark : remarks_) text += remark + '\n';
  return text;
}

}  // namespace driftwood::run

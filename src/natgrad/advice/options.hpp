// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "natgrad/advice/table.hpp"
#include "natgrad/preconditioner.hpp"

namespace driftwood::deck {
class Schema;
class Source;
}  // namespace driftwood::deck

namespace driftwood::natgrad {

/// The deck's table `[advise]`.
struct AdviceOptions {
  std::string data;
  std::optional<std::string> target;
  std::vector<std::string> drop;
  std::optional<std::string> unlabelled;
  std::int64_t skip = 0;
  std::optional<bool> header;
  std::string dataset = "x";
  bool standardise = true;
  double rare = 0.02;
  std::vector<double> rows;  ///< empty: by the table
  std::vector<double> alignment{1, 0, -1};
  std::vector<double> noise{0, 0.01, 0.03, 0.1, 0.3, 1, 3, 10};
  std::vector<std::string> preconditioner{"gd", "ngd", "add:0.25", "add:0.5", "add:0.75"};
  double worth = 0.02;
  std::int64_t replicas = 32;
  std::uint64_t seed = 1;

  void describe(deck::Schema& s);
  /// Reads the table.
  void validate(const deck::Source& deck);

  /// Numbers of rows to learn from, by the table where the deck has none: all, and so many that
  /// there are 1/2, 2 and 4 features each.
  [[nodiscard]] std::vector<std::size_t> rows_to_learn() const;

  // Set by `validate`:
  std::shared_ptr<const AdviceRows> table{};
  std::vector<Preconditioner> parsed{};  ///< `gd` first
};

}  // namespace driftwood::natgrad

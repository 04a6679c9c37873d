// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "io/data_table.hpp"
#include "natgrad/ensemble/blas.hpp"

namespace driftwood::natgrad {

/// A table of a user's own, and what is done to it first.
struct AdviceTable {
  io::TableRequest table;                 ///< `label` is the target, `has_labels` whether one is
  std::optional<std::string> unlabelled;  ///< a file of further rows
  bool standardise = true;                ///< columns to variance 1
  double rare = 0.02;                     ///< see `AdviceRows::left_out`
};

/// Rows in the eigenbasis of their covariance, whose eigenvalues have mean 1.
struct AdviceRows {
  /// A direction has no extent below this share of the largest eigenvalue.
  static constexpr double least_extent = 1e-9;

  Dense rows;                      ///< (N, d), columns of mean 0
  std::vector<double> covariance;  ///< (d) of these rows, the largest first
  /// (d) that of these and the unlabelled rows together, likewise
  std::vector<double> pooled;
  std::size_t pooled_rows = 0;
  std::size_t pooled_freedom = 0;  ///< these less the means that were taken away
  std::vector<double> labels;      ///< (N) of mean 0 and variance 1; empty without a target
  /// Columns that hardly vary: more than 1 - rare of their entries are the same, or all. Rows that
  /// show their rest are too few for anything to follow from covariances alone.
  std::vector<std::string> left_out;
  std::vector<std::string> counting;  ///< columns that go up by 1 from row to row
  std::size_t dependent = 0;  ///< directions without extent, as of columns that depend on others

  [[nodiscard]] std::size_t count() const { return rows.rows(); }
  [[nodiscard]] std::size_t features() const { return covariance.size(); }
  /// Whether the covariance of all rows can stand for a population's.
  [[nodiscard]] bool are_many() const {
    return count() >= 2 * features() && covariance.back() > least_extent * covariance.front();
  }
};

/// The further rows cannot be taken, the table can.
class UnlabelledError : public UsageError {
 public:
  using UsageError::UsageError;
};

/// Reads the table. Labels are numbers, or two words, which become -1 and 1 in the order of the
/// alphabet. Unlabelled rows may have the labels' column, which is passed over. O(N d^2 + d^3)
/// time. Throws `UsageError` for what is no such table.
[[nodiscard]] AdviceRows read_advice_rows(const AdviceTable& request);

}  // namespace driftwood::natgrad

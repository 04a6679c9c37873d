// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace driftwood::mcmc {

/// Rows of data that kernels read together.
inline constexpr int rows_together = 6;

/// Data of a regression: numbers that explain, and answers.
struct RegressionData {
  std::int64_t rows = 0;
  int columns = 0;                ///< with the intercept, if there is one, first
  std::vector<double> x;          ///< (rows, columns)
  std::vector<double> answers;    ///< (rows)
  int predictors = 1;             ///< linear ones of each row; of several classes one fewer
  std::vector<double> precision;  ///< (columns) of the prior of each coefficient
  double design_precision = 0;    ///< of the prior of each linear predictor

  [[nodiscard]] int coefficients() const { return predictors * columns; }
};

/// Rows as kernels read them.
[[nodiscard]] inline std::vector<double> grouped(const RegressionData& data) {
  const auto columns = static_cast<std::size_t>(data.columns);
  const auto rows = static_cast<std::size_t>(data.rows);
  const std::size_t groups = (rows + rows_together - 1) / rows_together;
  std::vector<double> out(groups * columns * rows_together);
  for (std::size_t r = 0; r < rows; ++r) {
    double* const to = &out[r / rows_together * rows_together * columns + r % rows_together];
    for (std::size_t j = 0; j < columns; ++j) to[j * rows_together] = data.x[r * columns + j];
  }
  return out;
}

}  // namespace driftwood::mcmc

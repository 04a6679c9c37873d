// SPDX-License-Identifier: BSD-3-Clause
#include "sde/correlation.hpp"

#include <cmath>

namespace driftwood::sde {

void require_correlation(const deck::Source& deck, const std::string& path, const Matrix& matrix,
                         std::size_t count, const std::string& one) {
  const std::string size = std::to_string(count) + " x " + std::to_string(count);
  const auto at = [](std::size_t i) { return "[" + std::to_string(i) + "]"; };
  const auto refuse = [&](const std::string& entry, const std::string& problem,
                          const std::string& hint) {
    throw deck.error(path + ".correlation" + entry, "'correlation" + entry + "' " + problem,
                     "a correlation matrix of these " + one + "s is " + size +
                         ", symmetric, with ones on its diagonal",
                     hint);
  };
  if (matrix.size() != count) {
    refuse("", "has length " + std::to_string(matrix.size()), "give one row per " + one);
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (matrix[i].size() != count) {
      refuse(at(i), "has length " + std::to_string(matrix[i].size()), "give one entry per " + one);
    }
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (matrix[i][i] != 1.0) refuse(at(i) + at(i), "is not 1", "write ones on the diagonal");
    for (std::size_t j = 0; j < i; ++j) {
      if (matrix[i][j] == matrix[j][i]) continue;
      refuse(at(i) + at(j), "differs from 'correlation" + at(j) + at(i) + "'", "make them equal");
    }
  }
  if (correlation_factor(matrix, count).empty()) {
    throw deck.error(path + ".correlation", "'correlation' is not positive definite",
                     "no random vector has these correlations without being degenerate",
                     "lower the absolute values of its entries");
  }
}

Matrix correlation_factor(const std::optional<Matrix>& matrix, std::size_t count) {
  Matrix l(count, std::vector<double>(count, 0.0));
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = i == j ? 1.0 : (matrix ? (*matrix)[i][j] : 0.0);
      for (std::size_t k = 0; k < j; ++k) sum -= l[i][k] * l[j][k];
      if (i == j && !(sum > 1e-14)) return {};
      l[i][j] = i == j ? std::sqrt(sum) : sum / l[j][j];
    }
  }
  return l;
}

}  // namespace driftwood::sde

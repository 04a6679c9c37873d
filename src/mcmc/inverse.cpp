// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/inverse.hpp"

#include <Eigen/Cholesky>

namespace driftwood::mcmc {

namespace {

Eigen::LLT<Eigen::MatrixXd> factored(const std::vector<std::vector<double>>& matrix) {
  const auto n = static_cast<Eigen::Index>(matrix.size());
  Eigen::MatrixXd a(n, n);
  for (Eigen::Index i = 0; i < n; ++i) {
    for (Eigen::Index j = 0; j < n; ++j) {
      a(i, j) = matrix[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)];
    }
  }
  return Eigen::LLT<Eigen::MatrixXd>(a);
}

}  // namespace

std::vector<double> inverse_of_positive(const std::vector<std::vector<double>>& matrix) {
  const auto factor = factored(matrix);
  if (factor.info() != Eigen::Success) return {};
  const auto n = static_cast<Eigen::Index>(matrix.size());
  const Eigen::MatrixXd inverse = factor.solve(Eigen::MatrixXd::Identity(n, n));
  return {inverse.data(), inverse.data() + inverse.size()};
}

std::vector<double> factor_of_positive(const std::vector<std::vector<double>>& matrix) {
  const auto factor = factored(matrix);
  if (factor.info() != Eigen::Success) return {};
  const Eigen::MatrixXd upper = factor.matrixU();  // by columns, as the lower one by rows
  return {upper.data(), upper.data() + upper.size()};
}

}  // namespace driftwood::mcmc

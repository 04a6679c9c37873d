// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/theory/rotated.hpp"

#include <fmt/format.h>

#include <Eigen/Eigenvalues>
#include <limits>

#include "base/error.hpp"

namespace driftwood::natgrad {
namespace {

using Matrix = Eigen::MatrixXd;
using Solver = Eigen::SelfAdjointEigenSolver<Matrix>;

Matrix symmetric(std::size_t d, std::span<const double> entries, const char* what) {
  if (d == 0 || entries.size() != d * d) {
    throw UsageError(fmt::format("{} has {} entries", what, entries.size()),
                     fmt::format("{} features make it {} x {}", d, d, d));
  }
  const auto n = static_cast<Eigen::Index>(d);
  const Matrix out = Eigen::Map<const Matrix>(entries.data(), n, n);
  if (!out.allFinite()) throw UsageError(fmt::format("{} has entries that are not finite", what));
  const double largest = out.cwiseAbs().maxCoeff();
  if ((out - out.transpose()).cwiseAbs().maxCoeff() > 1e-10 * largest) {
    throw UsageError(fmt::format("{} is not symmetric", what), "",
                     "take the mean of it and its transpose");
  }
  return (out + out.transpose()) / 2;
}

/// Eigenvalues below 0 by no more than rounding become 0. Throws for others.
Eigen::VectorXd without_rounding(const Eigen::VectorXd& values, const char* what) {
  const double largest = values.cwiseAbs().maxCoeff();
  const double rounding =
      std::numeric_limits<double>::epsilon() * static_cast<double>(values.size()) * largest;
  if (values.minCoeff() < -rounding) {
    throw UsageError(fmt::format("{} is not positive definite", what),
                     fmt::format("it has the eigenvalue {:.6g}", values.minCoeff()));
  }
  return (values.array() < rounding).select(0.0, values);
}

Solver solved(const Matrix& matrix, int options) {
  const Solver solver(matrix, options);
  if (solver.info() != Eigen::Success)
    throw NumericsError("an eigen-decomposition did not converge");
  return solver;
}

}  // namespace

Rotated rotate(std::size_t d, std::span<const double> features,
               std::span<const double> preconditioner, std::span<const double> prior) {
  const Matrix sigma = symmetric(d, features, "the covariance of the features");
  const Matrix p = symmetric(d, preconditioner, "the preconditioner");
  const Matrix theta = symmetric(d, prior, "the covariance of the prior");

  const Solver of_features = solved(sigma, Eigen::ComputeEigenvectors);
  const Eigen::VectorXd roots =
      without_rounding(of_features.eigenvalues(), "the covariance of the features").cwiseSqrt();
  // U sqrt(x), a root of Sigma_X that differs from the symmetric one by a rotation
  const Matrix root = of_features.eigenvectors() * roots.asDiagonal();
  const Solver of_g = solved(root.transpose() * p * root, Eigen::ComputeEigenvectors);
  const Eigen::VectorXd tau = without_rounding(of_g.eigenvalues(), "the preconditioner");
  const Matrix vectors = root * of_g.eigenvectors();
  const Eigen::VectorXd signal = (vectors.cwiseProduct(theta * vectors)).colwise().sum();

  return {{tau.data(), tau.data() + tau.size()}, {signal.data(), signal.data() + signal.size()}};
}

}  // namespace driftwood::natgrad

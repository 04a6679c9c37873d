// SPDX-License-Identifier: BSD-3-Clause
#include <Eigen/Dense>
#include <cmath>
#include <cstddef>
#include <span>

#include "base/error.hpp"
#include "stats/wasserstein.hpp"

namespace driftwood::stats {
namespace {

using Eigen::MatrixXd;

/// The symmetric root of a covariance.
MatrixXd root_of(std::span<const double> covariance, Eigen::Index dim) {
  const MatrixXd matrix = Eigen::Map<const MatrixXd>(covariance.data(), dim, dim);
  const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(matrix);
  const Eigen::VectorXd values = solver.eigenvalues();
  const double tolerance = 1e-10 * values.cwiseAbs().maxCoeff();
  if ((matrix - matrix.transpose()).cwiseAbs().maxCoeff() > tolerance) {
    throw NumericsError("a covariance is not symmetric");
  }
  if (values.minCoeff() < -tolerance) {
    throw NumericsError("a covariance is not positive semi-definite");
  }
  return solver.eigenvectors() * values.cwiseMax(0.0).cwiseSqrt().asDiagonal() *
         solver.eigenvectors().transpose();
}

}  // namespace

double wasserstein_normal(const NormalLaw& x, const NormalLaw& y) {
  const auto dim = static_cast<std::int64_t>(x.mean.size());
  check_points({x.mean, 1, dim}, {y.mean, 1, dim});
  check_points({x.covariance, dim, dim}, {y.covariance, dim, dim});
  const MatrixXd a = root_of(x.covariance, dim);
  const MatrixXd b = root_of(y.covariance, dim);
  const Eigen::JacobiSVD<MatrixXd> svd(b * a, Eigen::ComputeFullU | Eigen::ComputeFullV);
  const MatrixXd rotation = svd.matrixU() * svd.matrixV().transpose();
  return std::sqrt(squared_distance(x.mean, y.mean) + (a - b * rotation).squaredNorm());
}

}  // namespace driftwood::stats

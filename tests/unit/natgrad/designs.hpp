// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <cmath>
#include <limits>
#include <random>
#include <span>

#include "natgrad/theory/bias_variance.hpp"

namespace driftwood::test {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

inline Vector as_vector(std::span<const double> x) {
  return Eigen::Map<const Vector>(x.data(), static_cast<Eigen::Index>(x.size()));
}

inline Matrix normals(Eigen::Index rows, Eigen::Index columns, std::mt19937_64& engine) {
  std::normal_distribution<double> normal;
  return Matrix::NullaryExpr(rows, columns, [&] { return normal(engine); });
}

/// A uniformly distributed rotation, up to a reflection.
inline Matrix rotation(Eigen::Index d, std::mt19937_64& engine) {
  const Eigen::HouseholderQR<Matrix> qr(normals(d, d, engine));
  const Vector signs = qr.matrixQR().diagonal().cwiseSign();
  return qr.householderQ() * Matrix(signs.asDiagonal());
}

/// A symmetric positive definite matrix.
inline Matrix positive(Eigen::Index d, std::mt19937_64& engine) {
  const Matrix z = normals(d + 5, d, engine);
  return z.transpose() * z / static_cast<double>(d);
}

/// A = P X^T K^-1 (1 - exp(-t (K/n + ridge))) (K/n) / (K/n + ridge), with theta = A y, of K = X P
/// X^T. Takes P X^T instead of P, which may be known better.
inline Matrix estimate(const Matrix& x, const Matrix& px, double ridge = 0,
                       double time = std::numeric_limits<double>::infinity()) {
  const auto n = static_cast<double>(x.rows());
  const Eigen::SelfAdjointEigenSolver<Matrix> k(x * px / n);
  const Vector filter = k.eigenvalues().unaryExpr([&](double s) {
    // of fewer features than rows K has eigenvalues 0, in directions that P X^T has not
    const double shifted = std::max(s, 0.0) + ridge;
    if (shifted < 1e-11 * k.eigenvalues().maxCoeff()) return 0.0;
    return -std::expm1(-time * shifted) / shifted;
  });
  return px * k.eigenvectors() * filter.asDiagonal() * k.eigenvectors().transpose() / n;
}

/// Of a design, over theta* and noise.
inline natgrad::BiasVariance of_design(const Matrix& x, const Matrix& a, const Matrix& features,
                                       const Matrix& prior) {
  const Eigen::Index d = x.cols();
  const Matrix left = Matrix::Identity(d, d) - a * x;
  return {(left.transpose() * features * left).cwiseProduct(prior).sum() / static_cast<double>(d),
          (features * a).cwiseProduct(a).sum()};
}

/// A mean and its standard error, by Welford's updates.
struct Mean {
  void add(double x) {
    ++n;
    const double off = x - mean;
    mean += off / n;
    squares += off * (x - mean);
  }
  [[nodiscard]] double value() const { return mean; }
  [[nodiscard]] double standard_error() const { return std::sqrt(squares / (n - 1) / n); }

  double n = 0;
  double mean = 0;
  double squares = 0;  ///< of deviations from it
};

struct MeanBiasVariance {
  void add(const natgrad::BiasVariance& of) {
    bias.add(of.bias);
    variance.add(of.variance);
  }

  Mean bias{};
  Mean variance{};
};

}  // namespace driftwood::test

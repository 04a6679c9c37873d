// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <cmath>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "la/gram.hpp"

namespace driftwood::test {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

/// Row i is drawn by a generator of its own, so that any rank has any row.
inline la::RowsOf normal_rows(std::size_t d) {
  return [d](std::int64_t first, std::size_t n, double* to) {
    for (std::size_t i = 0; i < n; ++i) {
      std::mt19937_64 engine(1000 + static_cast<std::uint64_t>(first) + i);
      std::normal_distribution<double> normal;
      for (std::size_t j = 0; j < d; ++j) to[i + j * n] = normal(engine);
    }
  };
}

inline Matrix whole_design(std::size_t n, std::size_t d) {
  Matrix x(n, d);
  normal_rows(d)(0, n, x.data());
  return x;
}

/// (d) evenly spaced logarithms from 1 to 1/10
inline std::vector<double> weights(std::size_t d) {
  std::vector<double> p(d);
  for (std::size_t j = 0; j < d; ++j) {
    p[j] = std::pow(10.0, -static_cast<double>(j) / static_cast<double>(d - 1));
  }
  return p;
}

/// X P X^T / n + ridge
inline Matrix whole_gram(const Matrix& x, std::span<const double> p, double ridge) {
  const Eigen::Map<const Vector> scales(p.data(), static_cast<Eigen::Index>(p.size()));
  Matrix s = x * scales.asDiagonal() * x.transpose() / static_cast<double>(x.rows());
  s.diagonal().array() += ridge;
  return s;
}

/// Vectors of all rows (n, k), the same on every rank.
inline Matrix right_sides(std::size_t n, std::size_t k) {
  std::mt19937_64 engine(7);
  std::normal_distribution<double> normal;
  return Matrix::NullaryExpr(static_cast<Eigen::Index>(n), static_cast<Eigen::Index>(k),
                             [&] { return normal(engine); });
}

/// This rank's rows of them, as columns without gaps.
inline std::vector<double> own_part(const Matrix& of, const comm::Share& share) {
  const Matrix part = of.middleRows(share.first, share.count());
  return {part.data(), part.data() + part.size()};
}

/// The largest difference to this rank's rows of a matrix, over the largest entry of all.
inline double difference(std::span<const double> x, const Matrix& of, const comm::Share& share) {
  const std::vector<double> part = own_part(of, share);
  double largest = 0;
  for (std::size_t i = 0; i < part.size(); ++i) {
    largest = std::max(largest, std::abs(x[i] - part[i]));
  }
  return largest / of.cwiseAbs().maxCoeff();
}

}  // namespace driftwood::test

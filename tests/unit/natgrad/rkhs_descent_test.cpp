// SPDX-License-Identifier: BSD-3-Clause
// Claims: waves are orthonormal; descents follow the filters (1 - (1 - eta s)^t) / s of the
// eigenvalues s of what they descend, computed here by Eigen, on few rows and on many, with the
// operator itself and with estimates of it; estimates of ever more inputs become the operator.
#include <gtest/gtest.h>

#include <cmath>
#include <optional>
#include <vector>

#include "base/error.hpp"
#include "natgrad/rkhs/descent.hpp"
#include "natgrad/rkhs/series.hpp"
#include "unit/natgrad/kernel_points.hpp"

namespace {
using namespace driftwood;
using natgrad::Dense;
using natgrad::DescentMethod;
using natgrad::DesignKey;
using natgrad::RowSource;
using test::as_matrix;
using test::as_vector;
using test::Matrix;
using test::Vector;

constexpr DesignKey key{.seed = 4, .design = 2, .replica = 7};
constexpr std::size_t features = 60;

std::vector<double> eigenvalues() {
  std::vector<double> mu(features);
  natgrad::fill_decaying(2, mu);
  return mu;
}

std::vector<double> target(double source) {
  std::vector<double> c(features);
  natgrad::fill_target(eigenvalues(), source, c);
  return c;
}

Matrix waves(RowSource source, std::size_t n) {
  std::vector<double> inputs(n);
  natgrad::draw_uniforms(key, source, 0, inputs);
  Dense out;
  natgrad::fill_waves(inputs, features, out);
  return as_matrix(out);
}

TEST(Waves, AreOrthonormal) {
  constexpr std::size_t n = 128;  // equally many points integrate products of waves exactly
  std::vector<double> inputs(n);
  for (std::size_t i = 0; i < n; ++i) inputs[i] = static_cast<double>(i) / n;
  Dense e;
  natgrad::fill_waves(inputs, features, e);
  const Matrix gram = as_matrix(e).transpose() * as_matrix(e) / static_cast<double>(n);
  EXPECT_LT((gram - Matrix::Identity(features, features)).norm(), 1e-12);
}

TEST(Target, HasItsSourceAndLengthOne) {
  const std::vector<double> c = target(0.75);
  EXPECT_NEAR(as_vector(c).norm(), 1, 1e-14);
  EXPECT_LT(c[2], 0);
  EXPECT_GT(c[3], 0);
  EXPECT_NEAR(c[3] / c[1], std::pow(2.0, -1.5 - 0.55), 1e-14);
}

/// Risks after t steps by the eigenvalues of P^1/2 Sigma_hat P^1/2.
std::vector<double> expected(const DescentMethod& method, const std::vector<double>& c,
                             std::size_t n, double noise_sd, double step,
                             const std::vector<int>& times) {
  const Matrix e = waves(RowSource::design, n);
  std::vector<double> noise(n);
  natgrad::draw_rows(key, RowSource::hidden, natgrad::FeatureLaw::normal, 0, n,
                     std::vector<double>{noise_sd}, noise.data());
  const Vector y = e * as_vector(c) + as_vector(noise);
  const Vector mu = as_vector(eigenvalues());
  const Matrix root = mu.cwiseSqrt().asDiagonal();
  const Matrix covariance = root * e.transpose() * e * root / static_cast<double>(n);
  Matrix p = Matrix::Identity(features, features);
  if (method.alpha) {
    Matrix sigma = mu.asDiagonal();
    if (method.unlabelled > 0) {
      const Matrix z = waves(RowSource::unlabelled, method.unlabelled) * root;
      sigma = z.transpose() * z / static_cast<double>(method.unlabelled);
    }
    p = (sigma + *method.alpha * p).inverse();
  }
  const Matrix half = Eigen::SelfAdjointEigenSolver<Matrix>(p).operatorSqrt();
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(half * covariance * half);
  const Vector s = solver.eigenvalues();
  const Vector right =
      solver.eigenvectors().transpose() * half * root * e.transpose() * y / static_cast<double>(n);
  std::vector<double> out;
  for (const int t : times) {
    Vector filtered = right;
    for (Eigen::Index i = 0; i < s.size(); ++i) {
      const double eta = step / s.maxCoeff();
      filtered(i) *= s(i) > 1e-14 ? (1 - std::pow(1 - eta * s(i), t)) / s(i) : eta * t;
    }
    const Vector found = root * half * solver.eigenvectors() * filtered;
    out.push_back((found - as_vector(c)).squaredNorm());
  }
  return out;
}

TEST(Descents, FollowTheirFilters) {
  const std::vector<std::vector<double>> targets{target(0.5), target(0.75)};
  const std::vector<DescentMethod> methods{{0, std::nullopt, 0}, {0, 0.05, 0},  {1, 0.02, 300},
                                           {1, std::nullopt, 0}, {0, 0.01, 40}, {1, 0.01, 5000}};
  natgrad::Descents descents(eigenvalues(), targets);
  const std::vector<int> times{0, 1, 2, 7, 30};
  for (const std::size_t n : {std::size_t{20}, std::size_t{200}}) {
    descents.draw(key, n, 0.4);
    const std::vector<double> found = descents.risks(methods, 1.1, 30);
    ASSERT_EQ(found.size(), methods.size() * 31);
    for (std::size_t k = 0; k < methods.size(); ++k) {
      const auto want = expected(methods[k], targets[methods[k].target], n, 0.4, 1.1, times);
      for (std::size_t i = 0; i < times.size(); ++i) {
        const double risk = found[k * 31 + static_cast<std::size_t>(times[i])];
        // The largest eigenvalue is known to some 1e-6, and so are steps.
        EXPECT_NEAR(risk, want[i], 2e-5 * std::max(want[i], 0.1)) << n << " " << k << " " << i;
      }
    }
  }
}

TEST(Descents, ManyUnlabelledInputsAreAsGoodAsTheOperator) {
  natgrad::Descents descents(eigenvalues(), {target(0.5)});
  descents.draw(key, 100, 0.5);
  const std::vector<double> found =
      descents.risks({{0, 0.05, 0}, {0, 0.05, 300}, {0, 0.05, 30'000}}, 1, 5);
  const double off = std::abs(found[6 + 5] - found[5]);
  const double closer = std::abs(found[12 + 5] - found[5]);
  EXPECT_LT(closer, 0.01 * found[5]);
  EXPECT_LT(closer, off);
}

}  // namespace

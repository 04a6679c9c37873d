// SPDX-License-Identifier: BSD-3-Clause
// Claims: every kernel is the function that its formula, or the sum or integral behind it, defines;
// tiles of matrices hold what pairs of rows give, for rows that nearly agree too; matrices have no
// negative eigenvalues; products with tiles that are not kept are those with the matrix.
#include "natgrad/kernel/kernel.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "unit/natgrad/kernel_points.hpp"

namespace {
using namespace driftwood;
using natgrad::Kernel;
using natgrad::Points;
using test::as_matrix;
using test::kernel_matrix;
using test::Matrix;
using test::normal_points;
using Kind = Kernel::Kind;
constexpr double pi = std::numbers::pi;

std::vector<Kernel> all_kernels() {
  std::vector<Kernel> out{{Kind::rbf, 1.7},      {Kind::laplace, 2.1},
                          {Kind::matern12, 1.3}, {Kind::matern32, 0.9},
                          {Kind::matern52, 2.4}, {Kind::polynomial, 1.5, 1, 3},
                          {Kind::ntk, 1, 0.5}};
  for (int m = 0; m <= Kernel::most_arc; ++m) out.push_back({Kind::arc_cosine, 1, 0.3, m});
  for (int s = 1; s <= Kernel::most_smooth; ++s) out.push_back({Kind::torus_sobolev, 3, 0, s});
  return out;
}

std::string name_of(const Kernel& k) {
  return "kind " + std::to_string(static_cast<int>(k.kind)) + ", degree " +
         std::to_string(k.degree);
}

const std::vector<double> x{0.4, -1.2, 0.7};
const std::vector<double> y{1.1, 0.3, -0.2};

TEST(Kernel, FollowsItsFormulaOfDistance) {
  const double r = std::sqrt(0.7 * 0.7 + 1.5 * 1.5 + 0.9 * 0.9) / 1.6;
  EXPECT_NEAR((Kernel{Kind::rbf, 1.6}(x, y)), std::exp(-r * r / 2), 1e-15);
  EXPECT_NEAR((Kernel{Kind::laplace, 1.6}(x, y)), std::exp(-(0.7 + 1.5 + 0.9) / 1.6), 1e-15);
  EXPECT_NEAR((Kernel{Kind::matern12, 1.6}(x, y)), std::exp(-r), 1e-15);
  const double s3 = std::sqrt(3.0) * r;
  EXPECT_NEAR((Kernel{Kind::matern32, 1.6}(x, y)), (1 + s3) * std::exp(-s3), 1e-15);
  const double s5 = std::sqrt(5.0) * r;
  EXPECT_NEAR((Kernel{Kind::matern52, 1.6}(x, y)), (1 + s5 + s5 * s5 / 3) * std::exp(-s5), 1e-15);
  const double inner = 0.44 - 0.36 - 0.14;
  EXPECT_NEAR((Kernel{Kind::polynomial, 2, 0.5, 3}(x, y)), std::pow(inner / 4 + 0.5, 3), 1e-15);
}

/// E over normal w of 2 relu(w.x)^m relu(w.y)^m, which needs the plane of x and y alone: an
/// integral over an angle by the rule of midpoints.
double half_wave_mean(int m, const std::vector<double>& a, const std::vector<double>& b) {
  double aa = 0;
  double bb = 0;
  double ab = 0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    aa += a[k] * a[k];
    bb += b[k] * b[k];
    ab += a[k] * b[k];
  }
  const double theta = std::acos(ab / std::sqrt(aa * bb));
  constexpr int count = 200'000;
  const double low = theta - pi / 2;
  const double step = (pi - theta) / count;
  double sum = 0;
  for (int i = 0; i < count; ++i) {
    const double phi = low + (i + 0.5) * step;
    sum += std::pow(std::cos(phi) * std::cos(phi - theta), m) * step;
  }
  const double radius = m == 0 ? 1 : m == 1 ? 2 : 8;  // E r^2m in two dimensions
  return 2 * radius * sum / (2 * pi) * std::pow(aa * bb, m / 2.0);
}

TEST(Kernel, ArcCosineIsAMeanOverRectifiers) {
  for (int m = 0; m <= 2; ++m) {
    EXPECT_NEAR((Kernel{Kind::arc_cosine, 1, 0, m}(x, y)), half_wave_mean(m, x, y), 1e-8) << m;
    std::vector<double> xc = x;
    std::vector<double> yc = y;
    xc.push_back(0.8);
    yc.push_back(0.8);
    EXPECT_NEAR((Kernel{Kind::arc_cosine, 1, 0.8, m}(x, y)), half_wave_mean(m, xc, yc), 1e-8) << m;
  }
}

TEST(Kernel, TangentKernelIsThatOfBothLayers) {
  double xy = 0;
  for (std::size_t k = 0; k < x.size(); ++k) xy += x[k] * y[k];
  EXPECT_NEAR((Kernel{Kind::ntk}(x, y)), half_wave_mean(1, x, y) + xy * half_wave_mean(0, x, y),
              1e-8);
}

TEST(Kernel, TorusKernelIsItsSeries) {
  for (int s = 1; s <= Kernel::most_smooth; ++s) {
    double expected = 1;
    for (std::size_t k = 0; k < x.size(); ++k) {
      double series = 1;
      constexpr int terms = 200'000;
      for (int m = terms; m > 0; --m) {
        series += 2 * std::cos(2 * pi * m * (x[k] - y[k]) / 1.9) / std::pow(m, 2 * s);
      }
      expected *= series;
    }
    // The rest of the series oscillates: about 1 / terms^2 of it.
    EXPECT_NEAR((Kernel{Kind::torus_sobolev, 1.9, 0, s}(x, y)), expected, 2e-9) << s;
    std::vector<double> moved = y;
    moved[1] += 1.9;
    EXPECT_NEAR((Kernel{Kind::torus_sobolev, 1.9, 0, s}(x, moved)), expected, 2e-9) << s;
  }
}

TEST(Kernel, TilesHoldWhatPairsGive) {
  // Far from 0, where inner products cancel.
  for (const double centre : {0.3, 40.0}) {
    const Points points = normal_points(300, 4, centre);
    ASSERT_EQ(points.blocks(), 2u);
    for (const Kernel& k : all_kernels()) {
      const Matrix expected = kernel_matrix(k, points, points);
      const Matrix tiles = as_matrix(natgrad::cross(k, points, points));
      const double scale = expected.cwiseAbs().maxCoeff();
      EXPECT_LT((tiles - expected).cwiseAbs().maxCoeff(), 1e-11 * scale) << name_of(k) << centre;
      const Matrix lower = as_matrix(natgrad::gram(k, points));
      const Matrix difference = (lower - tiles).triangularView<Eigen::Lower>();
      EXPECT_EQ(difference.cwiseAbs().maxCoeff(), 0) << name_of(k);
    }
  }
}

TEST(Kernel, RowsThatNearlyAgreeKeepTheirDistance) {
  const Points points = normal_points(10, 4, 40.0);
  const natgrad::Dense k = natgrad::gram({Kind::matern12, 1e-3}, points);
  // They differ by 1e-7, up to the rounding of rows near 40.
  EXPECT_NEAR(k(9, 0), std::exp(-1e-4), 1e-10);
  EXPECT_EQ(k(3, 3), 1);
}

TEST(Kernel, MatricesArePositive) {
  const Points points = normal_points(120, 3);
  for (const Kernel& k : all_kernels()) {
    const Eigen::SelfAdjointEigenSolver<Matrix> solver(kernel_matrix(k, points, points));
    const Eigen::VectorXd values = solver.eigenvalues();
    EXPECT_GT(values.minCoeff(), -1e-13 * values.maxCoeff()) << name_of(k);
    EXPECT_GT(values.maxCoeff(), 0) << name_of(k);
  }
}

TEST(Kernel, ProductsNeedNoMatrix) {
  const Points a = normal_points(270, 3);
  const Points b = normal_points(530, 3, -0.1);
  const natgrad::Dense v = test::normal_labels(530, 2);
  for (const Kernel& k : all_kernels()) {
    const Matrix expected = as_matrix(natgrad::cross(k, a, b)) * as_matrix(v);
    const Matrix found = as_matrix(natgrad::apply(k, a, b, v));
    EXPECT_LT((found - expected).norm(), 1e-12 * expected.norm()) << name_of(k);
  }
}

TEST(Kernel, LengthIsTheMedianDistance) {
  // Distances 1, 2, 4 and the sums between neighbours of 0, 1, 3, 7: 1 2 3 4 6 7.
  const Points points(std::vector<double>{0, 1, 3, 7}, 1);
  EXPECT_EQ(natgrad::median_distance({Kind::rbf}, points), 4);
  const Points flat(std::vector<double>{0, 0, 3, 4}, 2);
  EXPECT_EQ(natgrad::median_distance({Kind::rbf}, flat), 5);
  EXPECT_EQ(natgrad::median_distance({Kind::laplace}, flat), 7);
  const Points same(std::vector<double>{1, 1, 1}, 1);
  EXPECT_THROW((void)natgrad::median_distance({Kind::rbf}, same), UsageError);
}

}  // namespace

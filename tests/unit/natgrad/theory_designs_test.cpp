// SPDX-License-Identifier: BSD-3-Clause
// Claims: bias and variance of every preconditioner, with a ridge, stopped in time, or both, are
// means over normal designs of n = 128 rows, whether there are more features or fewer: within 4
// standard errors of 24 designs and 3/n of the value, which is how far a size of 128 may be from
// the limit.
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>

#include "natgrad/theory/predictor.hpp"
#include "unit/natgrad/designs.hpp"
#include "unit/natgrad/populations.hpp"

namespace {
using namespace driftwood;
using test::as_vector;
using test::Matrix;
using test::Vector;

constexpr Eigen::Index rows = 128;
constexpr int designs = 24;
constexpr int seed = 11;

/// P X^T of a fixed preconditioner, or of one that draws rows.
Matrix preconditioned(const natgrad::Preconditioner& of, const Matrix& x, const test::Named& named,
                      std::mt19937_64& engine) {
  using Kind = natgrad::Preconditioner::Kind;
  const Eigen::Index d = x.cols();
  if (of.kind == Kind::fisher_sample) {
    const double rho = 1e-6;  // of tr(Sigma_X) / d = 1
    const Matrix sample = x.transpose() * x / static_cast<double>(rows);
    return (sample + rho * Matrix::Identity(d, d)).llt().solve(x.transpose());
  }
  if (of.kind == Kind::fisher_estimate) {
    const Matrix z =
        test::normals(of.rows, d, engine) * as_vector(named.features).cwiseSqrt().asDiagonal();
    return (z.transpose() * z / static_cast<double>(of.rows)).llt().solve(x.transpose());
  }
  std::vector<double> p(static_cast<std::size_t>(d));
  of.fill(named.features, named.prior, p);
  return as_vector(p).asDiagonal() * x.transpose();
}

class OfDesigns : public ::testing::TestWithParam<const char*> {};

TEST_P(OfDesigns, AreAsPredicted) {
  natgrad::Predictor predict;
  for (const double gamma : {0.5, 2.0}) {
    const auto d = static_cast<std::size_t>(gamma * rows);
    const test::Named named("geometric", 0.5, gamma, d);
    const Matrix features = as_vector(named.features).asDiagonal();
    const Matrix prior = as_vector(named.prior).asDiagonal();
    const std::array<std::pair<double, double>, 4> cases = {
        {{0.2, INFINITY}, {0, 1.5}, {0.2, 1.5}, {0, 20}}};
    std::array<test::MeanBiasVariance, cases.size()> found;
    std::mt19937_64 engine(seed);
    const auto p = natgrad::Preconditioner::parse(GetParam());
    for (int i = 0; i < designs; ++i) {
      const Matrix x = test::normals(rows, features.rows(), engine) * features.cwiseSqrt();
      const Matrix px = preconditioned(p, x, named, engine);
      for (std::size_t k = 0; k < cases.size(); ++k) {
        const Matrix a = test::estimate(x, px, cases[k].first, cases[k].second);
        found[k].add(test::of_design(x, a, features, prior));
      }
    }
    for (std::size_t k = 0; k < cases.size(); ++k) {
      const std::string where = "gamma " + std::to_string(gamma) + " ridge " +
                                std::to_string(cases[k].first) + " time " +
                                std::to_string(cases[k].second);
      const auto expected = predict(named.population(), {p, cases[k].first, cases[k].second});
      const auto near = [&](const test::Mean& mean, double value, const char* what) {
        EXPECT_NEAR(mean.value(), value, 4 * mean.standard_error() + 3.0 / rows * value)
            << what << ", " << where << ", seed " << seed;
      };
      near(found[k].bias, expected.bias, "bias");
      near(found[k].variance, expected.variance, "variance");
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, OfDesigns,
                         ::testing::Values("gd", "ngd", "add:0.3", "fisher_estimate:400",
                                           "fisher_sample"));
}  // namespace

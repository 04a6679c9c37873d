// SPDX-License-Identifier: BSD-3-Clause
// Claims: the anchors of the acceptance list (N3, in their order): closed forms, exact means over
// designs of n = 20 rows and d = 40 features (2000 designs, 4 standard errors), and what holds of
// every design. Seeds are fixed. Of the 6 means each would miss by chance with probability 6e-5.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <iostream>
#include <random>

#include "base/error.hpp"
#include "natgrad/theory/estimated_fisher.hpp"
#include "natgrad/theory/predictor.hpp"
#include "unit/natgrad/designs.hpp"
#include "unit/natgrad/populations.hpp"

namespace {
using namespace driftwood;
using natgrad::BiasVariance;
using natgrad::Companion;
using natgrad::Predictor;
using test::as_vector;
using test::estimate;
using test::estimator;
using test::Matrix;
using test::Named;
using test::Vector;

constexpr Eigen::Index rows = 20;
constexpr Eigen::Index columns = 40;
constexpr int designs = 2000;

/// Normal rows of diagonal covariance.
Matrix normal_rows(Eigen::Index n, const Vector& features, std::mt19937_64& engine) {
  return test::normals(n, features.size(), engine) * features.cwiseSqrt().asDiagonal();
}

Matrix inverse(const Matrix& positive) {
  return positive.llt().solve(Matrix::Identity(positive.rows(), positive.cols()));
}

void expect_mean(const char* what, const test::Mean& found, double expected) {
  std::cout << what << ": " << found.value() << " +- " << found.standard_error() << ", exactly "
            << expected << "\n";
  EXPECT_NEAR(found.value(), expected, 4 * found.standard_error()) << what;
  EXPECT_LT(found.standard_error(), 0.01 * expected) << what;
}

/// Means over designs with the P X^T of `precondition(x, engine)`.
template <class Precondition>
test::MeanBiasVariance over_designs(std::uint64_t seed, const Named& named,
                                    const Precondition& precondition) {
  std::cout << designs << " designs of seed " << seed << "\n";
  std::mt19937_64 engine(seed);
  const Vector features = as_vector(named.features);
  const Matrix prior = as_vector(named.prior).asDiagonal();
  test::MeanBiasVariance out;
  for (int i = 0; i < designs; ++i) {
    const Matrix x = normal_rows(rows, features, engine);
    const Matrix px = precondition(x, engine);
    out.add(test::of_design(x, estimate(x, px), features.asDiagonal(), prior));
  }
  return out;
}

TEST(TheoryN3, Item1NaturalGradientIsExactAtEverySize) {
  const Named named("geometric", 0.5, 2, columns);
  const Vector inverse_features = as_vector(named.features).cwiseInverse();

  const auto found = over_designs(1, named, [&](const Matrix& x, std::mt19937_64&) -> Matrix {
    return inverse_features.asDiagonal() * x.transpose();
  });

  expect_mean("bias", found.bias, 0.5);
  expect_mean("variance", found.variance, 20.0 / 19);
  const auto exact = natgrad::estimated_fisher(rows, columns, INFINITY);
  EXPECT_EQ(exact.bias, 0.5);
  EXPECT_NEAR(exact.variance, 20.0 / 19, 1e-15);
  Predictor predict;
  const auto limit = predict(named.population(), estimator("ngd"));
  EXPECT_NEAR(limit.bias, 0.5, 1e-13);
  EXPECT_NEAR(limit.variance, 1, 1e-13);
}

TEST(TheoryN3, Item2TwoPoints) {
  for (const double ratio : {1.5, 20.0, 1000.0}) {
    std::vector<double> tau(10);
    natgrad::Spectrum::named("twopoint", ratio).fill(tau);
    const Companion found(tau, 2);
    EXPECT_NEAR(found.m() * std::sqrt(tau.front() * tau.back()), 1, 1e-13);
    const double expected = (std::sqrt(ratio) + 1 / std::sqrt(ratio)) / 2;
    EXPECT_NEAR(found.variance() / expected, 1, 1e-12);
  }
}

TEST(TheoryN3, Item3BiasOfThePrior) {
  for (const double r : {1.0, 0.0, -0.5}) {
    for (const double gamma : {1.2, 3.0}) {
      const auto c = Named("geometric", r, gamma).signal();
      const Companion found(c, gamma);
      EXPECT_NEAR(found.bias(c) * gamma * found.m(), 1, 1e-12);
    }
  }
}

TEST(TheoryN3, Item4NaturalGradientHasTheLeastVariance) {
  std::mt19937_64 engine(4);
  std::lognormal_distribution<double> any(0, 1.5);
  for (int i = 0; i < 200; ++i) {
    std::vector<double> tau(30);
    for (double& t : tau) t = any(engine);
    const double gamma = 1.05 + i * 0.03;
    EXPECT_GT(Companion(tau, gamma).variance(), 1 / (gamma - 1));
    std::fill(tau.begin(), tau.end(), 3.7);
    EXPECT_NEAR(Companion(tau, gamma).variance() * (gamma - 1), 1, 1e-11);
  }
}

TEST(TheoryN3, Item5ThePriorIsOptimalForEveryDesign) {
  // also where nothing commutes, and with noise as a ridge of noise d / n
  std::mt19937_64 engine(5);
  const Matrix features = test::positive(columns, engine);
  const Matrix root = features.llt().matrixL();
  const Matrix prior = test::positive(columns, engine);
  for (int i = 0; i < 20; ++i) {
    const Matrix x = test::normals(rows, columns, engine) * root.transpose();
    const auto risk = [&](const Matrix& p, double ridge, double noise) {
      return test::of_design(x, estimate(x, p * x.transpose(), ridge), features, prior).risk(noise);
    };
    for (const double noise : {0.0, 0.3}) {
      const double ridge = noise * columns / rows;
      const double best = risk(prior, ridge, noise);
      for (int other = 0; other < 5; ++other) {
        EXPECT_GT(risk(test::positive(columns, engine), ridge, noise), best);
        const Matrix near = prior + 0.05 * test::positive(columns, engine);
        EXPECT_GT(risk(near, ridge, noise), best);
      }
      EXPECT_GT(risk(prior, 1.05 * ridge + 1e-3, noise), best);
      if (noise > 0) {
        EXPECT_GT(risk(prior, 0.95 * ridge, noise), best);
      }
    }
  }
}

TEST(TheoryN3, Item6TheFisherMatrixOfTheSampleChangesNothing) {
  std::mt19937_64 engine(6);
  const Named named("geometric", 0, 2, columns);
  const Matrix x = normal_rows(rows, as_vector(named.features), engine);
  const Matrix sample = x.transpose() * x / static_cast<double>(rows);
  const Matrix plain = estimate(x, x.transpose());
  for (const double rho : {1e-3, 0.1, 1.0, 30.0}) {
    const Matrix damped = sample + rho * Matrix::Identity(columns, columns);
    EXPECT_LT((estimate(x, damped.llt().solve(x.transpose())) - plain).cwiseAbs().maxCoeff(),
              1e-10);
  }
  const Matrix pseudo_inverse = sample.completeOrthogonalDecomposition().pseudoInverse();
  EXPECT_LT((estimate(x, pseudo_inverse * x.transpose()) - plain).cwiseAbs().maxCoeff(), 1e-10);
  // while that of the population does
  const Vector inverse_features = as_vector(named.features).cwiseInverse();
  EXPECT_GT(
      (estimate(x, inverse_features.asDiagonal() * x.transpose()) - plain).cwiseAbs().maxCoeff(),
      0.1);

  Predictor predict;
  const auto gd = predict(named.population(), estimator("gd"));
  const auto of_sample = predict(named.population(), estimator("fisher_sample"));
  EXPECT_NEAR(of_sample.bias, gd.bias, 1e-10);
  EXPECT_NEAR(of_sample.variance, gd.variance, 1e-10);
}

TEST(TheoryN3, Item7RowsOfTheSampleAmongTheUnlabelledChangeNothing) {
  std::mt19937_64 engine(7);
  const Named named("geometric", 0, 2, columns);
  const Vector features = as_vector(named.features);
  const Matrix x = normal_rows(rows, features, engine);
  const Matrix z = normal_rows(80, features, engine);
  const Matrix of_z = estimate(x, inverse(z.transpose() * z) * x.transpose());
  const Matrix of_both =
      estimate(x, inverse(z.transpose() * z + x.transpose() * x) * x.transpose());
  EXPECT_LT((of_both - of_z).cwiseAbs().maxCoeff(), 1e-10);
}

TEST(TheoryN3, Item8EstimatedFisherMatrices) {
  const Named named("geometric", 0.5, 2, columns);
  const Vector features = as_vector(named.features);
  const auto fisher = [&](Eigen::Index u, bool with_sample) {
    return [&, u, with_sample](const Matrix& x, std::mt19937_64& engine) -> Matrix {
      const Matrix z = normal_rows(u, features, engine);
      Matrix sum = z.transpose() * z;
      if (with_sample) sum += x.transpose() * x;
      return sum.llt().solve(x.transpose());
    };
  };

  const auto few = over_designs(8, named, fisher(30, true));
  const auto many = over_designs(9, named, fisher(80, false));

  const auto exact_few = natgrad::estimated_fisher(rows, columns, 30);
  expect_mean("bias, 30 unlabelled rows", few.bias, exact_few.bias);
  expect_mean("variance, 30 unlabelled rows", few.variance, exact_few.variance);
  EXPECT_NEAR(exact_few.bias, 1.6111, 5e-5);
  EXPECT_NEAR(exact_few.variance, 3.3918, 5e-5);
  const auto exact_many = natgrad::estimated_fisher(rows, columns, 80);
  expect_mean("bias, 80 unlabelled rows", many.bias, exact_many.bias);
  expect_mean("variance, 80 unlabelled rows", many.variance, exact_many.variance);
  EXPECT_NEAR(exact_many.bias, .66949, 5e-6);
  EXPECT_NEAR(exact_many.variance, 1.40946, 5e-6);
  const auto other = natgrad::estimated_fisher(30, 45, 25);
  EXPECT_NEAR(other.bias, 1.4444, 5e-5);
  EXPECT_NEAR(other.variance, 5.7143, 5e-5);
}

TEST(TheoryN3, Item8LimitOfEstimatedFisherMatrices) {
  const std::array<double, 7> psi = {1.25, 1.5, 2, 4, 10, 50, INFINITY};
  const std::array<double, 7> bias = {.8333, .75, .6667, .5714, .5263, .5051, .5};
  const std::array<double, 7> variance = {1.6667, 1.5, 1.3333, 1.1429, 1.0526, 1.0101, 1};
  for (std::size_t i = 0; i < psi.size(); ++i) {
    const auto limit = natgrad::estimated_fisher_limit(2, psi[i]);
    EXPECT_NEAR(limit.bias, bias[i], 5e-5);
    EXPECT_NEAR(limit.variance, variance[i], 5e-5);
    const auto large = natgrad::estimated_fisher(500'000, 1'000'000, 1e6 * psi[i]);
    EXPECT_NEAR(large.bias, limit.bias, 1e-5);
    EXPECT_NEAR(large.variance, limit.variance, 1e-5);
  }
  EXPECT_THROW(static_cast<void>(natgrad::estimated_fisher(20, 40, 21)), UsageError);
  EXPECT_NO_THROW(static_cast<void>(natgrad::estimated_fisher(20, 40, 22)));
  EXPECT_THROW(static_cast<void>(natgrad::estimated_fisher(39, 40, 80)), UsageError);
  EXPECT_THROW(static_cast<void>(natgrad::estimated_fisher_limit(2, 0.5)), UsageError);
  EXPECT_THROW(static_cast<void>(natgrad::estimated_fisher_limit(1, 2)), UsageError);
}

TEST(TheoryN3, Item8QuantilesOfTheEstimateGiveTheLimit) {
  // P of a white sample is free of the features: the general formula has the closed form as its
  // value.
  std::vector<double> x(2000);
  const std::vector<double> c(x.size(), 1.0);
  for (const double psi : {1.25, 2.0, 10.0}) {
    natgrad::fill_white_sample(1 / psi, x);
    double mean = 0;
    for (const double v : x) mean += v / 2000;
    EXPECT_NEAR(mean, 1, 1e-3);
    EXPECT_NEAR(x.front(), std::pow(1 + std::sqrt(1 / psi), 2), 0.05);
    for (double& v : x) v = 1 / v;
    for (const double gamma : {1.5, 4.0}) {
      const auto limit = natgrad::estimated_fisher_limit(gamma, psi);
      const Companion found(x, gamma);
      EXPECT_NEAR(found.bias(c), limit.bias, 1e-3 * limit.bias) << psi;
      EXPECT_NEAR(found.variance(), limit.variance, 1e-3 * limit.variance) << psi;
    }
  }
  EXPECT_THROW(natgrad::fill_white_sample(1.1, x), UsageError);
}
}  // namespace

// SPDX-License-Identifier: BSD-3-Clause
// Claims: matrices that do not commute give what their rotations give (N2 of the acceptance list),
// what eigenvalues give where they do, the reference of a rotated prior, and means over designs.
#include <gtest/gtest.h>

#include <cmath>
#include <iostream>
#include <random>

#include "base/error.hpp"
#include "natgrad/theory/companion.hpp"
#include "natgrad/theory/flow.hpp"
#include "natgrad/theory/rotated.hpp"
#include "unit/natgrad/designs.hpp"
#include "unit/natgrad/populations.hpp"

namespace {
using namespace driftwood;
using natgrad::BiasVariance;
using natgrad::Companion;
using natgrad::Rotated;
using test::as_vector;
using test::Matrix;
using test::Named;

std::span<const double> entries(const Matrix& m) {
  return {m.data(), static_cast<std::size_t>(m.size())};
}

Rotated rotate(const Matrix& features, const Matrix& preconditioner, const Matrix& prior) {
  return natgrad::rotate(static_cast<std::size_t>(features.rows()), entries(features),
                         entries(preconditioner), entries(prior));
}

BiasVariance risk(const Matrix& features, const Matrix& preconditioner, const Matrix& prior,
                  double gamma, double ridge = 0) {
  const Rotated of = rotate(features, preconditioner, prior);
  return Companion(of.tau, gamma, ridge).bias_variance(of.signal);
}

TEST(TheoryN2, RotationsChangeNothing) {
  std::mt19937_64 engine(21);
  const Matrix features = test::positive(30, engine);
  const Matrix p = test::positive(30, engine);
  const Matrix prior = test::positive(30, engine);
  const Matrix q = test::rotation(30, engine);
  const auto turned = [&](const Matrix& m) -> Matrix { return q * m * q.transpose(); };
  for (const double ridge : {0.0, 0.4}) {
    const auto one = risk(features, p, prior, 1.7, ridge);
    const auto other = risk(turned(features), turned(p), turned(prior), 1.7, ridge);
    EXPECT_NEAR(other.bias, one.bias, 1e-10);
    EXPECT_NEAR(other.variance, one.variance, 1e-10);
  }
  const Rotated one = rotate(features, p, prior);
  const Rotated other = rotate(turned(features), turned(p), turned(prior));
  natgrad::Flow flow;
  flow.begin(one.tau, 1.7, 0, 2);
  const auto first = flow.bias_variance(one.signal);
  flow.begin(other.tau, 1.7, 0, 2);
  EXPECT_NEAR(flow.bias(other.signal), first.bias, 1e-10);
  EXPECT_NEAR(flow.variance(), first.variance, 1e-10);
}

TEST(TheoryRotated, IsTheProductOfEigenvaluesWhereMatricesCommute) {
  std::mt19937_64 engine(22);
  const Named named("geometric", 0.5, 2, 40);
  const Matrix q = test::rotation(40, engine);
  const auto turned = [&](const std::vector<double>& values) -> Matrix {
    return q * as_vector(values).asDiagonal() * q.transpose();
  };
  natgrad::Predictor predict;
  for (const char* name : {"gd", "ngd", "opt", "add:0.5", "pow:0.5"}) {
    std::vector<double> p(40);
    natgrad::Preconditioner::parse(name).fill(named.features, named.prior, p);
    const auto expected = predict(named.population(), test::estimator(name));
    const auto found = risk(turned(named.features), turned(p), turned(named.prior), 2);
    EXPECT_NEAR(found.bias, expected.bias, 1e-10) << name;
    EXPECT_NEAR(found.variance, expected.variance, 1e-10) << name;
  }
}

TEST(TheoryRotated, OptimumWithoutCommonEigenvectors) {
  // bias is least for the prior itself, and there 1 / (gamma m); diagonal entries are the best that
  // the eigenvectors of the features allow
  std::mt19937_64 engine(23);
  const Matrix features = as_vector(Named("geometric", 0, 2, 60).features).asDiagonal();
  const Matrix prior = test::positive(60, engine);
  const Matrix diagonal = prior.diagonal().asDiagonal();
  const Rotated of = rotate(features, prior, prior);
  const Companion best(of.tau, 2);
  EXPECT_NEAR(best.bias(of.signal) * 2 * best.m(), 1, 1e-11);
  const double best_diagonal = risk(features, diagonal, prior, 2).bias;
  EXPECT_GT(best_diagonal, best.bias(of.signal));
  for (int i = 0; i < 20; ++i) {
    const Matrix p = prior + 0.05 * test::positive(60, engine);
    EXPECT_GT(risk(features, p, prior, 2).bias, best.bias(of.signal));
    const Matrix near =
        (prior.diagonal() + 0.05 * test::normals(60, 1, engine).cwiseAbs()).asDiagonal();
    EXPECT_GT(risk(features, near, prior, 2).bias, best_diagonal);
  }
}

TEST(TheoryRotated, ReferenceOfARotatedPrior) {
  // The reference is of one rotation whose seed is not known: it must lie within 4 standard
  // deviations of ours (one of 8 rotations, and their mean), and half of its last digit.
  std::mt19937_64 engine(24);
  constexpr int rotations = 8;
  const Matrix features = as_vector(Named("geometric", 0, 2).features).asDiagonal();
  const Matrix inverse = features.diagonal().cwiseInverse().asDiagonal();
  const test::Vector two = as_vector(Named("twopoint", 0, 2).features);
  struct Reference {
    const char* name;
    BiasVariance value;
    test::MeanBiasVariance found{};
  };
  std::array<Reference, 4> all = {{{"gd", {.2335, 1.8143}},
                                   {"ngd", {.5, 1}},
                                   {"diagonal of the prior", {.2330, 1.8146}},
                                   {"prior", {.0995, 3.1550}}}};
  for (int i = 0; i < rotations; ++i) {
    const Matrix q = test::rotation(400, engine);
    Matrix prior = q * two.asDiagonal() * q.transpose();
    prior = (prior + prior.transpose().eval()) / 2;
    prior /= features.cwiseProduct(prior).sum() / 400;  // null risk 1
    const Matrix diagonal = prior.diagonal().asDiagonal();
    all[0].found.add(risk(features, Matrix::Identity(400, 400), prior, 2));
    all[1].found.add(risk(features, inverse, prior, 2));
    all[2].found.add(risk(features, diagonal, prior, 2));
    all[3].found.add(risk(features, prior, prior, 2));
  }
  const auto near = [](const char* name, const test::Mean& mean, double value) {
    const double deviation = mean.standard_error() * std::sqrt(rotations + 1.0);
    std::cout << name << ": " << mean.value() << ", of one rotation +- " << deviation << "\n";
    EXPECT_NEAR(mean.value(), value, 4 * deviation + 5e-5) << name;
    EXPECT_LT(deviation, 0.02 * value) << name;
  };
  for (const Reference& one : all) {
    near(one.name, one.found.bias, one.value.bias);
    near(one.name, one.found.variance, one.value.variance);
  }
}

TEST(TheoryRotated, MeansOverDesigns) {
  std::mt19937_64 engine(25);
  constexpr Eigen::Index rows = 100;
  const Matrix features = test::positive(200, engine);
  const Matrix p = test::positive(200, engine);
  const Matrix prior = test::positive(200, engine);
  const Matrix root = features.llt().matrixL();
  test::MeanBiasVariance to_the_end;
  test::MeanBiasVariance stopped;
  for (int i = 0; i < 24; ++i) {
    const Matrix x = test::normals(rows, 200, engine) * root.transpose();
    const Matrix px = p * x.transpose();
    to_the_end.add(test::of_design(x, test::estimate(x, px), features, prior));
    stopped.add(test::of_design(x, test::estimate(x, px, 0.1, 3), features, prior));
  }
  const Rotated of = rotate(features, p, prior);
  const auto near = [](const test::MeanBiasVariance& found, const BiasVariance& expected) {
    EXPECT_NEAR(found.bias.value(), expected.bias,
                4 * found.bias.standard_error() + 3.0 / rows * expected.bias);
    EXPECT_NEAR(found.variance.value(), expected.variance,
                4 * found.variance.standard_error() + 3.0 / rows * expected.variance);
  };
  near(to_the_end, Companion(of.tau, 2).bias_variance(of.signal));
  natgrad::Flow flow;
  flow.begin(of.tau, 2, 0.1, 3);
  near(stopped, flow.bias_variance(of.signal));
}

TEST(TheoryRotated, RefusesMatricesThatAreNone) {
  const Matrix one = Matrix::Identity(3, 3);
  Matrix asymmetric = one;
  asymmetric(0, 1) = 0.1;
  Matrix indefinite = one;
  indefinite(2, 2) = -0.5;
  Matrix broken = one;
  broken(1, 1) = NAN;
  Matrix singular = one;
  singular(1, 1) = 0;
  EXPECT_THROW(rotate(one, asymmetric, one), UsageError);
  EXPECT_THROW(rotate(one, indefinite, one), UsageError);
  EXPECT_THROW(rotate(indefinite, one, one), UsageError);
  EXPECT_THROW(rotate(one, one, broken), UsageError);
  EXPECT_THROW(rotate(one, Matrix::Identity(2, 2), one), UsageError);
  EXPECT_EQ(rotate(singular, one, one).tau.front(), 0);
  try {
    rotate(one, indefinite, one);
  } catch (const UsageError& error) {
    EXPECT_STREQ(error.what(),
                 "the preconditioner is not positive definite (it has the eigenvalue -0.5)");
  }
}
}  // namespace

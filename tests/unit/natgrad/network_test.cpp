// SPDX-License-Identifier: BSD-3-Clause
// Claims: gradients of networks are derivatives of their losses, for every activation and loss;
// rows of Jacobians multiply as the stored ones do; the dual form, conjugate gradients and an
// inverse by Eigen are the same natural gradient; K-FAC is exact for one linear layer; limits of a
// linearised network are the formula that defines them, and the Fisher matrix of the sample does
// not move them.
#include "natgrad/network/network.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/error.hpp"
#include "natgrad/ensemble/draw.hpp"
#include "natgrad/network/fisher.hpp"
#include "natgrad/network/linearised.hpp"
#include "natgrad/network/loss.hpp"
#include "unit/natgrad/designs.hpp"

namespace {
using namespace driftwood;
using natgrad::Activation;
using natgrad::Architecture;
using natgrad::Dense;
using natgrad::FisherMethod;
using natgrad::JacobianRows;
using natgrad::Layers;
using natgrad::Loss;
using natgrad::Pass;
using test::Matrix;
using test::Vector;

Dense drawn(std::uint32_t which, std::size_t rows, std::size_t columns, double sd = 1) {
  Dense out(rows, columns);
  const std::vector<double> scales(columns, sd);
  natgrad::draw_rows({.seed = 23, .design = which, .replica = 1}, natgrad::RowSource::design,
                     natgrad::FeatureLaw::normal, 0, rows, scales, out.data());
  return out;
}

Layers drawn_parameters(const Architecture& of, std::uint32_t which = 100) {
  Layers out;
  for (std::size_t l = 0; l < of.layers(); ++l) {
    out.push_back(drawn(which++, of.widths[l + 1], of.inputs(l),
                        1 / std::sqrt(static_cast<double>(of.inputs(l)))));
  }
  return out;
}

/// Targets that every loss takes.
Dense targets(std::size_t outputs, std::size_t n) {
  Dense y(outputs, n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < outputs; ++k) y(k, i) = k == i % outputs ? 1 : 0;
  }
  return y;
}

Matrix as_matrix(const Dense& x) {
  return Eigen::Map<const Matrix>(x.data(), static_cast<Eigen::Index>(x.rows()),
                                  static_cast<Eigen::Index>(x.columns()));
}

/// In the order of `JacobianRows::stored`.
Vector flat(const Layers& x) {
  Vector out(static_cast<Eigen::Index>(natgrad::size_of(x)));
  Eigen::Index at = 0;
  for (const Dense& layer : x) {
    for (std::size_t i = 0; i < layer.rows() * layer.columns(); ++i) out[at++] = layer.data()[i];
  }
  return out;
}

constexpr Activation activations[] = {Activation::identity, Activation::tanh, Activation::relu,
                                      Activation::gelu, Activation::softplus};
constexpr Loss losses[] = {Loss::squared, Loss::logistic, Loss::softmax};

/// A network with samples.
struct Case {
  Architecture of;
  Layers theta;
  Dense x;
  Dense y;
  Pass pass{};

  Case(Activation activation, std::size_t outputs, std::size_t n = 9, bool has_biases = true)
      : of{.widths = {5, 7, 6, outputs},
           .activation = activation,
           .gains = {1.5, 1, 0.7},
           .has_biases = has_biases},
        theta(drawn_parameters(of)),
        x(drawn(1, 5, n)),
        y(targets(outputs, n)) {
    natgrad::forward(of, theta, x, pass);
  }
  [[nodiscard]] double loss(Loss by, const Layers& at) const {
    Pass there;
    natgrad::forward(of, at, x, there);
    return natgrad::mean_loss(by, there.outputs, y);
  }
  [[nodiscard]] Layers gradient(Loss by) const {
    Dense residual;
    natgrad::residuals(by, pass.outputs, y, residual);
    std::vector<Dense> signals;
    natgrad::backward(of, theta, pass, residual, signals);
    Layers out;
    natgrad::gradient(pass, signals, out);
    natgrad::scale(1 / static_cast<double>(x.columns()), out);
    return out;
  }
  [[nodiscard]] JacobianRows rows(Loss by) const {
    return {of, theta, pass, natgrad::curvature_roots(by, pass.outputs)};
  }
};

TEST(Networks, HaveGradientsThatAreDerivatives) {
  for (const Activation activation : activations) {
    for (const Loss loss : losses) {
      for (const bool has_biases : {true, false}) {
        const Case of(activation, loss == Loss::softmax ? 3 : 2, 9, has_biases);
        const Layers direction = drawn_parameters(of.of, 200);
        const double slope = natgrad::product(of.gradient(loss), direction);
        // Four points: an error of h^4 and of rounding over h. Nothing is at a kink of relu.
        const double h = 1e-3;
        const auto at = [&](double step) {
          Layers there = of.theta;
          natgrad::add(step, direction, there);
          return of.loss(loss, there);
        };
        const double difference = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
        EXPECT_NEAR(slope, difference, 1e-7 * std::max(1.0, std::abs(slope)))
            << static_cast<int>(activation) << ' ' << static_cast<int>(loss);
      }
    }
  }
}

TEST(Networks, HaveCurvaturesThatAreDerivativesOfResiduals) {
  for (const Loss loss : losses) {
    const Dense f = drawn(3, 3, 4);
    const Dense y = targets(3, 4);
    const std::vector<Dense> roots = natgrad::curvature_roots(loss, f);
    for (std::size_t i = 0; i < 4; ++i) {
      for (std::size_t j = 0; j < 3; ++j) {
        const double h = 1e-5;
        Dense up = f;
        Dense down = f;
        up(j, i) += h;
        down(j, i) -= h;
        Dense above;
        Dense below;
        natgrad::residuals(loss, up, y, above);
        natgrad::residuals(loss, down, y, below);
        for (std::size_t k = 0; k < 3; ++k) {
          double curvature = 0;
          for (const Dense& root : roots) curvature += root(k, i) * root(j, i);
          EXPECT_NEAR(curvature, (above(k, i) - below(k, i)) / (2 * h), 1e-9);
        }
      }
    }
  }
}

TEST(Networks, MultiplyByRowsOfJacobiansAsStoredOnesDo) {
  // More samples than a tile of products has.
  const Case of(Activation::tanh, 2, 600);
  const JacobianRows rows = of.rows(Loss::squared);
  const Matrix j = as_matrix(rows.stored());
  const Layers direction = drawn_parameters(of.of, 300);
  const std::vector<double> image = rows.times(direction);
  const Vector expected = j * flat(direction);
  for (std::size_t r = 0; r < image.size(); ++r) {
    EXPECT_NEAR(image[r], expected[static_cast<Eigen::Index>(r)], 1e-12);
  }
  Layers back;
  rows.transposed_times(image, back);
  EXPECT_LT((flat(back) - j.transpose() * expected).norm(), 1e-11 * expected.norm());
  Dense gram;
  rows.gram(rows, gram);
  const Matrix products = j * j.transpose();
  EXPECT_LT((as_matrix(gram) - products).norm(), 1e-12 * products.norm());
  EXPECT_NEAR(rows.mean_eigenvalue(), products.trace() / (600.0 * static_cast<double>(j.cols())),
              1e-13);
}

TEST(NaturalGradient, IsTheInverseOfTheFisherMatrixByEitherMethod) {
  for (const Loss loss : losses) {
    const Case of(Activation::gelu, 3, 40);
    const JacobianRows rows = of.rows(loss);
    const Matrix j = as_matrix(rows.stored());
    const Layers g = of.gradient(loss);
    for (const double relative : {1.0, 1e-3}) {
      const double damping = relative * rows.mean_eigenvalue();
      const Matrix fisher = j.transpose() * j / 40 + damping * Matrix::Identity(j.cols(), j.cols());
      const Vector expected = fisher.llt().solve(flat(g));
      for (const FisherMethod method : {FisherMethod::dual, FisherMethod::cg}) {
        const auto solver = natgrad::make_fisher({.method = method, .tolerance = 1e-12});
        solver->refresh(rows, damping);
        Layers found = g;
        solver->apply(found);
        EXPECT_LT((flat(found) - expected).norm(), 1e-8 * expected.norm());
      }
    }
  }
}

/// One linear layer of squared loss: A (x) S is the Fisher matrix.
TEST(NaturalGradient, IsThatOfKroneckerFactorsForOneLinearLayer) {
  const Architecture of{.widths = {6, 3}, .activation = Activation::identity};
  const Layers theta = drawn_parameters(of);
  Pass pass;
  natgrad::forward(of, theta, drawn(1, 6, 50), pass);
  const JacobianRows rows(of, theta, pass, natgrad::curvature_roots(Loss::squared, pass.outputs));
  const Layers g = drawn_parameters(of, 400);
  for (const double damping : {0.3, 1e-4}) {
    Layers by_factors = g;
    Layers exact = g;
    for (const auto& [method, to] :
         {std::pair{FisherMethod::kfac, &by_factors}, {FisherMethod::dual, &exact}}) {
      const auto solver = natgrad::make_fisher({.method = method});
      // Averages of the same factors are these.
      solver->refresh(rows, damping);
      solver->refresh(rows, damping);
      solver->apply(*to);
    }
    EXPECT_LT((flat(by_factors) - flat(exact)).norm(), 1e-10 * flat(exact).norm());
  }
  // Of two layers they are not.
  const Case deep(Activation::tanh, 2, 40);
  const JacobianRows its = deep.rows(Loss::squared);
  Layers by_factors = deep.gradient(Loss::squared);
  Layers exact = by_factors;
  const auto kfac = natgrad::make_fisher({.method = FisherMethod::kfac});
  const auto dual = natgrad::make_fisher({.method = FisherMethod::dual});
  kfac->refresh(its, 0.01);
  dual->refresh(its, 0.01);
  kfac->apply(by_factors);
  dual->apply(exact);
  EXPECT_GT((flat(by_factors) - flat(exact)).norm(), 0.01 * flat(exact).norm());
  EXPECT_GT(natgrad::product(by_factors, deep.gradient(Loss::squared)), 0);
}

/// (S + sqrt(damping) / pi)^-1 G (A + pi sqrt(damping))^-1, by Eigen.
TEST(NaturalGradient, OfFactoredDampingIsItsFormula) {
  const Case of(Activation::softplus, 2, 30);
  const JacobianRows rows = of.rows(Loss::squared);
  const double damping = 0.02;
  const auto solver = natgrad::make_fisher(
      {.method = FisherMethod::kfac, .kronecker = natgrad::KroneckerDamping::factored});
  solver->refresh(rows, damping);
  const Layers g = of.gradient(Loss::squared);
  Layers found = g;
  solver->apply(found);
  for (std::size_t l = 0; l < g.size(); ++l) {
    const Matrix inputs = as_matrix(rows.inputs()[l]);
    Matrix a = inputs * inputs.transpose() / 30;
    Matrix s = Matrix::Zero(as_matrix(g[l]).rows(), as_matrix(g[l]).rows());
    for (std::size_t k = 0; k < rows.cotangents(); ++k) {
      const Matrix signals = as_matrix(rows.signals(k)[l]);
      s += signals * signals.transpose() / 30;
    }
    const double pi = std::sqrt((a.trace() / static_cast<double>(a.rows())) /
                                (s.trace() / static_cast<double>(s.rows())));
    a.diagonal().array() += pi * std::sqrt(damping);
    s.diagonal().array() += std::sqrt(damping) / pi;
    const Matrix expected = s.inverse() * as_matrix(g[l]) * a.inverse();
    EXPECT_LT((as_matrix(found[l]) - expected).norm(), 1e-9 * expected.norm());
  }
}

/// 20 rows to learn from, 60 that the Fisher matrix sees, 30 tests.
struct Limits {
  Matrix j;
  natgrad::RowProducts products;
  Dense labels = drawn(7, 20, 2);
  double mean_eigenvalue;

  Limits() {
    const Case all(Activation::tanh, 1, 90);
    const JacobianRows rows(all.of, all.theta, all.pass);
    j = as_matrix(rows.stored());
    mean_eigenvalue = rows.mean_eigenvalue();
    Dense gram;
    rows.gram(rows, gram);
    products.among.shape(60, 60);
    products.to_tests.shape(30, 60);
    for (std::size_t c = 0; c < 60; ++c) {
      for (std::size_t r = 0; r < 60; ++r) products.among(r, c) = gram(r, c);
      for (std::size_t r = 0; r < 30; ++r) products.to_tests(r, c) = gram(60 + r, c);
    }
  }
  /// J_t P J^T (J P J^T)^-1 labels.
  [[nodiscard]] Matrix expected(const Matrix& p) const {
    const Matrix x = j.topRows(20);
    const Matrix right = p * x.transpose();
    const Matrix weights = (x * right).fullPivLu().solve(as_matrix(labels));
    return j.bottomRows(30) * right * weights;
  }
};

TEST(LinearisedNetworks, EndWhereTheFormulaSays) {
  const Limits of;
  const Eigen::Index d = of.j.cols();
  const auto near = [](const Dense& found, const Matrix& expected) {
    EXPECT_LT((as_matrix(found) - expected).norm(), 1e-8 * expected.norm());
  };
  near(natgrad::plain_limit(of.products, of.labels), of.expected(Matrix::Identity(d, d)));
  for (const double relative : {3.0, 0.1}) {
    const double damping = relative * of.mean_eigenvalue;
    const Matrix q = of.j.topRows(60);
    const Matrix fisher = q.transpose() * q / 60 + damping * Matrix::Identity(d, d);
    const Dense found = natgrad::natural_limit(of.products, 60, damping, of.labels);
    near(found, of.expected(fisher.inverse()));
    // Unlabelled rows move it.
    const Matrix plain = as_matrix(natgrad::plain_limit(of.products, of.labels));
    EXPECT_GT((as_matrix(found) - plain).norm(), 1e-3 * plain.norm());
  }
}

TEST(LinearisedNetworks, DoNotMoveByTheFisherMatrixOfTheSample) {
  const Limits of;
  const Matrix plain = as_matrix(natgrad::plain_limit(of.products, of.labels));
  for (const double relative : {10.0, 1.0, 1e-3}) {
    const Dense found =
        natgrad::natural_limit(of.products, 20, relative * of.mean_eigenvalue, of.labels);
    EXPECT_LT((as_matrix(found) - plain).norm(), 1e-8 * plain.norm());
  }
}

TEST(LinearisedNetworks, RefuseRowsThatAreAlike) {
  Limits of;
  for (std::size_t c = 0; c < 60; ++c) of.products.among(1, c) = of.products.among(0, c);
  for (std::size_t r = 0; r < 60; ++r) of.products.among(r, 1) = of.products.among(r, 0);
  EXPECT_THROW((void)natgrad::plain_limit(of.products, of.labels), NumericsError);
}

}  // namespace

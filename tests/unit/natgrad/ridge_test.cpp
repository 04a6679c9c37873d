// SPDX-License-Identifier: BSD-3-Clause
// Claims: all solvers predict what a dense solve by Eigen predicts; residuals of left-out rows are
// those of fits without these rows; what is singular is refused; a preconditioner of many centres
// saves iterations and changes nothing.
#include "natgrad/kernel/ridge.hpp"

#include <gtest/gtest.h>

#include <Eigen/LU>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "natgrad/kernel/conjugate_gradients.hpp"
#include "unit/natgrad/kernel_points.hpp"

namespace {
using namespace driftwood;
using natgrad::ConjugateGradients;
using natgrad::Dense;
using natgrad::Kernel;
using natgrad::Points;
using natgrad::RidgeFit;
using test::as_matrix;
using test::kernel_matrix;
using test::Matrix;
using Kind = Kernel::Kind;

constexpr std::size_t n = 300;
const Points points = test::normal_points(n, 3);
const Dense labels = test::normal_labels(n, 2);
const Points elsewhere = test::normal_points(40, 3, -0.2);

const std::vector<Kernel> kernels{{Kind::rbf, 1.5},    {Kind::matern12, 2},
                                  {Kind::matern52, 2}, {Kind::laplace, 3},
                                  {Kind::ntk, 1, 0.5}, {Kind::torus_sobolev, 9, 0, 1}};

Matrix dense_predictions(const Kernel& k, double shift) {
  Matrix a = kernel_matrix(k, points, points);
  a.diagonal().array() += shift;
  return kernel_matrix(k, elsewhere, points) * a.partialPivLu().solve(as_matrix(labels));
}

Matrix predictions(const Kernel& k, const Dense& coefficients) {
  return as_matrix(natgrad::apply(k, elsewhere, points, coefficients));
}

TEST(Ridge, AllSolversPredictTheSame) {
  const comm::Communicator alone = comm::Communicator::alone();
  for (const Kernel& k : kernels) {
    const natgrad::RidgePath path(natgrad::gram(k, points));
    ConjugateGradients iterative(alone, k, points, 60);
    for (const double shift : {0.03, 3.0}) {
      const Matrix expected = dense_predictions(k, shift);
      const double bound = 1e-10 * expected.cwiseAbs().maxCoeff();
      const auto is_it = [&](const Dense& coefficients) {
        return (predictions(k, coefficients) - expected).cwiseAbs().maxCoeff() < bound;
      };
      EXPECT_TRUE(is_it(path(labels, shift).coefficients));
      EXPECT_TRUE(
          is_it(natgrad::solve_ridge(natgrad::gram(k, points), labels, shift).coefficients));
      EXPECT_TRUE(is_it(iterative(labels, shift, {1e-13, 2000}).coefficients));
    }
  }
}

TEST(Ridge, LeftOutRowsAreThoseOfFitsWithoutThem) {
  const Kernel k{Kind::matern32, 1.5};
  constexpr double shift = 0.2;
  const Matrix full = kernel_matrix(k, points, points);
  const Matrix y = as_matrix(labels);
  const RidgeFit by_path = natgrad::RidgePath(natgrad::gram(k, points))(labels, shift);
  const RidgeFit by_factor = natgrad::solve_ridge(natgrad::gram(k, points), labels, shift);
  for (const Eigen::Index out : {0, 1, 77, 255, 256, 299}) {
    std::vector<Eigen::Index> rest;
    for (Eigen::Index i = 0; i < full.rows(); ++i) {
      if (i != out) rest.push_back(i);
    }
    Matrix a = full(rest, rest);
    a.diagonal().array() += shift;
    const Eigen::RowVectorXd expected =
        y.row(out) - full(out, rest) * a.partialPivLu().solve(Matrix(y(rest, Eigen::all)));
    for (Eigen::Index c = 0; c < 2; ++c) {
      const auto i = static_cast<std::size_t>(out);
      const auto j = static_cast<std::size_t>(c);
      EXPECT_NEAR(by_path.left_out(i, j), expected(c), 1e-9);
      EXPECT_NEAR(by_factor.left_out(i, j), expected(c), 1e-9);
    }
  }
}

TEST(Ridge, CrossValidatedErrorsAreByTheTraceOfTheInverse) {
  const Kernel k{Kind::matern32, 1.5};
  constexpr double shift = 0.2;
  Matrix full = kernel_matrix(k, points, points);
  full.diagonal().array() += shift;
  const Matrix inverse = full.inverse();
  const Matrix a = inverse * as_matrix(labels);
  const double trace = inverse.trace();
  const RidgeFit by_path = natgrad::RidgePath(natgrad::gram(k, points))(labels, shift);
  const RidgeFit by_factor = natgrad::solve_ridge(natgrad::gram(k, points), labels, shift);
  EXPECT_NEAR(by_path.inverse_trace, trace, 1e-9 * trace);
  EXPECT_NEAR(by_factor.inverse_trace, trace, 1e-9 * trace);
  const std::vector<double> found = by_path.cross_validated();
  for (Eigen::Index c = 0; c < 2; ++c) {
    const double expected = a.col(c).squaredNorm() * static_cast<double>(n) / (trace * trace);
    EXPECT_NEAR(found[static_cast<std::size_t>(c)], expected, 1e-9 * expected);
  }
}

TEST(Ridge, ProbesSeeTheTraceOfTheInverse) {
  const comm::Communicator alone = comm::Communicator::alone();
  const Kernel k{Kind::matern32, 1.5};
  constexpr double shift = 0.2;
  Matrix full = kernel_matrix(k, points, points);
  full.diagonal().array() += shift;
  const double trace = full.inverse().trace();
  Dense probes(n, 40);
  natgrad::draw_rows({.seed = 8}, natgrad::RowSource::hidden, natgrad::FeatureLaw::rademacher, 0, n,
                     std::vector<double>(40, 1.0), probes.data());
  double last_error = trace;
  for (const std::size_t centres : {std::size_t{5}, std::size_t{100}, n}) {
    ConjugateGradients iterative(alone, k, points, centres);
    const auto solved = iterative(probes, shift, {1e-11, 2000}).coefficients;
    const auto found = iterative.inverse_trace(probes, solved);
    // 5 standard errors of 40 probes: 1 in 80,000 seeds.
    EXPECT_NEAR(found.value, trace, 5 * found.standard_error + 1e-6 * trace) << centres;
    // What the preconditioner knows needs no probes.
    EXPECT_LT(found.standard_error, last_error);
    last_error = found.standard_error;
  }
  EXPECT_LT(last_error, 1e-6 * trace);
}

TEST(Ridge, SingularMatricesAreRefused) {
  // Two rows that are the same.
  const Points twice(std::vector<double>{0, 1, 2, 1}, 1);
  const Dense y = test::normal_labels(4, 1);
  const Kernel k{Kind::matern32, 1};
  const auto refuses = [](const auto& solve) {
    try {
      (void)solve();
    } catch (const NumericsError& error) {
      return std::string(error.what()).find("singular") != std::string::npos;
    }
    return false;
  };
  EXPECT_TRUE(refuses([&] { return natgrad::solve_ridge(natgrad::gram(k, twice), y, 0); }));
  EXPECT_TRUE(refuses([&] { return natgrad::RidgePath(natgrad::gram(k, twice))(y, 0); }));
  EXPECT_FALSE(refuses([&] { return natgrad::solve_ridge(natgrad::gram(k, twice), y, 1e-3); }));
}

TEST(Ridge, CentresSaveIterations) {
  const comm::Communicator alone = comm::Communicator::alone();
  const Kernel k{Kind::rbf, 1.5};
  ConjugateGradients few(alone, k, points, 2);
  ConjugateGradients many(alone, k, points, 150);
  const auto slow = few(labels, 0.03, {1e-10, 5000});
  const auto fast = many(labels, 0.03, {1e-10, 5000});
  EXPECT_LT(fast.iterations * 4, slow.iterations);
  EXPECT_LE(fast.residual, 1e-10);
  EXPECT_LT((predictions(k, fast.coefficients) - predictions(k, slow.coefficients)).norm(),
            1e-7 * predictions(k, fast.coefficients).norm());
}

TEST(Ridge, CentresThatOthersSpanAreLeftOut) {
  const comm::Communicator alone = comm::Communicator::alone();
  // A kernel of 10 dimensions: those of polynomials of degree 2 in three variables.
  const Kernel k{Kind::polynomial, 1, 1, 2};
  ConjugateGradients iterative(alone, k, points, 50);
  EXPECT_EQ(iterative.rank(), 10u);
  EXPECT_LE(iterative(labels, 1, {1e-10, 5}).iterations, 3);
}

TEST(Ridge, TooFewIterationsAreAnError) {
  const comm::Communicator alone = comm::Communicator::alone();
  const Kernel k{Kind::matern12, 1};
  ConjugateGradients iterative(alone, k, points, 2);
  EXPECT_THROW((void)iterative(labels, 1e-3, {1e-12, 3}), NumericsError);
}

TEST(Ridge, LabelsOfZeroTakeNoIterations) {
  const comm::Communicator alone = comm::Communicator::alone();
  const Kernel k{Kind::matern12, 1};
  Dense zero(n, 1);
  std::fill_n(zero.data(), n, 0.0);
  ConjugateGradients iterative(alone, k, points, 20);
  const auto fit = iterative(zero, 1, {1e-12, 10});
  EXPECT_EQ(fit.iterations, 0);
  EXPECT_EQ(as_matrix(fit.coefficients).norm(), 0);
}

}  // namespace

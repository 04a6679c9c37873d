// SPDX-License-Identifier: BSD-3-Clause
// Claim (N9): products, conjugate gradients and Cholesky factors of a design that is shared out
// among ranks are those of the whole design, stored or drawn anew; what does not work says why.
#include <gtest/gtest.h>

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <stdexcept>
#include <string>

#include "base/error.hpp"
#include "la/cholesky.hpp"
#include "la/conjugate_gradients.hpp"
#include "la/session.hpp"
#include "mpi/la/designs.hpp"

namespace {
using namespace driftwood;

constexpr std::size_t n = 61;
constexpr std::size_t d = 130;
constexpr std::size_t small_block = 16 * d * sizeof(double);

std::string what_of(const auto& f) {
  try {
    f();
  } catch (const NumericsError& error) {
    return error.what();
  }
  return "";
}

class Solve : public ::testing::TestWithParam<la::Storage> {
 protected:
  comm::Communicator comm = comm::Communicator::world();
  la::Session session{comm};
  la::DesignOperator design{comm, n, d, test::normal_rows(d), GetParam(), small_block};
  test::Matrix x = test::whole_design(n, d);
};

TEST_P(Solve, ProductsAreThoseOfTheWholeDesign) {
  const std::size_t k = 3;
  const test::Matrix w = test::right_sides(d, k);
  const test::Matrix v = test::right_sides(n, k);
  std::vector<double> xw(design.own() * k);
  std::vector<double> xtv(d * k);

  design.times({w.data(), d * k}, k, xw);
  design.transposed_times(test::own_part(v, design.share()), k, xtv);

  EXPECT_LT(test::difference(xw, x * w, design.share()), 1e-13);
  EXPECT_LT(test::difference(xtv, x.transpose() * v, {0, d}), 1e-13);
  const test::Matrix squares = x.colwise().squaredNorm().transpose();
  EXPECT_LT(test::difference(design.squares(), squares, {0, d}), 1e-13);
}

TEST_P(Solve, N9ConjugateGradientsAreTheCholeskySolution) {
  const auto p = test::weights(d);
  const auto expect_near = [&](double ridge, std::size_t k) {
    const test::Matrix b = test::right_sides(n, k);
    const auto own = test::own_part(b, design.share());
    std::vector<double> by_cg(own.size());
    std::vector<double> by_factor(own.size());

    la::Gram s(design, p, ridge, k);
    const auto report = la::solve(s, own, by_cg);
    la::Cholesky factor(design, p, ridge);
    factor.solve(own, by_factor, k);

    const test::Matrix whole = test::whole_gram(x, p, ridge);
    const test::Matrix exact = whole.llt().solve(b);
    EXPECT_LT(test::difference(by_cg, exact, design.share()), 1e-8) << ridge << ' ' << k;
    EXPECT_LT(test::difference(by_factor, exact, design.share()), 1e-12) << ridge << ' ' << k;
    EXPECT_LT(report.residual, 1e-9);
    EXPECT_GT(report.iterations, 10);
    // The ends of what it saw are in the spectrum, and near its ends.
    const test::Vector values = Eigen::SelfAdjointEigenSolver<test::Matrix>(whole).eigenvalues();
    EXPECT_GT(report.smallest, values.minCoeff() * (1 - 1e-9));
    EXPECT_LT(report.largest, values.maxCoeff() * (1 + 1e-9));
    EXPECT_NEAR(report.condition() * values.minCoeff() / values.maxCoeff(), 1, 0.05);
  };

  expect_near(0, 5);
  expect_near(0.1, 1);
}

TEST_P(Solve, AColumnIsNotNeglectedBesideOneThatIsLarge) {
  const auto p = test::weights(d);
  test::Matrix b = test::right_sides(n, 3);
  b.col(0) *= 1e12;
  b.col(2).setZero();
  const auto own = test::own_part(b, design.share());
  std::vector<double> solution(own.size());

  la::Gram s(design, p, 0.1, 3);
  const auto report = la::solve(s, own, solution);

  EXPECT_LT(report.residual, 1e-9);
  const test::Matrix exact = test::whole_gram(x, p, 0.1).llt().solve(b);
  const std::size_t m = design.own();
  EXPECT_LT(test::difference(std::span(solution).subspan(m, m), exact.col(1), design.share()),
            1e-8);
  for (const double v : std::span(solution).subspan(2 * m, m)) EXPECT_EQ(v, 0);
}

TEST_P(Solve, NoConvergenceIsAnErrorWithTheReason) {
  const auto p = test::weights(d);
  const auto own = test::own_part(test::right_sides(n, 1), design.share());
  std::vector<double> solution(own.size());
  la::Gram s(design, p, 0, 1);

  const auto text =
      what_of([&] { static_cast<void>(la::solve(s, own, solution, {.most_iterations = 4})); });

  EXPECT_TRUE(
      text.starts_with("conjugate gradients did not converge (DIVERGED_ITS after 4 "
                       "iterations, residual "))
      << text;
}

TEST_P(Solve, AnIndefiniteMatrixIsAnErrorWithTheReason) {
  std::vector<double> p = test::weights(d);
  for (std::size_t j = 0; j < d; j += 2) p[j] = -p[j];
  const auto own = test::own_part(test::right_sides(n, 1), design.share());
  std::vector<double> solution(own.size());
  la::Gram s(design, p, 0, 1);

  const auto of_cg = what_of([&] { static_cast<void>(la::solve(s, own, solution)); });
  const auto of_factor = what_of([&] { const la::Cholesky factor(design, p, 0); });

  EXPECT_NE(of_cg.find("DIVERGED_INDEFINITE_MAT"), std::string::npos) << of_cg;
  EXPECT_NE(of_factor.find("factor the matrix X P X^T / n"), std::string::npos) << of_factor;
}

TEST_P(Solve, PivotsTellASingularMatrix) {
  // Rank 5 of 61: rounding decides whether the factor exists, and never hides what it is.
  std::vector<double> p(d, 0.0);
  for (std::size_t j = 0; j < 5; ++j) p[j] = 1;

  const auto text = what_of([&] {
    const la::Cholesky factor(design, p, 0);
    if (!(factor.least_pivot() > 1e-12 * factor.largest_pivot())) throw NumericsError("small");
  });

  EXPECT_FALSE(text.empty());
}

INSTANTIATE_TEST_SUITE_P(All, Solve,
                         ::testing::Values(la::Storage::stored, la::Storage::regenerated),
                         [](const auto& of) {
                           return of.param == la::Storage::stored ? "Stored" : "Regenerated";
                         });

TEST(Failures, WhatRowsThrowComesOutOfTheSolver) {
  const auto comm = comm::Communicator::world();
  const la::Session session(comm);
  int calls = 0;
  const auto rows = [&](std::int64_t first, std::size_t m, double* to) {
    if (++calls > 20) throw std::runtime_error("no more rows");
    test::normal_rows(d)(first, m, to);
  };
  la::DesignOperator design(comm, n, d, rows, la::Storage::regenerated);
  const auto p = test::weights(d);
  const auto own = test::own_part(test::right_sides(n, 1), design.share());
  std::vector<double> solution(own.size());
  la::Gram s(design, p, 0, 1);

  try {
    static_cast<void>(la::solve(s, own, solution));
    FAIL() << "rows did not throw";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "no more rows");
  }
}

TEST(Failures, MoreThanPetscCountsIsRefused) {
  const auto comm = comm::Communicator::world();
  const la::Session session(comm);
  la::DesignOperator design(comm, n, d, test::normal_rows(d), la::Storage::regenerated);

  EXPECT_THROW(la::Gram(design, test::weights(d), 0, (std::size_t{1} << 31) / n + 1), UsageError);
}

}  // namespace

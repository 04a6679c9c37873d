// SPDX-License-Identifier: BSD-3-Clause
// Claim: flows and ends of spectra by Krylov spaces are those of the eigenvalues of the whole
// matrix, on any number of ranks; what does not converge says so.
#include "la/flow.hpp"

#include <gtest/gtest.h>

#include <Eigen/Eigenvalues>
#include <string>

#include "base/error.hpp"
#include "la/session.hpp"
#include "la/spectrum_ends.hpp"
#include "mpi/la/designs.hpp"

namespace {
using namespace driftwood;

constexpr std::size_t n = 61;
constexpr std::size_t d = 130;

class Krylov : public ::testing::Test {
 protected:
  comm::Communicator comm = comm::Communicator::world();
  la::Session session{comm};
  la::DesignOperator design{comm, n, d, test::normal_rows(d), la::Storage::regenerated};
  std::vector<double> p = test::weights(d);
  test::Matrix x = test::whole_design(n, d);
};

test::Matrix function_of(const test::Matrix& s, const test::Matrix& b, const auto& f) {
  const Eigen::SelfAdjointEigenSolver<test::Matrix> of(s);
  const test::Vector values = of.eigenvalues().unaryExpr(f);
  return of.eigenvectors() * values.asDiagonal() * of.eigenvectors().transpose() * b;
}

TEST_F(Krylov, FlowsAreThoseOfTheEigenvalues) {
  const auto expect_near = [&](double ridge, std::size_t k) {
    const test::Matrix whole = test::whole_gram(x, p, ridge);
    const test::Matrix b = test::right_sides(n, k);
    const auto own = test::own_part(b, design.share());
    std::vector<double> found(own.size());
    la::Gram s(design, p, ridge, k);
    for (const double time : {1e-6, 20.0}) {
      la::flow(s, time, own, found);
      const auto exact =
          function_of(whole, b, [&](double v) { return -std::expm1(-time * v) / v; });
      EXPECT_LT(test::difference(found, exact, design.share()), 1e-8) << time << ' ' << k;

      la::decay(s, time, own, found);
      const auto left = function_of(whole, b, [&](double v) { return std::exp(-time * v); });
      EXPECT_LT(test::difference(found, left, design.share()), 1e-8) << time << ' ' << k;
    }
  };

  expect_near(0, 1);
  expect_near(0.2, 4);
}

TEST_F(Krylov, EndsOfTheSpectrumAreThoseOfTheWholeMatrix) {
  la::Gram s(design, p, 0.01, 1);

  const auto ends = la::spectrum_ends(s);

  const test::Vector values =
      Eigen::SelfAdjointEigenSolver<test::Matrix>(test::whole_gram(x, p, 0.01)).eigenvalues();
  EXPECT_NEAR(ends.smallest / values.minCoeff(), 1, 1e-8);
  EXPECT_NEAR(ends.largest / values.maxCoeff(), 1, 1e-8);
}

TEST_F(Krylov, NoConvergenceIsAnErrorWithTheReason) {
  const auto own = test::own_part(test::right_sides(n, 1), design.share());
  std::vector<double> found(own.size());
  la::Gram s(design, p, 0, 1);
  const auto what_of = [](const auto& f) -> std::string {
    try {
      f();
    } catch (const NumericsError& error) {
      return error.what();
    }
    return "";
  };

  const auto of_flow =
      what_of([&] { la::flow(s, 100, own, found, {.most_restarts = 2, .basis = 4}); });
  const auto of_ends = what_of([&] { la::spectrum_ends(s, {.most_restarts = 1, .basis = 4}); });

  EXPECT_NE(of_flow.find("MFN_DIVERGED_ITS after 2 restarts"), std::string::npos) << of_flow;
  EXPECT_NE(of_ends.find("EPS_DIVERGED_ITS after 1 restarts"), std::string::npos) << of_ends;
}

}  // namespace

// SPDX-License-Identifier: BSD-3-Clause
/// Stationary biases of the methods for Ito diffusions, without Monte Carlo: see
/// overdamped_bias.hpp.
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "mcmc/samplers/em.hpp"
#include "mcmc/samplers/platen_w2.hpp"
#include "mcmc/samplers/srk_id.hpp"
#include "mcmc/targets/ito_diffusion.hpp"
#include "support/given_chain.hpp"
#include "support/transition_operator.hpp"

namespace {
using namespace driftwood;

constexpr double end = 70;  ///< tails fall like exp(-|x| / sqrt(2))
constexpr int points = 501;
constexpr mcmc::SlowlyGrowing target{1, 0.5};

double square(double x) { return x * x; }
double log_square(double x) { return std::log1p(x * x); }

struct Moments {
  double square;
  double log_square;
};

Moments exact() {
  const auto potential = [](double x) {
    double at[2 * mcmc::block_chains] = {x};
    return target.potential(mcmc::Coordinates<double>{at, 1},
                            mcmc::Coordinates<double>{at + mcmc::block_chains, 1});
  };
  return {test::exact_expectation(end, potential, square),
          test::exact_expectation(end, potential, log_square)};
}

template <class S>
Moments stationary(double h) {
  static const test::Rule normal = test::gauss_hermite(26);
  test::GivenChain<mcmc::SlowlyGrowing> chain(S::traits, target, 1);
  const auto law = test::stationary_law(end, points, [&](double x, const auto& visit) {
    for (std::size_t a = 0; a < normal.nodes.size(); ++a) {
      chain.give(0, 0, 0, normal.nodes[a]);
      chain.place({x});
      chain.advance(S(), h);
      visit(chain.position(0), normal.weights[a]);
    }
  });
  return {test::expectation(law, square), test::expectation(law, log_square)};
}

/// 1 %, and half of the last digit of the reference.
void expect_bias(const std::string& what, double found, double reference, double digit) {
  EXPECT_NEAR(found, reference, 0.01 * std::fabs(reference) + digit) << what;
}

template <class S>
void expect_biases(double h, const Moments& reference, double digit = 0) {
  const Moments true_ones = exact();
  const Moments found = stationary<S>(h);
  const std::string what = std::string(S::traits.name) + " at h = " + std::to_string(h);
  std::printf("%-30s %+.4e %+.4e\n", what.c_str(), found.square - true_ones.square,
              found.log_square - true_ones.log_square);
  expect_bias(what, found.square - true_ones.square, reference.square, digit);
  expect_bias(what, found.log_square - true_ones.log_square, reference.log_square, digit);
}

TEST(DiffusionBias, TheTargetHasTheseMoments) {
  EXPECT_NEAR(exact().square, 2.8592507965, 1e-9);
  EXPECT_NEAR(exact().log_square, 0.8666832357, 1e-9);
}

// References: the operator built once by other code, with formulas for the steps.
TEST(DiffusionBias, OfEulerMaruyama) {
  expect_biases<mcmc::EulerMaruyama>(.8, {4.459e-1, 9.19e-2});
  expect_biases<mcmc::EulerMaruyama>(.4, {2.069e-1, 4.28e-2});
  expect_biases<mcmc::EulerMaruyama>(.2, {9.976e-2, 2.05e-2});
  expect_biases<mcmc::EulerMaruyama>(.1, {4.900e-2, 1.01e-2});
}

TEST(DiffusionBias, OfStochasticRungeKutta) {
  expect_biases<mcmc::SrkId>(.8, {3.749e-1, 3.97e-2});
  expect_biases<mcmc::SrkId>(.4, {1.660e-1, 1.33e-2});
  expect_biases<mcmc::SrkId>(.2, {7.768e-2, 4.32e-3});
  expect_biases<mcmc::SrkId>(.1, {3.756e-2, 1.37e-3});
}

TEST(DiffusionBias, OfPlaten) {
  expect_biases<mcmc::PlatenWeak2>(.8, {-4.29e-3, 6.25e-3});
  expect_biases<mcmc::PlatenWeak2>(.4, {-1.20e-3, 1.84e-3});
  expect_biases<mcmc::PlatenWeak2>(.2, {-2.95e-4, 5.21e-4});
  expect_biases<mcmc::PlatenWeak2>(.1, {-7.1e-5, 1.41e-4}, 5e-7);
}

}  // namespace

// SPDX-License-Identifier: BSD-3-Clause
#include "unit/mcmc/diffusion_bias.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <string>

namespace {
using namespace driftwood;
using test::LineMoments;

/// 1 %, and half of the last digit of the reference.
void expect_bias(const std::string& what, double found, double reference, double digit) {
  EXPECT_NEAR(found, reference, 0.01 * std::fabs(reference) + digit) << what;
}

template <class S>
void expect_biases(double h, const LineMoments& reference, double digit = 0) {
  const LineMoments found = test::diffusion_bias<S>(h);
  const std::string what = std::string(S::traits.name) + " at h = " + std::to_string(h);
  std::printf("%-24s %+.4e %+.4e\n", what.c_str(), found.square, found.log_square);
  expect_bias(what + ", x^2", found.square, reference.square, digit);
  expect_bias(what + ", log(1 + x^2)", found.log_square, reference.log_square, digit);
}

TEST(DiffusionBias, TheTargetHasTheseMoments) {
  const LineMoments exact = test::exact_diffusion_moments();
  EXPECT_NEAR(exact.square, 2.8592507965, 1e-9);
  EXPECT_NEAR(exact.log_square, 0.8666832357, 1e-9);
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

template <class S>
void expect_claimed_order() {
  const double order =
      std::log2(test::diffusion_bias<S>(.2).square / test::diffusion_bias<S>(.1).square);
  std::printf("%-10s order %.3f\n", std::string(S::traits.name).c_str(), order);
  EXPECT_NEAR(order, S::traits.bias_order, 0.15) << S::traits.name;
}

TEST(DiffusionBias, IsOfTheClaimedOrder) {
  expect_claimed_order<mcmc::EulerMaruyama>();
  expect_claimed_order<mcmc::SrkId>();
  expect_claimed_order<mcmc::PlatenWeak2>();
}

/// The operator on more points says the same.
TEST(DiffusionBias, IsAccurate) {
  const LineMoments some = test::diffusion_bias<mcmc::PlatenWeak2>(.1);
  const LineMoments more = test::diffusion_bias<mcmc::PlatenWeak2>(.1, 701);
  EXPECT_NEAR(some.square, more.square, 1e-9);
  EXPECT_NEAR(some.log_square, more.log_square, 1e-9);
}

}  // namespace

// SPDX-License-Identifier: BSD-3-Clause
#include "unit/mcmc/overdamped_bias.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {
using namespace driftwood;
using test::second_moment;
using test::second_moment_lm;

constexpr double unknown = -1;

/// Biases of E x^2; `unknown` where there is no reference.
struct Row {
  double h;
  double ula;
  double heun;
  double srk_ld;
  double srk2g;
  double lm;
  double rmm;
};

/// 1 %, and 2e-6.
void expect_bias(const std::string& what, double found, double reference) {
  if (reference == unknown) return;
  EXPECT_NEAR(found, reference, std::fmax(0.01 * std::fabs(reference), 2e-6)) << what;
}

template <class D>
void expect_table(const D& density, std::initializer_list<Row> rows) {
  const double x2 = test::exact_second_moment(density);
  for (const Row& row : rows) {
    const std::string at = " at h = " + std::to_string(row.h);
    expect_bias("ula" + at, second_moment<mcmc::Ula>(density, row.h) - x2, row.ula);
    expect_bias("heun" + at, second_moment<mcmc::Heun>(density, row.h) - x2, row.heun);
    expect_bias("srk_ld" + at, second_moment<mcmc::SrkLd>(density, row.h) - x2, row.srk_ld);
    expect_bias("srk2g" + at, second_moment<mcmc::Srk2g>(density, row.h) - x2, row.srk2g);
    expect_bias("lm" + at, second_moment_lm(density, row.h) - x2, row.lm);
    if (row.rmm == unknown) continue;
    expect_bias("rmm" + at, second_moment<mcmc::RandomizedMidpoint>(density, row.h) - x2, row.rmm);
  }
}

TEST(TransitionOperator, HermiteRuleIntegratesPolynomials) {
  const test::Rule rule = test::gauss_hermite(26);
  double moment = 1;  // E z^(2k) = (2k - 1)!!
  for (int k = 0; k <= 20; ++k) {
    const double found = test::expectation(rule, [&](double z) { return std::pow(z, 2 * k); });
    EXPECT_NEAR(found / moment, 1, 1e-10) << k;
    moment *= 2 * k + 1;
  }
}

TEST(OverdampedBias, OfANormalLawIsThatOfTheClosedForms) {
  const test::Quadratic target;
  for (const double u : {0.4, 0.1}) {
    EXPECT_NEAR(second_moment<mcmc::Ula>(target, u), 1 / (1 - u / 2), 1e-9);
    const double srk = (1 - u + u * u / 3) / (1 - u + u * u / 2 - u * u * u / 8);
    EXPECT_NEAR(second_moment<mcmc::SrkLd>(target, u), srk, 1e-9);
    EXPECT_NEAR(second_moment<mcmc::Srk2g>(target, u), srk, 1e-9);
    EXPECT_NEAR(second_moment_lm(target, u), 1, 1e-9);
  }
}

// References: the operator built once by other code, with formulas for the steps.
TEST(OverdampedBias, OfANormalLaw) {
  expect_table(test::Quadratic{}, {{.4, 2.500e-1, -4.762e-2, -2.778e-2, -2.778e-2, 0, 1.594e-2},
                                   {.2, 1.111e-1, -1.099e-2, -6.919e-3, -6.919e-3, 0, 1.629e-3},
                                   {.1, 5.263e-2, -2.625e-3, -1.704e-3, -1.704e-3, 0, 1.842e-4},
                                   {.05, 2.564e-2, -6.406e-4, -4.216e-4, -4.216e-4, 0, unknown}});
}

TEST(OverdampedBias, OfASine) {
  EXPECT_NEAR(test::exact_second_moment(test::Sine{}), 1.0327463971, 1e-9);
  expect_table(test::Sine{}, {{.4, 2.514e-1, -5.596e-2, -1.671e-2, -3.329e-2, -5.79e-4, 2.06e-2},
                              {.2, 1.093e-1, -1.294e-2, -3.627e-3, -8.361e-3, -1.59e-4, 1.71e-3},
                              {.1, 5.135e-2, -3.084e-3, -7.955e-4, -2.056e-3, -3.97e-5, 1.03e-4},
                              {.05, 2.492e-2, -7.513e-4, -1.833e-4, -5.079e-4, unknown, unknown}});
}

TEST(OverdampedBias, OfALogisticPotential) {
  EXPECT_NEAR(test::exact_second_moment(test::Logistic{}), 0.5759174253, 1e-9);
  expect_table(test::Logistic{},
               {{.4, 3.681e-1, -5.603e-2, 6.863e-2, -1.874e-2, -2.72e-4, 1.19e-1},
                {.2, 1.445e-1, -1.623e-2, 1.358e-2, -9.134e-3, -3.95e-4, 1.46e-2},
                {.1, 6.484e-2, -4.232e-3, 3.415e-3, -2.636e-3, -1.15e-4, 2.19e-3},
                {.05, 3.081e-2, -1.070e-3, 8.792e-4, -6.896e-4, unknown, unknown}});
}

TEST(OverdampedBias, OfAMixture) {
  EXPECT_NEAR(test::exact_second_moment(test::Mixture{.8}), 1.64, 1e-9);
  expect_table(test::Mixture{.8},
               {{.4, 1.922e-1, -3.639e-2, -3.688e-2, -2.398e-2, unknown, unknown},
                {.1, 4.254e-2, -1.993e-3, -2.014e-3, -1.390e-3, unknown, unknown},
                {.05, 2.088e-2, -4.874e-4, -4.905e-4, -3.425e-4, unknown, unknown}});
}

/// So small that simulations do not see it: between steps of 0.2 and of 0.05.
TEST(OverdampedBias, OfLeimkuhlerAndMatthewsIsOfOrder2) {
  const auto order = [](const auto& target) {
    const double x2 = test::exact_second_moment(target);
    return std::log2((second_moment_lm(target, 0.2) - x2) / (second_moment_lm(target, 0.05) - x2)) /
           2;
  };
  std::printf("orders %.3f, %.3f\n", order(test::Sine{}), order(test::Logistic{}));
  EXPECT_GT(order(test::Sine{}), 1.8);
  EXPECT_GT(order(test::Logistic{}), 1.8);
}

}  // namespace

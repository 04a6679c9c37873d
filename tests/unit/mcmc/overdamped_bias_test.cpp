// SPDX-License-Identifier: BSD-3-Clause
/// Stationary biases of the samplers of overdamped dynamics, without Monte Carlo: their own kernels
/// with the noise of quadrature nodes make the transition operator.
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "mcmc/samplers/lm.hpp"
#include "mcmc/samplers/srk2g.hpp"
#include "mcmc/samplers/srk_ld.hpp"
#include "mcmc/samplers/ula.hpp"
#include "unit/mcmc/bias_targets.hpp"
#include "unit/mcmc/given_chain.hpp"
#include "unit/mcmc/transition_operator.hpp"

namespace {
using namespace driftwood;
using test::GivenChain;
using test::Rule;

constexpr double end = 9;
constexpr int points = 161;

const Rule& hermite() {
  static const Rule rule = test::gauss_hermite(26);
  return rule;
}

double square(double x) { return x * x; }

/// A chain of one sampler that is led from x by normals xi and eta.
template <class S, class D>
class Led {
 public:
  explicit Led(const D& density) : chain_(S::traits, density, 1) {}

  double operator()(double h, double x, double xi, double eta) {
    chain_.give(0, 0, 0, xi);
    chain_.give(1, 0, 0, eta);
    chain_.place({x});
    chain_.advance(sampler_, h);
    return chain_.position(0);
  }

 private:
  S sampler_;
  GivenChain<D> chain_;
};

/// E x^2 of the stationary law at step size h.
template <class S, class D>
double second_moment(const D& density, double h) {
  const Rule& z = hermite();
  Led<S, D> next(density);
  const auto law = test::stationary_law(end, points, [&](double x, const auto& visit) {
    for (std::size_t a = 0; a < z.nodes.size(); ++a) {
      if (S::traits.gradients == 1) {
        visit(next(h, x, z.nodes[a], 0), z.weights[a]);
        continue;
      }
      for (std::size_t b = 0; b < z.nodes.size(); ++b) {
        visit(next(h, x, z.nodes[a], z.nodes[b]), z.weights[a] * z.weights[b]);
      }
    }
  });
  return test::expectation(law, square);
}

/// The same of Leimkuhler and Matthews, whose position has noise in common with the step to come:
/// y = x - sqrt(h/2) xi is Markovian.
template <class D>
double second_moment_lm(const D& density, double h) {
  const Rule& z = hermite();
  Led<mcmc::LeimkuhlerMatthews, D> next(density);
  const double ahead = std::sqrt(h / 2);
  const auto law = test::stationary_law(end, points, [&](double y, const auto& visit) {
    for (std::size_t a = 0; a < z.nodes.size(); ++a) {
      visit(next(h, y + ahead * z.nodes[a], z.nodes[a], 0), z.weights[a]);
    }
  });
  return test::expectation(law, square) + square(ahead);
}

template <class D>
double exact(const D& density) {
  return test::exact_expectation(
      2 * end,
      [&](double x) {
        double at[2 * mcmc::block_chains] = {x};
        return density.potential(mcmc::Coordinates<double>{at, 1},
                                 mcmc::Coordinates<double>{at + mcmc::block_chains, 1});
      },
      square);
}

constexpr double unknown = -1;

/// Biases of E x^2; `unknown` where there is no reference.
struct Row {
  double h;
  double ula;
  double srk_ld;
  double srk2g;
  double lm;
};

/// 1 %, and 2e-6.
void expect_bias(const std::string& what, double found, double reference) {
  if (reference == unknown) return;
  EXPECT_NEAR(found, reference, std::fmax(0.01 * std::fabs(reference), 2e-6)) << what;
}

template <class D>
void expect_table(const D& density, std::initializer_list<Row> rows) {
  const double x2 = exact(density);
  for (const Row& row : rows) {
    const std::string at = " at h = " + std::to_string(row.h);
    expect_bias("ula" + at, second_moment<mcmc::Ula>(density, row.h) - x2, row.ula);
    expect_bias("srk_ld" + at, second_moment<mcmc::SrkLd>(density, row.h) - x2, row.srk_ld);
    expect_bias("srk2g" + at, second_moment<mcmc::Srk2g>(density, row.h) - x2, row.srk2g);
    expect_bias("lm" + at, second_moment_lm(density, row.h) - x2, row.lm);
  }
}

TEST(TransitionOperator, HermiteRuleIntegratesPolynomials) {
  double moment = 1;  // E z^(2k) = (2k - 1)!!
  for (int k = 0; k <= 20; ++k) {
    const double found = test::expectation(hermite(), [&](double z) { return std::pow(z, 2 * k); });
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
  expect_table(test::Quadratic{}, {{.4, 2.500e-1, -2.778e-2, -2.778e-2, 0},
                                   {.2, 1.111e-1, -6.919e-3, -6.919e-3, 0},
                                   {.1, 5.263e-2, -1.704e-3, -1.704e-3, 0},
                                   {.05, 2.564e-2, -4.216e-4, -4.216e-4, 0}});
}

TEST(OverdampedBias, OfASine) {
  EXPECT_NEAR(exact(test::Sine{}), 1.0327463971, 1e-9);
  expect_table(test::Sine{}, {{.4, 2.514e-1, -1.671e-2, -3.329e-2, -5.79e-4},
                              {.2, 1.093e-1, -3.627e-3, -8.361e-3, -1.59e-4},
                              {.1, 5.135e-2, -7.955e-4, -2.056e-3, -3.97e-5},
                              {.05, 2.492e-2, -1.833e-4, -5.079e-4, unknown}});
}

TEST(OverdampedBias, OfALogisticPotential) {
  EXPECT_NEAR(exact(test::Logistic{}), 0.5759174253, 1e-9);
  expect_table(test::Logistic{}, {{.4, 3.681e-1, 6.863e-2, -1.874e-2, -2.72e-4},
                                  {.2, 1.445e-1, 1.358e-2, -9.134e-3, -3.95e-4},
                                  {.1, 6.484e-2, 3.415e-3, -2.636e-3, -1.15e-4},
                                  {.05, 3.081e-2, 8.792e-4, -6.896e-4, unknown}});
}

TEST(OverdampedBias, OfAMixture) {
  EXPECT_NEAR(exact(test::Mixture{.8}), 1.64, 1e-9);
  expect_table(test::Mixture{.8}, {{.4, 1.922e-1, -3.688e-2, -2.398e-2, unknown},
                                   {.1, 4.254e-2, -2.014e-3, -1.390e-3, unknown},
                                   {.05, 2.088e-2, -4.905e-4, -3.425e-4, unknown}});
}

}  // namespace

// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>

#include "sde/fields/double_well.hpp"
#include "sde/fields/geometric_brownian_motion.hpp"
#include "sde/fields/heston.hpp"
#include "sde/fields/ornstein_uhlenbeck.hpp"
#include "sde/payoff.hpp"
#include "sde/schemes/euler_maruyama.hpp"
#include "sde/schemes/exact.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::sde;

TEST(OrnsteinUhlenbeck, DriftsTowardsItsMean) {
  OrnsteinUhlenbeck<> f;
  f.rate = 2;
  f.mean = 3;
  EXPECT_EQ(f.drift(0, Vec<double, 1>{{1}})[0], 4);
  EXPECT_EQ(f.diffusion(0, Vec<double, 1>{{1}})[0], f.sigma);
}

TEST(OrnsteinUhlenbeck, TransitionsComposeToTheLawOfTheWholeStep) {
  // Two steps of h/2 have the mean and variance of one step of h.
  OrnsteinUhlenbeck<> f;
  f.rate = 1.7;
  f.mean = 0.4;
  f.sigma = 0.9;
  const auto mean_and_variance = [&](double h, double mean, double variance) {
    const auto t = f.transition(h);
    const double zero = t(Vec<double, 1>{{mean}}, Vec<double, 1>{{0}})[0];
    const double one = t(Vec<double, 1>{{mean}}, Vec<double, 1>{{1}})[0];
    return std::pair{zero, t.decay * t.decay * variance + (one - zero) * (one - zero) * h};
  };
  const auto [mean_whole, variance_whole] = mean_and_variance(0.8, 2.0, 0.0);
  const auto [mean_half, variance_half] = mean_and_variance(0.4, 2.0, 0.0);
  const auto [mean_two, variance_two] = mean_and_variance(0.4, mean_half, variance_half);
  EXPECT_NEAR(mean_two, mean_whole, 1e-15);
  EXPECT_NEAR(variance_two, variance_whole, 1e-15);
  EXPECT_NEAR(mean_whole, 0.4 + 1.6 * std::exp(-1.7 * 0.8), 1e-15);
  EXPECT_NEAR(variance_whole, 0.81 * (1 - std::exp(-2 * 1.7 * 0.8)) / 3.4, 1e-15);
}

TEST(OrnsteinUhlenbeck, TransitionIsAccurateForTinySteps) {
  OrnsteinUhlenbeck<> f;
  EXPECT_NEAR(f.transition(1e-12).noise, f.sigma, 1e-12);
}

TEST(GeometricBrownianMotion, TransitionIsTheSolution) {
  GeometricBrownianMotion<double, 2> f{{0.05, 0.1}, {0.2, 0.2}, {{1, 0}, {0.6, 0.8}}};
  const Vec<double, 2> x{{100, 50}};
  const Vec<double, 2> dw{{0.3, -0.4}};
  const auto y = f.transition(0.5)(x, dw);
  EXPECT_NEAR(y[0], 100 * std::exp((0.05 - 0.02) * 0.5 + 0.2 * 0.3), 1e-12);
  EXPECT_NEAR(y[1], 50 * std::exp((0.1 - 0.02) * 0.5 + 0.12 * 0.3 - 0.16 * 0.4), 1e-12);
}

TEST(GeometricBrownianMotion, DiffusionIsProportionalToThePrice) {
  GeometricBrownianMotion<double, 2> f{{0.05, 0.1}, {0.2, 0.2}, {{1, 0}, {0.6, 0.8}}};
  const auto g = f.diffusion(0, Vec<double, 2>{{100, 50}});
  EXPECT_EQ(g(0, 0), 20);
  EXPECT_NEAR(g(1, 0), 6, 1e-14);
  EXPECT_NEAR(g(1, 1), 8, 1e-14);
}

TEST(Heston, TruncatesNegativeVarianceInItsCoefficientsOnly) {
  Heston<> f;
  const Vec<double, 2> x{{100, -0.01}};
  EXPECT_EQ(f.drift(0, x)[1], f.kappa * f.theta);
  const auto g = f.diffusion(0, x);
  EXPECT_EQ(g(0, 0), 0);
  EXPECT_EQ(g(1, 0), 0);
  EXPECT_EQ(g(1, 1), 0);
}

TEST(Heston, NoisesHaveTheGivenCorrelation) {
  Heston<> f;
  const auto g = f.diffusion(0, Vec<double, 2>{{100, 0.04}});
  const double norm = std::hypot(g(1, 0), g(1, 1));
  EXPECT_NEAR(norm, f.sigma * 0.2, 1e-15);
  EXPECT_NEAR(g(1, 0) / norm, f.rho, 1e-15);
  EXPECT_NEAR(g(0, 0), 20, 1e-13);
}

TEST(DoubleWell, RestsAtTheWellsAndOnTheBarrier) {
  DoubleWell<> f;
  f.a = 4;
  for (const double x : {-2.0, 0.0, 2.0}) EXPECT_EQ(f.drift(0, Vec<double, 1>{{x}})[0], 0);
  EXPECT_EQ(f.drift(0, Vec<double, 1>{{1}})[0], 3);
}

/// dX = 0.
struct Nothing : OrnsteinUhlenbeck<> {
  template <class R>
  KOKKOS_FUNCTION Vec<R, 1> drift(double, const Vec<R, 1>&) const {
    return {R(0)};
  }
  template <class R>
  KOKKOS_FUNCTION Diagonal<R, 1> diffusion(double, const Vec<R, 1>&) const {
    return {R(0)};
  }
};

using Noise1 = Increment<Vec<double, 1>, Increments::brownian>;

TEST(EulerMaruyama, Sc7KeepsAStateThatNothingMoves) {
  const EulerMaruyama::Step<Nothing> step{Nothing{}, 0.1};
  const auto y = step(0.0, Vec<double, 1>{{1.2345}}, Noise1{{{0.7}}});
  EXPECT_EQ(y[0], 1.2345);
}

TEST(EulerMaruyama, TakesTheTextbookStep) {
  OrnsteinUhlenbeck<> f;
  const EulerMaruyama::Step<OrnsteinUhlenbeck<>> step{f, 0.1};
  const auto y = step(0.0, Vec<double, 1>{{2.0}}, Noise1{{{0.3}}});
  EXPECT_NEAR(y[0], 2.0 - 0.1 * 2.0 + 0.5 * 0.3, 1e-15);
}

TEST(Integrates, AdmitsExactlyThePairsThatMakeSense) {
  static_assert(Integrates<EulerMaruyama, Heston<>>);
  static_assert(Integrates<Exact, OrnsteinUhlenbeck<>>);
  static_assert(!Integrates<Exact, Heston<>>);
  static_assert(!Integrates<Exact, DoubleWell<>>);
  static_assert(Integrates<Exact, GeometricBrownianMotion<double, 4>>);
}

TEST(Payoff, PaysWhatItsContractSays) {
  const auto pay = [](PayoffKind kind, double u) { return payoff(kind, u, 100.0); };
  EXPECT_EQ(pay(PayoffKind::call, 103), 3);
  EXPECT_EQ(pay(PayoffKind::call, 97), 0);
  EXPECT_EQ(pay(PayoffKind::put, 97), 3);
  EXPECT_EQ(pay(PayoffKind::put, 103), 0);
  EXPECT_EQ(pay(PayoffKind::digital_call, 103), 1);
  EXPECT_EQ(pay(PayoffKind::digital_call, 100), 0);
  EXPECT_EQ(pay(PayoffKind::digital_put, 97), 1);
  EXPECT_EQ(pay(PayoffKind::forward, 97), -3);
}
}  // namespace

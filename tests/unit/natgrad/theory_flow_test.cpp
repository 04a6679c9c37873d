// SPDX-License-Identifier: BSD-3-Clause
// Claims: bias and variance of gradient flow are those of the reference (N6 of the acceptance
// list), of its start, its end and its closed forms.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "natgrad/theory/flow.hpp"
#include "unit/natgrad/populations.hpp"

namespace {
using namespace driftwood;
using natgrad::Predictor;
using test::estimator;
using test::Named;

struct Row {
  double time;
  std::array<double, 3> bias;  ///< r = 1, 0, -1
  double variance;
};

/// Times of the reference are on a grid of this step in log(t), by what they have in common.
constexpr double grid_step = 0.155;

constexpr std::array<double, 3> alignments = {1, 0, -1};

TEST(TheoryN6, TableOfGradientFlow) {
  const std::vector<Row> gd = {{.5, {.2578, .4104, .7967}, .2305},
                               {2, {.1311, .2837, .8021}, .6574},
                               {10, {.0892, .2367, .8658}, 1.4003},
                               {50, {.0836, .2326, .9060}, 1.8025}};
  const std::vector<Row> ngd = {{.5, {.6338, .6338, .6338}, .1614},
                                {2, {.5244, .5244, .5244}, .5332},
                                {10, {.5003, .5003, .5003}, .9520},
                                {50, {.5, .5, .5}, 1}};
  Predictor predict;
  for (std::size_t i = 0; i < 3; ++i) {
    const Named named("geometric", alignments[i], 2);
    for (const Row& row : gd) {
      const auto found = predict(named.population(), estimator("gd", 0, row.time));
      EXPECT_NEAR(found.bias, row.bias[i], 2e-4) << row.time;
      EXPECT_NEAR(found.variance, row.variance, 2e-4) << row.time;
    }
    for (const Row& row : ngd) {
      const auto found = predict(named.population(), estimator("ngd", 0, row.time));
      EXPECT_NEAR(found.bias, row.bias[i], 2e-4) << row.time;
      EXPECT_NEAR(found.variance, row.variance, 2e-4) << row.time;
    }
  }
}

TEST(TheoryN6, VarianceGrowsAndMisalignedBiasHasAMinimum) {
  const Named named("geometric", -1, 2);
  Predictor predict;
  double variance = 0;
  double least = 1;
  double at = 0;
  for (int i = -800; i <= 800; ++i) {
    const double time = std::pow(10, i / 200.0);
    const auto found = predict(named.population(), estimator("gd", 0, time));
    EXPECT_GE(found.variance, variance - 1e-12) << time;
    variance = found.variance;
    if (found.bias < least) {
      least = found.bias;
      at = time;
    }
  }
  EXPECT_NEAR(std::log(at / 0.83), 0, grid_step);
  EXPECT_NEAR(least, 0.7916, 2e-4);
  EXPECT_NEAR(predict(named.population(), estimator("gd")).bias, 0.9071, 2e-4);
}

struct Stop {
  double r;
  double noise;
  const char* preconditioner;
  double time;
  double risk;
};

TEST(TheoryN6, BestTimesToStop) {
  const std::vector<Stop> reference = {
      {0, .1, "gd", 2.9, .3471},  {0, .1, "ngd", 2.5, .5771}, {0, .5, "gd", .61, .5234},
      {0, .5, "ngd", .61, .7116}, {0, 1, "gd", .33, .6224},   {0, 1, "ngd", .33, .7840},
      {-1, 0, "gd", .83, .7916},  {-1, .5, "gd", .20, .8731}, {-1, .5, "ngd", .61, .7116},
      {1, .5, "gd", .61, .3687},  {1, .5, "ngd", .61, .7116},
  };
  Predictor predict;
  for (const Stop& row : reference) {
    const Named named("geometric", row.r, 2);
    const auto risk = [&](double time) {
      return predict(named.population(), estimator(row.preconditioner, 0, time)).risk(row.noise);
    };
    const std::string where = std::string(row.preconditioner) + " r " + std::to_string(row.r) +
                              " noise " + std::to_string(row.noise);
    // the reference's time has two digits: its risk is one that some time of these has
    const double half = row.time > 1 ? 0.05 : 0.005;
    double low = 10;
    double high = 0;
    for (int i = -10; i <= 10; ++i) {
      const double value = risk(row.time + half * i / 10);
      low = std::min(low, value);
      high = std::max(high, value);
    }
    EXPECT_GE(row.risk, low - 5e-5) << where;
    EXPECT_LE(row.risk, high + 5e-5) << where;
    // and is the least of its grid
    EXPECT_LT(row.risk - 5e-5, risk(row.time * std::exp(grid_step))) << where;
    EXPECT_LT(row.risk - 5e-5, risk(row.time / std::exp(grid_step))) << where;
  }
}

TEST(TheoryFlow, BeginsAtTheNullRiskAndEndsAtTheLimit) {
  Predictor predict;
  for (const double gamma : {0.5, 1.5, 5.0}) {
    for (const double ridge : {0.0, 0.2}) {
      for (const double r : alignments) {
        const Named named("geometric", r, gamma);
        const auto at = [&](double time) {
          return predict(named.population(), estimator("gd", ridge, time));
        };
        EXPECT_NEAR(at(0).bias, 1, 1e-12);
        EXPECT_EQ(at(0).variance, 0);
        // at first bias falls as 2 t mean(tau c), and variance grows as gamma t^2 mean(tau^2)
        double slope = 0;
        double square = 0;
        for (std::size_t i = 0; i < 400; ++i) {
          slope += named.features[i] * named.features[i] * named.prior[i] / 400;
          square += named.features[i] * named.features[i] / 400;
        }
        const double early = 1e-5;
        EXPECT_NEAR((1 - at(early).bias) / early, 2 * slope, 2e-3 * slope);
        EXPECT_NEAR(at(early).variance / early / early, gamma * square, 1e-3 * gamma * square);
        const auto end = at(INFINITY);
        for (const double late : {1e6, 1e9}) {
          EXPECT_NEAR(at(late).bias, end.bias, 1e-7);
          EXPECT_NEAR(at(late).variance, end.variance, 1e-7);
        }
      }
    }
  }
}

/// The mean of f(s) over the eigenvalues s of X^T X / n for white rows X, by the law of Marchenko
/// and Pastur and the midpoint rule in its angle.
template <class F>
double mean_over_white(double gamma, const F& f) {
  constexpr int cells = 4000;
  const double pi = std::acos(-1);
  const double ratio = std::min(gamma, 1 / gamma);
  const double scale = std::max(gamma, 1.0);
  double sum = 0;
  for (int i = 0; i < cells; ++i) {
    const double angle = pi * (i + 0.5) / cells;
    const double s = 1 + ratio + 2 * std::sqrt(ratio) * std::cos(angle);
    sum += 2 * std::pow(std::sin(angle), 2) / s * f(scale * s) / cells;
  }
  return gamma > 1 ? (1 - 1 / gamma) * f(0) + sum / gamma : sum;
}

TEST(TheoryFlow, WhiteFeaturesHaveTheLawOfMarchenkoAndPastur) {
  // Of white features the traces are integrals over a spectrum that is known.
  Predictor predict;
  for (const double gamma : {0.6, 3.0}) {
    const Named named("identity", 0, gamma);
    for (const double ridge : {0.0, 0.3}) {
      for (const double time : {0.01, 0.5, 3.0, 40.0, 1000.0}) {
        const auto found = predict(named.population(), estimator("gd", ridge, time));
        const auto learnt = [&](double s) {
          return s > 0 ? -std::expm1(-time * (s + ridge)) / (s + ridge) : 0;
        };
        const auto bias = [&](double s) { return std::pow(1 - s * learnt(s), 2); };
        const auto variance = [&](double s) { return s * learnt(s) * learnt(s); };
        EXPECT_NEAR(found.bias, mean_over_white(gamma, bias), 2e-8) << time;
        EXPECT_NEAR(found.variance, gamma * mean_over_white(gamma, variance), 2e-8) << time;
      }
    }
  }
}

TEST(TheoryFlow, StaysInBoundsForSpectraOfAnyWidth) {
  std::mt19937_64 engine(31);
  std::uniform_real_distribution<double> exponent(-8, 3);
  natgrad::Flow flow;
  for (int i = 0; i < 60; ++i) {
    std::vector<double> tau(1 + i % 41);
    for (double& t : tau) t = std::pow(10, exponent(engine));
    const double gamma = 0.3 + 0.17 * i;
    const double ridge = i % 3 == 0 ? std::pow(10, exponent(engine)) : 0;
    const std::vector<double> c(tau.size(), 1.0);
    double variance = 0;
    for (int k = -8; k <= 12; ++k) {
      flow.begin(tau, gamma, ridge, std::pow(10, k / 2.0));
      EXPECT_GE(flow.bias(c), -1e-8);
      EXPECT_LE(flow.bias(c), 1 + 1e-8 + flow.variance());
      EXPECT_GE(flow.variance(), variance * (1 - 1e-7)) << "case " << i << " time 10^" << k / 2.0;
      variance = flow.variance();
    }
    const natgrad::Companion end(tau, gamma, ridge);
    EXPECT_LE(variance, end.variance() * (1 + 1e-7));
  }
}

TEST(TheoryFlow, RefusesTimesThatAreNone) {
  natgrad::Flow flow;
  const std::vector<double> tau = {1, 2};
  EXPECT_THROW(flow.begin(tau, 2, 0, 0), UsageError);
  EXPECT_THROW(flow.begin(tau, 2, 0, INFINITY), UsageError);
  EXPECT_THROW(flow.begin(tau, 2, 0, NAN), UsageError);
  EXPECT_THROW(flow.begin(std::vector<double>{1, -1}, 2, 0, 1), UsageError);
  EXPECT_NO_THROW(flow.begin(tau, 1, 0, 1));
}
}  // namespace

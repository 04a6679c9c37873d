// SPDX-License-Identifier: BSD-3-Clause
// Claims: bias and variance are those of published and closed forms (N1, N2, N5 of the acceptance
// list), for any gamma, with a ridge or without. Reference values are printed with four digits,
// from an independent solution by Brent's method.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "natgrad/theory/bayes.hpp"
#include "natgrad/theory/interpolation.hpp"
#include "natgrad/theory/predictor.hpp"
#include "unit/natgrad/populations.hpp"

namespace {
using namespace driftwood;
using natgrad::BiasVariance;
using natgrad::Companion;
using natgrad::Predictor;
using test::estimator;
using test::Named;

constexpr double four_digits =
    5e-5 * (1 + 1e-9);  // half of the last, and rounding of the reference

struct Row {
  const char* spectrum;
  double gamma;
  double r;
  std::array<BiasVariance, 5> of;  ///< gd, ngd, opt, add:0.5, pow:0.5
};

const std::vector<Row> table = {
    {"twopoint",
     1.5,
     1,
     {{{.0247, 3.3742}, {.3333, 2}, {.0065, 4.8309}, {.0665, 2.6681}, {.1071, 2.3719}}}},
    {"twopoint",
     1.5,
     0,
     {{{.0943, 3.3742}, {.3333, 2}, {.0943, 3.3742}, {.1109, 2.6681}, {.1389, 2.3719}}}},
    {"twopoint",
     1.5,
     -1,
     {{{.7914, 3.3742}, {.3333, 2}, {.3333, 2}, {.5560, 2.6681}, {.4573, 2.3719}}}},
    {"twopoint",
     2,
     1,
     {{{.1171, 2.3479}, {.5, 1}, {.0499, 10.0250}, {.1850, 1.5551}, {.2385, 1.2938}}}},
    {"twopoint",
     2,
     0,
     {{{.2130, 2.3479}, {.5, 1}, {.2130, 2.3479}, {.2388, 1.5551}, {.2755, 1.2938}}}},
    {"twopoint", 2, -1, {{{1.1739, 2.3479}, {.5, 1}, {.5, 1}, {.7776, 1.5551}, {.6469, 1.2938}}}},
    {"twopoint",
     5,
     1,
     {{{.6071, .5308}, {.8, .25}, {.6026, .6576}, {.6241, .4158}, {.6458, .3504}}}},
    {"twopoint",
     5,
     0,
     {{{.6450, .5308}, {.8, .25}, {.6450, .5308}, {.6521, .4158}, {.6671, .3504}}}},
    {"twopoint", 5, -1, {{{1.0246, .5308}, {.8, .25}, {.8, .25}, {.9326, .4158}, {.8803, .3504}}}},
    {"geometric",
     1.5,
     1,
     {{{.0274, 3.0626}, {.3333, 2}, {.0126, 5.4524}, {.0768, 2.5489}, {.0910, 2.2863}}}},
    {"geometric",
     1.5,
     0,
     {{{.1184, 3.0626}, {.3333, 2}, {.1184, 3.0626}, {.1383, 2.5489}, {.1535, 2.2863}}}},
    {"geometric",
     1.5,
     -1,
     {{{.6875, 3.0626}, {.3333, 2}, {.3333, 2}, {.5163, 2.5489}, {.4288, 2.2863}}}},
    {"geometric",
     2,
     1,
     {{{.0836, 1.8143}, {.5, 1}, {.0461, 3.6982}, {.1839, 1.3673}, {.1944, 1.2162}}}},
    {"geometric",
     2,
     0,
     {{{.2326, 1.8143}, {.5, 1}, {.2326, 1.8143}, {.2690, 1.3673}, {.2829, 1.2162}}}},
    {"geometric", 2, -1, {{{.9071, 1.8143}, {.5, 1}, {.5, 1}, {.6837, 1.3673}, {.6081, 1.2162}}}},
    {"geometric",
     5,
     1,
     {{{.4243, .5540}, {.8, .25}, {.3468, 1.1902}, {.5708, .3633}, {.5612, .3346}}}},
    {"geometric",
     5,
     0,
     {{{.5999, .5540}, {.8, .25}, {.5999, .5540}, {.6438, .3633}, {.6444, .3346}}}},
    {"geometric", 5, -1, {{{1.0432, .5540}, {.8, .25}, {.8, .25}, {.8907, .3633}, {.8677, .3346}}}},
};

TEST(TheoryN1, TableOfBiasAndVariance) {
  const std::array<const char*, 5> preconditioners = {"gd", "ngd", "opt", "add:0.5", "pow:0.5"};
  Predictor predict;
  ASSERT_EQ(table.size(), 18U);
  for (const Row& row : table) {
    const Named named(row.spectrum, row.r, row.gamma);
    for (std::size_t i = 0; i < preconditioners.size(); ++i) {
      const auto found = predict(named.population(), estimator(preconditioners[i]));
      const std::string where = std::string(row.spectrum) + " gamma " + std::to_string(row.gamma) +
                                " r " + std::to_string(row.r) + " " + preconditioners[i];
      EXPECT_NEAR(found.bias, row.of[i].bias, four_digits) << where;
      EXPECT_NEAR(found.variance, row.of[i].variance, four_digits) << where;
    }
  }
}

TEST(TheoryN1, IdentityAndStieltjesTransforms) {
  Predictor predict;
  for (const double gamma : {1.5, 2.0, 5.0}) {
    const Named identity("identity", 1, gamma);
    for (const char* p : {"gd", "ngd", "opt", "add:0.5", "pow:0.5"}) {
      const auto found = predict(identity.population(), estimator(p));
      EXPECT_NEAR(found.bias, (gamma - 1) / gamma, 1e-13);
      EXPECT_NEAR(found.variance, 1 / (gamma - 1), 1e-12);
    }
  }
  const std::array<double, 3> gammas = {1.5, 2, 5};
  const std::array<double, 3> twopoint = {7.0716, 2.3479, .3101};
  const std::array<double, 3> geometric = {5.6293, 2.1497, .3334};
  for (std::size_t i = 0; i < 3; ++i) {
    const auto m = [&](const char* spectrum) {
      return Companion(Named(spectrum, 0, 2).features, gammas[i]).m();
    };
    EXPECT_NEAR(m("twopoint"), twopoint[i], four_digits);
    EXPECT_NEAR(m("geometric"), geometric[i], four_digits);
    EXPECT_NEAR(m("identity"), 1 / (gammas[i] - 1), 1e-13);
  }
}

TEST(TheoryN2, DoesNotDependOnTheScaleOfThePreconditioner) {
  const Named named("geometric", 0.5, 2);
  const auto c = named.signal();
  const Companion one(named.features, 2);
  for (const double scale : {1e-12, 1e-3, 7.0, 1e9}) {
    std::vector<double> tau = named.features;
    for (double& t : tau) t *= scale;
    const Companion scaled(tau, 2);
    EXPECT_NEAR(scaled.m() * scale / one.m(), 1, 1e-10);
    EXPECT_NEAR(scaled.bias(c), one.bias(c), 1e-10);
    EXPECT_NEAR(scaled.variance(), one.variance(), 1e-10);
    // with a ridge, where it is scaled alike
    EXPECT_NEAR(Companion(tau, 2, 0.3 * scale).bias(c), Companion(named.features, 2, 0.3).bias(c),
                1e-10);
  }
}

TEST(Theory, TheRootIsARoot) {
  std::mt19937_64 engine(5);
  std::uniform_real_distribution<double> exponent(-12, 4);
  for (int i = 0; i < 200; ++i) {
    std::vector<double> tau(1 + i % 37);
    for (double& t : tau) t = std::pow(10, exponent(engine));
    const double gamma = i % 3 == 0 ? 0.4 : 1.01 + 0.2 * (i % 11);
    const double ridge = i % 2 == 0 ? std::pow(10, exponent(engine)) : 0;
    if (ridge == 0 && gamma < 1) continue;
    const double mu = natgrad::solve_effective_ridge(tau, gamma, ridge);
    double sum = 0;
    for (const double t : tau) sum += t / (t + mu);
    EXPECT_NEAR(ridge / mu + gamma * sum / static_cast<double>(tau.size()), 1, 1e-12)
        << "case " << i;
  }
}

TEST(Theory, FewerFeaturesThanRows) {
  Predictor predict;
  const Named named("geometric", -1, 0.4);
  for (const char* p : {"gd", "ngd", "pow:0.5", "fisher_estimate:500", "fisher_sample"}) {
    const auto found = predict(named.population(), estimator(p));
    EXPECT_NEAR(found.bias, 0, 1e-300) << p;
    EXPECT_NEAR(found.variance, 0.4 / 0.6, 1e-14) << p;
  }
}

TEST(Theory, DirectionsThatFeaturesLackAreNotLearnt) {
  // a design of half the features, and a signal along the others that a rotated prior may have
  const std::vector<double> tau = {2, 1, 0, 0};
  const std::vector<double> seen = {2, 1};
  const std::vector<double> c = {1, 1, 3, 1};
  const std::vector<double> c_seen = {1, 1};
  for (const double gamma : {0.8, 3.0}) {
    const Companion all(tau, gamma);
    const Companion half(seen, gamma / 2);
    EXPECT_NEAR(all.variance(), half.variance(), 1e-14);
    EXPECT_NEAR(all.bias(c), (half.bias(c_seen) + 2.0 * (1 + half.variance())) / 2, 1e-13);
  }
}

TEST(Theory, RefusesWhatHasNoRisk) {
  const std::vector<double> tau = {2, 1};
  EXPECT_THROW(Companion(tau, 1), UsageError);
  EXPECT_NO_THROW(Companion(tau, 1, 0.1));
  EXPECT_THROW(Companion(tau, 2, -0.1), UsageError);
  EXPECT_THROW(Companion(tau, NAN), UsageError);
  EXPECT_THROW(Companion(std::vector<double>{1, -1e-3}, 2), UsageError);
  EXPECT_THROW(Companion(std::vector<double>{1, -1e-3}, 2, 0.1), UsageError);
  EXPECT_THROW(Companion(std::vector<double>{1, NAN}, 2), UsageError);
  EXPECT_THROW(Companion(std::vector<double>{1, INFINITY}, 2), UsageError);
  Predictor predict;
  const Named named("geometric", 0, 2);
  EXPECT_THROW(static_cast<void>(predict(named.population(), estimator("fisher_estimate:200"))),
               UsageError);
  EXPECT_THROW(
      static_cast<void>(predict(named.population(), estimator("fisher_estimate:399", 0.1))),
      UsageError);
  EXPECT_THROW(static_cast<void>(predict(named.population(), estimator("gd", 0, -1))), UsageError);
  EXPECT_THROW(static_cast<void>(predict(Named("geometric", 0, 1).population(), estimator("gd"))),
               UsageError);
}

struct Crossing {
  const char* spectrum;
  double r;
  std::array<double, 3> noise;  ///< gamma 1.5, 2, 5
};

TEST(TheoryN5, NoiseAboveWhichNaturalGradientWins) {
  const std::vector<Crossing> reference = {
      {"twopoint", 1, {.2246, .2841, .6869}},
      {"twopoint", .5, {.2150, .2706, .6613}},
      {"twopoint", 0, {.1740, .2130, .5520}},
      {"twopoint", -.5, {.0224, .0000, .1482}},
      {"geometric", 1, {.2879, .5114, 1.2359}},
      {"geometric", .5, {.2656, .4568, 1.0231}},
      {"geometric", 0, {.2022, .3284, .6583}},
      {"geometric", -.5, {.0283, .0322, .0413}},
      {"twopoint", -1, {0, 0, 0}},
      {"geometric", -1, {0, 0, 0}},
  };
  const std::array<double, 3> gammas = {1.5, 2, 5};
  Predictor predict;
  for (const Crossing& row : reference) {
    for (std::size_t i = 0; i < 3; ++i) {
      const Named named(row.spectrum, row.r, gammas[i]);
      const auto gd = predict(named.population(), estimator("gd"));
      const auto ngd = predict(named.population(), estimator("ngd"));
      const double noise = natgrad::crossing_noise(gd, ngd);
      EXPECT_NEAR(noise, row.noise[i], 1e-3) << row.spectrum << " r " << row.r;
      EXPECT_LT(ngd.risk(noise + 0.01), gd.risk(noise + 0.01));
      if (noise > 0.01) {
        EXPECT_GT(ngd.risk(noise - 0.01), gd.risk(noise - 0.01));
      }
    }
  }
  EXPECT_EQ(natgrad::crossing_noise({1, 1}, {2, 1}), INFINITY);
  EXPECT_EQ(natgrad::crossing_noise({2, 1}, {1, 1}), 0);
  EXPECT_EQ(natgrad::crossing_noise({2, 1}, {1, 3}), INFINITY);
}

struct Optimum {
  const char* kind;
  double r;
  double noise;
  double a;
  double risk;  ///< 0 where there is no reference
};

TEST(TheoryN5, BestInterpolation) {
  const std::vector<Optimum> reference = {
      {"pow:0", 0, .05, .182, .3161}, {"pow:0", 0, .1, .295, .3902},  {"pow:0", 0, .2, .435, .5241},
      {"pow:0", 0, .5, .628, .8786},  {"pow:0", 0, 1, .755, 1.4185},  {"pow:0", 0, 2, .852, 2.4504},
      {"pow:0", .5, .1, .138, 0},     {"pow:0", .5, .5, .562, 0},     {"pow:0", -.5, .1, .600, 0},
      {"pow:0", -.5, .5, .770, 0},    {"add:0", 0, .05, .162, .3191}, {"add:0", 0, .1, .300, .3986},
      {"add:0", 0, .2, .508, .5425},  {"add:0", 0, .5, .798, .9100},  {"add:0", 0, 1, .915, 1.4493},
      {"add:0", 0, 2, .962, 2.4732},
  };
  Predictor predict;
  for (const Optimum& row : reference) {
    const Named named("geometric", row.r, 2);
    const auto best =
        natgrad::best_interpolation(predict, named.population(), estimator(row.kind), row.noise);
    EXPECT_NEAR(best.a, row.a, 0.005) << row.kind << " noise " << row.noise;
    if (row.risk > 0) {
      EXPECT_NEAR(best.risk, row.risk, four_digits) << row.kind << " noise " << row.noise;
    }
  }
  // at the ends: aligned and clean, misaligned
  EXPECT_EQ(natgrad::best_interpolation(predict, Named("geometric", 1, 2).population(),
                                        estimator("add:0"), 0)
                .a,
            0);
  EXPECT_EQ(natgrad::best_interpolation(predict, Named("geometric", -1, 2).population(),
                                        estimator("pow:0"), 1)
                .a,
            1);
  EXPECT_THROW(static_cast<void>(natgrad::best_interpolation(
                   predict, Named("geometric", 1, 2).population(), estimator("gd"), 0)),
               Error);
}

TEST(TheoryN5, InterpolationTradesBiasForVariance) {
  const std::array<double, 7> weights = {0, .25, .5, .75, .9, .99, 1};
  const std::array<double, 7> add_bias = {.2326, .2416, .2690, .3255, .3944, .4833, .5};
  const std::array<double, 7> add_variance = {1.8143, 1.5741, 1.3673, 1.1722, 1.0555, 1.0013, 1};
  const std::array<double, 7> pow_bias = {.2326, .2434, .2829, .3636, .4379, .4933, .5};
  const std::array<double, 7> pow_variance = {1.8143, 1.4740, 1.2162, 1.0549, 1.0088, 1.0001, 1};
  const Named named("geometric", 0, 2);
  Predictor predict;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    auto by = estimator("add:0");
    by.preconditioner.a = weights[i];
    const auto add = predict(named.population(), by);
    EXPECT_NEAR(add.bias, add_bias[i], four_digits);
    EXPECT_NEAR(add.variance, add_variance[i], four_digits);
    by.preconditioner.kind = natgrad::Preconditioner::Kind::pow;
    const auto pow = predict(named.population(), by);
    EXPECT_NEAR(pow.bias, pow_bias[i], four_digits);
    EXPECT_NEAR(pow.variance, pow_variance[i], four_digits);
  }
}

TEST(Theory, BayesRiskIsThatOfItsRidgeAndTheLeast) {
  const Named named("geometric", 0.5, 2);
  Predictor predict;
  for (const double noise : {0.0, 0.1, 1.0}) {
    const double ridge = natgrad::bayes_ridge(2, noise);
    const double bayes = natgrad::bayes_risk(named.signal(), 2, noise);
    EXPECT_NEAR(predict(named.population(), estimator("opt", ridge)).risk(noise), bayes, 1e-12);
    for (const double other : {0.5, 0.9, 1.1, 2.0}) {
      if (noise > 0) {
        EXPECT_GT(predict(named.population(), estimator("opt", other * ridge)).risk(noise), bayes);
      }
    }
    for (const char* p : {"gd", "ngd", "add:0.3", "pow:0.3"}) {
      for (const double r : {0.0, 0.02, 0.2, 1.0}) {
        EXPECT_GT(predict(named.population(), estimator(p, r)).risk(noise), bayes) << p;
      }
    }
  }
}

TEST(Theory, MisspecificationActsAsNoise) {
  // measured with designs of 300 rows and 600 features: 2.52 +- .08 and 1.785 +- .040 with hidden
  // features, 2.518 +- .048 and 1.772 +- .025 with a quadratic function
  const Named named("geometric", 0, 2, 600);
  Predictor predict;
  EXPECT_NEAR(predict(named.population(), estimator("gd")).risk(0.25 + 1), 2.5004, four_digits);
  EXPECT_NEAR(predict(named.population(), estimator("ngd")).risk(0.25 + 1), 1.75, 1e-12);
}
}  // namespace

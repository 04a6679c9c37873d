// SPDX-License-Identifier: BSD-3-Clause
// Claims, of every target: its gradient is that of its potential; densities have the integrals and
// moments that are known; what keys cannot mean is refused.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <iostream>
#include <numbers>
#include <random>

#include "mcmc/check_target.hpp"
#include "mcmc/host_evaluation.hpp"
#include "support/kokkos_environment.hpp"
#include "unit/mcmc/target_decks.hpp"

namespace {
using namespace driftwood;
using test::TargetDeck;

class EveryTarget : public ::testing::TestWithParam<TargetDeck> {
 protected:
  static void SetUpTestSuite() { test::write_made_data(); }
};

TEST_P(EveryTarget, HasTheGradientOfItsPotential) {
  const auto target = test::target_of(GetParam().keys);
  const auto density = target->density();
  const std::uint64_t seed = 20261128;
  std::cout << "seed " << seed << '\n';
  std::mt19937_64 engine(seed);
  std::normal_distribution<double> normal;
  std::vector<double> points(static_cast<std::size_t>(20 * density->dim()));
  for (double& x : points) x = 1.5 * normal(engine);
  EXPECT_NO_THROW(mcmc::check_gradient(*density, points, 1e-6, names_of(target->parameters())));
}

TEST_P(EveryTarget, NamesAsManyParametersAsItHas) {
  const auto target = test::target_of(GetParam().keys);
  const auto density = target->density();
  const auto named = static_cast<int>(names_of(target->parameters()).size());
  EXPECT_EQ(named, density->parameters() == 0 ? density->dim() : density->parameters());
}

/// A chain's potential has the same bits wherever it lies and whoever is beside it.
TEST_P(EveryTarget, GivesAPointTheSameBitsWhereverItLies) {
  const auto density = test::target_of(GetParam().keys)->density();
  const auto dim = static_cast<std::size_t>(density->dim());
  std::mt19937_64 engine(7);
  std::normal_distribution<double> normal;
  std::vector<double> points(150 * dim);
  for (double& x : points) x = normal(engine);
  const auto together = mcmc::evaluate_at(*density, points);
  for (const std::size_t p : {std::size_t{0}, std::size_t{63}, std::size_t{149}}) {
    const auto alone = mcmc::evaluate_at(*density, std::span(points).subspan(p * dim, dim));
    EXPECT_EQ(alone.potentials[0], together.potentials[p]);
    for (std::size_t i = 0; i < dim; ++i) {
      EXPECT_EQ(alone.gradients[i], together.gradients[p * dim + i]);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, EveryTarget, ::testing::ValuesIn(test::target_decks()),
                         [](const auto& one) { return one.param.name; });

using Weight = std::function<double(double, double)>;

/// Integral of exp(-U) by the trapezoidal rule, and the mean of a function of (x, y) under it. For
/// one dimension y is 0.
struct Integral {
  double volume;
  double mean;
};
Integral integrated(
    const std::string& keys, double low, double high, int count,
    const Weight& of = [](double, double) { return 0.0; }) {
  const auto density = test::target_of(keys)->density();
  const int dim = density->dim();
  const double h = (high - low) / count;
  std::vector<double> points;
  for (int i = 0; i <= count; ++i) {
    for (int j = 0; j <= (dim == 2 ? count : 0); ++j) {
      points.push_back(low + i * h);
      if (dim == 2) points.push_back(low + j * h);
    }
  }
  const auto found = mcmc::evaluate_at(*density, points);
  Integral out{0, 0};
  for (std::size_t p = 0; p < found.potentials.size(); ++p) {
    const double weight = std::exp(-found.potentials[p]) * std::pow(h, dim);
    const auto at = p * static_cast<std::size_t>(dim);
    out.volume += weight;
    out.mean += weight * of(points[at], dim == 2 ? points[at + 1] : 0);
  }
  out.mean /= out.volume;
  return out;
}

const double root_two_pi = std::sqrt(2 * std::numbers::pi);

TEST(Mixture, IsNormalisedButForPi) {
  const std::string keys =
      "name = 'mixture'\nmeans = [[-1.0], [2.0]]\nweights = [3, 1]\nsd = [0.4, 0.8]";
  const Integral found = integrated(keys, -12, 12, 4000, [](double x, double) { return x; });
  EXPECT_NEAR(found.volume, root_two_pi, 1e-12);
  EXPECT_NEAR(found.mean, -0.25, 1e-12);
}

TEST(Mixture, OfTwoIsTheSymmetricOneOfTheLiterature) {
  const auto density =
      test::target_of("name = 'mixture'\nmeans = [[0.5, 0.5], [-0.5, -0.5]]")->density();
  const double x[] = {0.3, -0.8};
  const double a_x = 0.5 * x[0] + 0.5 * x[1];
  const auto found = mcmc::evaluate_at(*density, x);
  EXPECT_NEAR(found.gradients[0], x[0] - 0.5 * std::tanh(a_x), 1e-15);
  EXPECT_NEAR(found.gradients[1], x[1] - 0.5 * std::tanh(a_x), 1e-15);
}

TEST(Mixture, StaysFiniteFarFromAllModes) {
  const auto density = test::target_of("name = 'mixture'\nmeans = [[-1.0], [1.0]]")->density();
  const double far[] = {1e8, -1e8};
  const auto found = mcmc::evaluate_at(*density, far);
  EXPECT_NEAR(found.potentials[0], 0.5e16, 1e9);
  EXPECT_NEAR(found.gradients[0], 1e8 - 1, 1e-6);
  EXPECT_NEAR(found.gradients[1], -1e8 + 1, 1e-6);
}

TEST(StudentT, HasTheKnownIntegralAndVariance) {
  const double nu = 8;
  const Integral found = integrated("name = 'student_t'\ndegrees_of_freedom = 8.0", -400, 400,
                                    400'000, [](double x, double) { return x * x; });
  const double volume =
      std::sqrt(nu * std::numbers::pi) * std::exp(std::lgamma(nu / 2) - std::lgamma((nu + 1) / 2));
  EXPECT_NEAR(found.volume, volume, 1e-10);
  EXPECT_NEAR(found.mean, nu / (nu - 2), 1e-8);
}

TEST(DoubleWell, HasTheKnownMoments) {
  const std::pair<double, double> known[] = {{1, .83274549}, {3, .88929402}, {5, .93683394}};
  for (const auto& [barrier, square] : known) {
    const std::string keys = "name = 'double_well'\nbarrier = " + std::to_string(barrier);
    const auto of = [](int power) {
      return [power](double x, double) { return std::pow(x, power); };
    };
    const double second = integrated(keys, -6, 6, 6000, of(2)).mean;
    EXPECT_NEAR(second, square, 5e-9) << barrier;
    EXPECT_NEAR(integrated(keys, -6, 6, 6000, of(4)).mean, second + 1 / (4 * barrier), 1e-12);
  }
}

TEST(Rosenbrock, OfTwoIsNormalAlongAndAcrossItsValley) {
  const std::string keys = "name = 'rosenbrock'\nvalley = 5.0\ntemperature = 0.5";
  const Integral found = integrated(keys, -3, 24, 1350, [](double, double y) { return y; });
  EXPECT_NEAR(found.volume, std::numbers::pi * 0.5 / std::sqrt(5.0), 1e-10);
  EXPECT_NEAR(found.mean, 1.25, 1e-9);  // 1 + temperature / 2
}

TEST(Funnel, HasTheKnownIntegralEitherWay) {
  for (const std::string centred : {"true", "false"}) {
    const std::string keys = "name = 'funnel'\ndimension = 2\nsd = 0.3\ncentred = " + centred;
    const Integral found = integrated(keys, -20, 20, 1000, [](double v, double) { return v * v; });
    EXPECT_NEAR(found.volume, root_two_pi * root_two_pi * 0.3, 1e-10) << centred;
    EXPECT_NEAR(found.mean, 0.09, 1e-10) << centred;
  }
}

TEST(Phi4, OfOneAndOfTwoSitesIsWhatTheActionSays) {
  const double phi[] = {0.7, -1.2};
  const auto two =
      test::target_of("name = 'phi4'\nsizes = [2]\nmass_squared = 3.0\nlambda = 2.0")->density();
  const double local = 1.5 * (0.49 + 1.44) + 2.0 * (0.2401 + 2.0736);
  EXPECT_NEAR(mcmc::evaluate_at(*two, phi).potentials[0], 1.9 * 1.9 + local, 1e-14);
  const auto one = test::target_of("name = 'phi4'\nsizes = [1, 1]")->density();
  EXPECT_NEAR(mcmc::evaluate_at(*one, std::span(phi).first(1)).gradients[0], 0.7 + 4 * 0.5 * 0.343,
              1e-15);
}

const std::string shares =
    "name = 'expression'\nstate = ['a', 'b', 'c']\nsimplex = { s = ['a', 'b', 'c'] }\n"
    "log_density = 'log(a) + 2*log(b) + 3*log(c)'";

/// Dirichlet's law with the exponents 2, 3, 4.
TEST(Expression, OfASimplexHasTheKnownIntegralAndMean) {
  const auto first = [](double x, double) { return 1 / (1 + 2 * std::exp(-x)); };
  const Integral found = integrated(shares, -25, 25, 1000, first);
  const double volume = std::tgamma(2) * std::tgamma(3) * std::tgamma(4) / std::tgamma(9);
  EXPECT_NEAR(found.volume / volume, 1, 1e-10);
  EXPECT_NEAR(found.mean, 2.0 / 9, 1e-10);
}

TEST(Expression, OfGroupsHasTheGradientOfItsPotential) {
  const auto target = test::target_of(
      "name = 'expression'\nstate = ['x', 'a', 'b', 'c', 'low', 'high', 'y']\n"
      "bounds = { y = [0, inf] }\nsimplex = { s = ['a', 'b', 'c'] }\n"
      "ordered = { levels = ['low', 'high'] }\n"
      "log_density = 'log(a) + 2*log(b) + log(c) - (x - a*low)^2 - x^2 - high^2*b - y*c - low^2'");
  EXPECT_EQ(target->coordinates(), 6);
  const auto density = target->density();
  EXPECT_EQ(density->dim(), 6);
  EXPECT_EQ(density->parameters(), 7);
  std::mt19937_64 engine(8);
  std::normal_distribution<double> normal;
  std::vector<double> points(120);
  for (double& x : points) x = normal(engine);
  EXPECT_NO_THROW(mcmc::check_gradient(*density, points, 1e-6, {}));
}

struct Refusal {
  std::string keys;
  std::string error;
};

TEST(Targets, RefuseWhatKeysCannotMean) {
  const Refusal cases[] = {
      {"name = 'mixture'\nmeans = [[1.0], [2.0, 3.0]]",
       "d.toml:3:9: error: the rows have different lengths (each is a point of the same space)"},
      {"name = 'mixture'\nmeans = [[1.0], [2.0]]\nweights = [1.0]",
       "d.toml:4:11: error: there are 1 weight for 2 components"},
      {"name = 'mixture'\nmeans = [[1.0]]\nsd = [1.0, 2.0]",
       "d.toml:4:6: error: there are 2 standard deviations for 1 components; give one, or one for "
       "each component"},
      {"name = 'phi4'\nlambda = 0.0\nmass_squared = -1.0",
       "d.toml:4:16: error: the density cannot be normalised (without phi^4 nothing bounds the "
       "field); give a mass, or 'lambda'"},
      {"name = 'phi4'\nsizes = [2.5]", "d.toml:3:9: error: numbers of sites are whole numbers"},
      {"name = 'phi4'\nsizes = [1000, 1000, 1000]",
       "d.toml:3:9: error: the lattice has over 10^6 sites"},
  };
  for (const Refusal& one : cases) EXPECT_EQ(test::error_of_target(one.keys), one.error);

  const std::string formula =
      "name = 'expression'\nstate = ['a', 'b', 'c']\nlog_density = '-a^2 - b^2 - c^2'\n";
  const Refusal groups[] = {
      {"simplex = { s = ['a', 'd'] }",
       "d.toml:5:23: error: there is no state 'd'; name one of "
       "'target.state'"},
      {"simplex = { s = ['a', 'c'] }",
       "d.toml:5:23: error: 'c' does not follow 'a' (states of a group follow one another in "
       "'target.state'); name them in one order in both places"},
      {"simplex = { s = ['a', 'b'] }\nordered = { o = ['b', 'c'] }",
       "d.toml:6:18: error: 'b' is in the group 's', too"},
      {"bounds = { b = [0, 1] }\nordered = { o = ['a', 'b'] }",
       "d.toml:6:23: error: 'b' has bounds of its own; leave out 'target.bounds.b'"},
  };
  for (const Refusal& one : groups) EXPECT_EQ(test::error_of_target(formula + one.keys), one.error);
}

}  // namespace

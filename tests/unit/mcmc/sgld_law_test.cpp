// SPDX-License-Identifier: BSD-3-Clause
// Claims: on the mean of normal data, where all is linear, `sgld` has the stationary variance that
// its step size, its batches and the spread of the data give, with and without replacement; with
// control variates it is that of `ula`; steps that decrease have the variance of their recursion.
// Where rows explain differently, control variates leave the noise that their formula says.
//
// The variance of N rows of variance 1, with a prior of precision p, curvature k = N + p:
//   (1 + h V / 2) / (k (1 - h k / 2)),  V = N^2 / B s^2, times (N - B) / (N - 1) without
// replacement, where s^2 is the variance of the data with divisor N.
//
// Of a slope with rows x_i of curvatures x_i^2 at the distance d from the mode, control variates
// have a noise of variance c d^2, c = N^2 / B times the variance of x_i^2 over the rows (and the
// factor above): var = (1 - h k)^2 var + h^2 c var + 2 h = 1 / (k (1 - h (k + c / k) / 2)).
// Without, h^2 V comes to it, of the gradients at the mode.
//
// Comparisons fail beyond 5 standard errors or 3 %: 12 comparisons, by chance one in 10^5 runs;
// seeds are fixed.
#include <gtest/gtest.h>

#include <cmath>

#include "mcmc/mode.hpp"
#include "mcmc/samplers/sgld.hpp"
#include "support/kokkos_environment.hpp"
#include "unit/mcmc/samplers_population.hpp"
#include "unit/mcmc/target_decks.hpp"

namespace {
using namespace driftwood;

constexpr int rows = 100;
constexpr double prior_precision = 0.25;
constexpr double curvature = rows + prior_precision;

/// Data without symmetry, and their variance.
double write_rows() {
  std::string text = "one,y\n";
  double mean = 0;
  double square = 0;
  for (int r = 0; r < rows; ++r) {
    const double y = std::exp(0.02 * r) - 3;
    text += "1," + std::to_string(y) + "\n";
    mean += std::stod(std::to_string(y)) / rows;
    square += std::pow(std::stod(std::to_string(y)), 2) / rows;
  }
  test::write_data("mean.csv", text);
  return square - mean * mean;
}

/// A linear regression without an intercept.
std::unique_ptr<mcmc::Density> model_of(const std::string& file) {
  return test::target_of("name = 'linear'\ndata = '" + file +
                         "'\nintercept = false\nstandardise = false\nprior_sd = [2.0]")
      ->density();
}

struct Chains {
  explicit Chains(const std::string& keys, const std::string& file = "mean.csv")
      : density(model_of(file)),
        options(test::sampler_of("name = 'sgld'\nstep_size = 1.0\n" + keys)),
        mode(mcmc::mode_of(*density)),
        batches(density->batches(options.sampler->batches(), mode)),
        population(*options.sampler, *density,
                   {.chains = 128 * mcmc::block_chains, .seed = 12, .batches = batches.get()},
                   {0, 128}) {
    population.start({deck::Distribution::Kind::constant, mode.x[0], 0.0});
  }

  /// Mean and variance around the mode.
  std::vector<test::Estimate> moments(std::uint64_t first, std::uint64_t last, std::uint64_t every,
                                      double h) {
    return test::averages(population, first, last, every, h, 2,
                          [&](const double* x, double* values) {
                            values[0] = x[0] - mode.x[0];
                            values[1] = values[0] * values[0];
                          });
  }

  std::unique_ptr<mcmc::Density> density;
  mcmc::SamplerOptions options;
  mcmc::Anchor mode;
  std::unique_ptr<mcmc::BatchDensity> batches;
  mcmc::Population population;
};

TEST(Sgld, HasTheVarianceOfItsStepsAndBatches) {
  const double spread = write_rows();
  constexpr double size = rows / 10.0;
  for (const double h : {0.002, 0.005}) {
    for (const bool replacement : {false, true}) {
      Chains chains("batch = 10\ncontrol_variate = false\nreplacement = " +
                    std::string(replacement ? "true" : "false"));
      chains.population.advance(0, 60, h);
      const auto found = chains.moments(60, 260, 5, h);
      const double batches =
          rows * rows / size * spread * (replacement ? 1 : (rows - size) / (rows - 1));
      const double expected = (1 + h * batches / 2) / (curvature * (1 - h * curvature / 2));
      const std::string what = "h = " + std::to_string(h) + (replacement ? ", with" : ", without");
      EXPECT_LT(found[0].deviation(what + ": mean", 0.0), 5);
      EXPECT_LT(found[1].deviation(what + ": variance", expected), 5);
      EXPECT_NEAR(found[1].mean, expected, 0.03 * expected);
      EXPECT_LT(found[1].error, 0.006 * expected);
      // The noise of batches is not small here: without it the variance would be another.
      EXPECT_GT(h * batches / 2, 1);
    }
  }
}

TEST(Sgld, WithControlVariatesHasTheVarianceOfUla) {
  write_rows();
  constexpr double h = 0.005;
  Chains chains("batch = 10");
  chains.population.advance(0, 60, h);
  const auto found = chains.moments(60, 260, 5, h);
  const double expected = 1 / (curvature * (1 - h * curvature / 2));
  EXPECT_LT(found[1].deviation("control variates: variance", expected), 5);
  EXPECT_NEAR(found[1].mean, expected, 0.03 * expected);
}

TEST(Sgld, HasTheVarianceOfRowsThatExplainDifferently) {
  constexpr int few = 20;
  constexpr double n = few;
  constexpr double size = 2;
  std::string text = "x,y\n";
  std::vector<double> x;
  std::vector<double> y;
  for (int r = 0; r < few; ++r) {
    x.push_back(0.25 * (1 + r % 7));
    y.push_back(x.back() + 0.5 * ((r * r) % 5 - 2));
    text += std::to_string(x.back()) + "," + std::to_string(y.back()) + "\n";
  }
  test::write_data("slope.csv", text);
  double squares = 0;
  for (const double one : x) squares += one * one;
  const double k = squares + prior_precision;
  for (const bool control : {true, false}) {
    Chains chains("batch = 2\ncontrol_variate = " + std::string(control ? "true" : "false"),
                  "slope.csv");
    double c = 0;
    double at_mode = 0;
    double mean_at_mode = 0;
    for (std::size_t r = 0; r < x.size(); ++r) {
      c += std::pow(x[r] * x[r] - squares / n, 2) / n;
      const double term = x[r] * (x[r] * chains.mode.x[0] - y[r]);
      at_mode += term * term / n;
      mean_at_mode += term / n;
    }
    const double factor = n * n / size * (n - size) / (n - 1);
    c *= factor;
    const double noise = control ? 0 : factor * (at_mode - mean_at_mode * mean_at_mode);
    const double h = 0.3 / k;
    const double expected = (1 + h * noise / 2) / (k * (1 - h * (k + c / k) / 2));
    chains.population.advance(0, 60, h);
    const auto found = chains.moments(60, 260, 5, h);
    const std::string what = control ? "slope, control variates" : "slope";
    EXPECT_LT(found[1].deviation(what, expected), 5);
    EXPECT_NEAR(found[1].mean, expected, 0.03 * expected);
    EXPECT_GT(c / k, 0.3 * k);  // not small either
  }
}

TEST(Sgld, DecreasesItsSteps) {
  write_rows();
  mcmc::Sgld sampler;
  sampler.schedule = "decreasing";
  sampler.offset = 4.0;
  EXPECT_EQ(sampler.size_of(0, 0.01), 0.01);
  EXPECT_DOUBLE_EQ(sampler.size_of(28, 0.01), 0.005);
  EXPECT_DOUBLE_EQ(sampler.size_of(100, 0.01), 0.01 * std::cbrt(4.0) / std::cbrt(104.0));

  Chains chains("batch = 10\nschedule = 'decreasing'\noffset = 4.0");
  constexpr double h = 0.015;
  double variance = 0;
  for (std::uint64_t step = 0; step < 12; ++step) {
    const double now = sampler.size_of(step, h);
    variance = std::pow(1 - now * curvature, 2) * variance + 2 * now;
  }
  chains.population.advance(0, 11, h);
  const auto found = chains.moments(11, 12, 1, h);
  EXPECT_LT(found[1].deviation("decreasing steps: variance", variance), 5);
  EXPECT_LT(found[1].error, 0.02 * variance);
}

TEST(Sgld, CountsRows) {
  write_rows();
  Chains chains("batch = 10");
  const std::int64_t before = chains.population.batch_rows();
  chains.population.advance(0, 3, 0.001);
  EXPECT_EQ(chains.population.batch_rows() - before, 3 * 10 * chains.population.chains());
  EXPECT_EQ(chains.population.gradients(), 0);
}

}  // namespace

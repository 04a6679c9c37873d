// SPDX-License-Identifier: BSD-3-Clause
#include "stats/residual_tests.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>
#include <vector>

namespace {
using namespace driftwood;

TEST(ResidualTests, TailOfChiSquaredHasItsClosedForms) {
  for (const double x : {1e-3, 0.5, 1.0, 3.84, 10.0, 50.0, 300.0}) {
    // Two degrees: exp(-x/2). Four: (1 + x/2) exp(-x/2). One: erfc(sqrt(x/2)).
    EXPECT_NEAR(stats::chi_squared_tail(x, 2), std::exp(-x / 2), 1e-13 * std::exp(-x / 2) + 1e-15);
    EXPECT_NEAR(stats::chi_squared_tail(x, 4), (1 + x / 2) * std::exp(-x / 2),
                1e-12 * std::exp(-x / 2) + 1e-15);
    EXPECT_NEAR(stats::chi_squared_tail(x, 1), std::erfc(std::sqrt(x / 2)), 1e-14);
  }
  EXPECT_EQ(stats::chi_squared_tail(0, 3), 1);
  // By the law of large numbers: the median of many degrees of freedom is near n - 2/3.
  EXPECT_NEAR(stats::chi_squared_tail(1e4 - 2.0 / 3, 1e4), 0.5, 1e-4);
  EXPECT_TRUE(std::isnan(stats::chi_squared_tail(1, 0)));
}

TEST(ResidualTests, LjungBoxByHand) {
  // 1, -1, 1, -1: mean 0, products 4, -3, 2: rho -3/4 and 1/2.
  const std::vector<double> series{1, -1, 1, -1};
  const auto result = stats::ljung_box(series, 2);
  EXPECT_NEAR(result.statistic, 4 * 6 * (9.0 / 16 / 3 + 1.0 / 4 / 2), 1e-14);
  EXPECT_NEAR(result.p_value, std::exp(-result.statistic / 2), 1e-14);
  EXPECT_TRUE(std::isnan(stats::ljung_box(series, 4).p_value));
}

TEST(ResidualTests, JarqueBeraByHand) {
  // 0, 0, 0, 4: mean 1; sums of powers of -1, -1, -1, 3: 12, 24, 84.
  const std::vector<double> values{0, 0, 0, 4};
  const double skewness = 6 / std::pow(3.0, 1.5);
  const double kurtosis = 4.0 * 84 / 144;
  EXPECT_NEAR(stats::jarque_bera(values).statistic,
              4 * (skewness * skewness / 6 + (kurtosis - 3) * (kurtosis - 3) / 24), 1e-14);
}

TEST(ResidualTests, DistanceFromTheUniformLawByHand) {
  EXPECT_NEAR(stats::kolmogorov_smirnov({0.1, 0.7}).statistic, 0.4, 1e-15);
  EXPECT_NEAR(stats::kolmogorov_smirnov({0.5}).statistic, 0.5, 1e-15);
  // Two values cannot lie nearer: the exact probability is 1.
  EXPECT_NEAR(stats::kolmogorov_smirnov({0.25, 0.75}).p_value, 1, 0.01);
}

TEST(ResidualTests, PValuesAreUniformUnderTheirHypotheses) {
  // 2000 series of 500 draws. A share of p values below 0.05 has the standard error 0.0049, and
  // that of Jarque and Bera's test is known to fall short of its nominal size at few values: 0.010
  // off are allowed for it. Limits of 4 standard errors: false alarms in 6e-5 of the seeds each.
  constexpr int series = 2000;
  constexpr unsigned seed = 5;
  std::mt19937_64 generator(seed);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  int serial = 0;
  int not_normal = 0;
  int not_uniform = 0;
  for (int s = 0; s < series; ++s) {
    std::vector<double> z(500);
    std::vector<double> u(500);
    for (double& v : z) v = normal(generator);
    for (double& v : u) v = uniform(generator);
    serial += stats::ljung_box(z, 10).p_value < 0.05;
    not_normal += stats::jarque_bera(z).p_value < 0.05;
    not_uniform += stats::kolmogorov_smirnov(u).p_value < 0.05;
  }
  EXPECT_NEAR(serial / double{series}, 0.05, 4 * 0.0049) << "seed " << seed;
  EXPECT_NEAR(not_normal / double{series}, 0.05, 4 * 0.0049 + 0.010) << "seed " << seed;
  EXPECT_NEAR(not_uniform / double{series}, 0.05, 4 * 0.0049) << "seed " << seed;
}
}  // namespace

// SPDX-License-Identifier: BSD-3-Clause
#include "stats/slope.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "base/error.hpp"

namespace {
using namespace driftwood;

TEST(Slope, IsExactOnALineWhateverTheWeights) {
  const std::vector<double> x = {0, 1, 3};
  const std::vector<double> y = {2, 2.5, 3.5};
  const auto slope = stats::fit_slope(x, y, std::vector<double>{1, 0, 0, 0, 9, 0, 0, 0, 0.1});
  EXPECT_NEAR(slope.value, 0.5, 1e-14);
}

TEST(Slope, OfTwoPointsHasTheErrorOfTheirDifference) {
  const std::vector<double> x = {0, 2};
  const std::vector<double> y = {1, 4};
  const auto slope = stats::fit_slope(x, y, std::vector<double>{0.04, 0.01, 0.01, 0.04});
  EXPECT_NEAR(slope.value, 1.5, 1e-14);
  EXPECT_NEAR(slope.standard_error, std::sqrt(0.04 + 0.04 - 2 * 0.01) / 2, 1e-14);
}

TEST(Slope, StandardErrorIsTheSpreadOfTheSlope) {
  // Correlated errors: y_i = 0.7 x_i + sigma_i (common + own_i). The relative standard error of a
  // standard deviation from n samples is 1 / sqrt(2 n): 1 %, and 5 of them are allowed (false
  // alarms in 6e-7 of the seeds).
  constexpr int n = 5000;
  const std::vector<double> x = {0, 1, 2, 3};
  const std::vector<double> sigma = {0.1, 0.2, 0.2, 0.4};
  std::vector<double> covariance(16);
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t j = 0; j < 4; ++j)
      covariance[4 * i + j] = sigma[i] * sigma[j] * (1 + (i == j));
  }
  std::mt19937_64 engine(3);
  std::normal_distribution<double> normal;
  double sum = 0;
  double square = 0;
  stats::Slope slope{};
  for (int k = 0; k < n; ++k) {
    const double common = normal(engine);
    std::vector<double> y;
    for (std::size_t i = 0; i < 4; ++i)
      y.push_back(0.7 * x[i] + sigma[i] * (common + normal(engine)));
    slope = stats::fit_slope(x, y, covariance);
    sum += slope.value;
    square += slope.value * slope.value;
  }
  const double mean = sum / n;
  const double sd = std::sqrt(square / n - mean * mean);
  EXPECT_NEAR(mean, 0.7, 5 * sd / std::sqrt(n));
  EXPECT_NEAR(sd / slope.standard_error, 1, 0.05);
}

TEST(Slope, NeedsTwoPointsAndAgreeingLengths) {
  EXPECT_TRUE(std::isnan(
      stats::fit_slope(std::vector<double>{1}, std::vector<double>{1}, std::vector<double>{1})
          .value));
  EXPECT_THROW(static_cast<void>(stats::fit_slope(std::vector<double>{1}, std::vector<double>{1, 2},
                                                  std::vector<double>{1})),
               Error);
}
}  // namespace

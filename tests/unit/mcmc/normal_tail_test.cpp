// SPDX-License-Identifier: BSD-3-Clause
// Claims: the scaled complementary error function and the logarithm of the normal distribution
// function keep their digits everywhere, and the slope is the derivative.
#include "mcmc/normal_tail.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace {
using namespace driftwood;

TEST(NormalTail, AgreesWithLongDouble) {
  double worst = 0;
  for (double u = 0; u < 50; u += 0.000313) {
    const long double exact =
        u < 100 ? std::exp(static_cast<long double>(u) * u) * std::erfc(static_cast<long double>(u))
                : 0;
    const double error = static_cast<double>(std::abs(mcmc::scaled_erfc(u) - exact) / exact);
    worst = std::max(worst, error);
  }
  EXPECT_LT(worst, 6e-16);
}

TEST(NormalTail, LogarithmAndSlopeKeepTheirDigits) {
  for (double x = -40; x < 12; x += 0.0117) {
    double value = 0;
    double slope = 0;
    mcmc::log_normal_cdf(x, value, slope);
    const long double tail = std::erfc(-static_cast<long double>(x) / std::sqrt(2.0L)) / 2;
    const long double bell =
        std::exp(-static_cast<long double>(x) * x / 2) / std::sqrt(2 * std::acos(-1.0L));
    EXPECT_NEAR(value, static_cast<double>(std::log(tail)), 1e-15 * (1 + std::abs(value))) << x;
    EXPECT_NEAR(slope, static_cast<double>(bell / tail), 3e-15 * std::max(slope, 1e-14)) << x;
  }
}

}  // namespace

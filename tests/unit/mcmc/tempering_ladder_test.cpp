// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>

#include "mcmc/ladder.hpp"

namespace {
using namespace driftwood::mcmc;

TEST(Tempering, LadderGoesFromOneToZero) {
  EXPECT_EQ(first_ladder(2), (std::vector<double>{1, 0}));
  EXPECT_EQ(first_ladder(3), (std::vector<double>{1, 0.125, 0}));
}

TEST(Tempering, LadderIsEqualisedWithinItsSegments) {
  // Half of all rejections lie in each segment: the rung in the middle stays.
  EXPECT_EQ(equalised({1, 0.5, 0}, {0.2, 0.2}), (std::vector<double>{1, 0.5, 0}));
  // Three quarters lie between 0.5 and 0: two thirds of the way down from 1, one third into it.
  const auto moved = equalised({1, 0.5, 0}, {0.1, 0.3});
  EXPECT_DOUBLE_EQ(moved[1], 0.5 - 0.5 / 3);
  // Nothing was refused anywhere: nothing is known, and nothing falls together.
  EXPECT_EQ(equalised({1, 0.25, 0}, {0, 0}), (std::vector<double>{1, 0.25, 0}));
}

/// Rejections as if their rate at beta were 1 / (2 sqrt(beta)), whose sum up to beta is sqrt(beta).
std::vector<double> rejections_of(const std::vector<double>& beta) {
  std::vector<double> out;
  for (std::size_t k = 0; k + 1 < beta.size(); ++k) {
    out.push_back(std::sqrt(beta[k]) - std::sqrt(beta[k + 1]));
  }
  return out;
}

TEST(Tempering, RepeatedEqualisationEndsWhereRejectionsAreEqual) {
  std::vector<double> beta = first_ladder(6);
  for (int i = 0; i < 30; ++i) beta = equalised(beta, rejections_of(beta));
  for (std::size_t k = 0; k < 6; ++k) {
    const double left = static_cast<double>(5 - k) / 5;
    EXPECT_NEAR(beta[k], left * left, 1e-6);
  }
}

TEST(Tempering, ValuesAreCarriedOverLinearly) {
  EXPECT_EQ(carried_over({1, 0.5, 0}, {4, 2, 8}, {1, 0.75, 0.25, 0}),
            (std::vector<double>{4, 3, 5, 8}));
}

TEST(Tempering, WindowsDoubleAndLeaveAFifth) {
  EXPECT_EQ(ladder_windows(100), (std::vector<std::int64_t>{5, 10, 20, 40, 80}));
  EXPECT_TRUE(ladder_windows(4).empty());
}

TEST(Tempering, IntegralIsTrapezoidal) {
  EXPECT_DOUBLE_EQ(integral_over_ladder({1, 0.25, 0}, {2, 4, 8}), 0.75 * 3 + 0.25 * 6);
}

}  // namespace

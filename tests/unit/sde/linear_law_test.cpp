// SPDX-License-Identifier: BSD-3-Clause
#include "sde/linear_law.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace {
using namespace driftwood::sde;

TEST(LinearLaw, OfOneComponentIsOrnsteinUhlenbecks) {
  for (const double rate : {1e-9, 0.3, 5.0, 4e3}) {
    const LinearLaw law = linear_law({{rate}}, {{0.7}}, 0.9);
    const double variance = -0.49 * std::expm1(-2 * rate * 0.9) / (2 * rate);
    EXPECT_NEAR(law.decay[0][0], std::exp(-rate * 0.9), 1e-14);
    EXPECT_NEAR(law.covariance[0][0], variance, 4e-15 * variance * (1 + std::log2(1 + rate)));
  }
}

TEST(LinearLaw, OfARotation) {
  // A = I + 2 J with J J = -I: exp(-A h) = e^-h times a rotation by -2 h, and B B^T = I stays
  // round.
  const LinearLaw law = linear_law({{1, 2}, {-2, 1}}, {{1, 0}, {0, 1}}, 1.3);
  EXPECT_NEAR(law.decay[0][0], std::exp(-1.3) * std::cos(2.6), 1e-14);
  EXPECT_NEAR(law.decay[0][1], -std::exp(-1.3) * std::sin(2.6), 1e-14);
  EXPECT_NEAR(law.covariance[0][0], -std::expm1(-2.6) / 2, 1e-14);
  EXPECT_NEAR(law.covariance[0][1], 0, 1e-15);
}

TEST(LinearLaw, OfAnIntegratedBrownianMotion) {
  // dX1 = X2 dt, dX2 = dW: variances h^3/3 and h, covariance h^2/2, whatever the step.
  for (const double h : {1e-3, 0.5, 40.0}) {
    const LinearLaw law = linear_law({{0, -1}, {0, 0}}, {{0}, {1}}, h);
    EXPECT_NEAR(law.decay[0][1], h, 1e-14 * h);
    EXPECT_NEAR(law.covariance[0][0], h * h * h / 3, 1e-14 * h * h * h);
    EXPECT_NEAR(law.covariance[0][1], h * h / 2, 1e-14 * h * h);
    EXPECT_NEAR(law.covariance[1][1], h, 1e-14 * h);
    const Matrix l = cholesky_of_semidefinite(law.covariance);
    EXPECT_NEAR(l[1][1], std::sqrt(h / 4), 1e-12 * std::sqrt(h));
  }
}

TEST(Cholesky, LeavesDirectionsWithoutVarianceOut) {
  const Matrix l = cholesky_of_semidefinite({{4, 2, 0}, {2, 1, 0}, {0, 0, 0}});
  EXPECT_EQ(l, (Matrix{{2, 0, 0}, {1, 0, 0}, {0, 0, 0}}));
}
}  // namespace

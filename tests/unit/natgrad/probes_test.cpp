// SPDX-License-Identifier: BSD-3-Clause
// Claim: probes are signs that depend on nothing but what they are for; a control takes variance
// out of a mean and adds no bias; memory that is stated is what designs take.
#include "natgrad/large/probes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "natgrad/large/large_replica.hpp"
#include "natgrad/large/plan.hpp"

namespace {
using namespace driftwood;
using natgrad::Probed;

constexpr natgrad::DesignKey key{.seed = 4, .design = 1, .replica = 2};

TEST(Probes, AreTheSameInAnyParts) {
  const auto whole = natgrad::probe_signs(key, Probed::bias, 0, 5, 0, 40);

  const auto part = natgrad::probe_signs(key, Probed::bias, 3, 2, 11, 30);

  ASSERT_EQ(part.size(), 2 * 19);
  for (std::size_t c = 0; c < 2; ++c) {
    for (std::size_t i = 0; i < 19; ++i) EXPECT_EQ(part[i + c * 19], whole[11 + i + (3 + c) * 40]);
  }
  for (const double sign : whole) EXPECT_EQ(std::abs(sign), 1);
}

TEST(Probes, OfTheTwoTracesAreIndependent) {
  constexpr std::size_t size = 40'000;
  const auto a = natgrad::probe_signs(key, Probed::bias, 0, 1, 0, size);
  const auto b = natgrad::probe_signs(key, Probed::variance, 0, 1, 0, size);
  const auto c = natgrad::probe_signs(key, Probed::bias, 1, 1, 0, size);
  double ab = 0;
  double ac = 0;
  double sum = 0;
  for (std::size_t i = 0; i < size; ++i) {
    ab += a[i] * b[i];
    ac += a[i] * c[i];
    sum += a[i];
  }
  // Standard deviation 200 each: three false alarms in 10^6.
  for (const double of : {ab, ac, sum}) EXPECT_LT(std::abs(of), 5 * std::sqrt(double{size}));
}

TEST(Probes, AControlTakesVarianceOutAndAddsNoBias) {
  // values = 3 + control + small noise, control of mean 2: what is left is the noise.
  std::mt19937_64 engine(11);
  std::normal_distribution<double> normal;
  constexpr int repeats = 2000;
  double sum = 0;
  double squares = 0;
  double left = 0;
  for (int r = 0; r < repeats; ++r) {
    natgrad::Probes probes(2);
    for (int i = 0; i < 20; ++i) {
      const double x = normal(engine);
      // the square makes the value depend on the control not only linearly
      probes.add(3 + x + 0.1 * (x * x - 1) + 0.1 * normal(engine), 2 + x);
    }
    const auto e = probes.estimate();
    sum += e.mean;
    squares += std::pow((e.mean - 3) / e.standard_error, 2);
    left += e.left / repeats;
  }
  // One mean has the standard deviation .17/sqrt(20); those of 2000, 9e-4 (5 of them: 6e-7).
  EXPECT_NEAR(sum / repeats, 3, 5 * 9e-4);
  EXPECT_LT(left, 0.1);
  // Stated errors are not too small: of Student's t with 16 degrees of freedom the mean square
  // would be 1.14, and that of the jackknife is less.
  EXPECT_LT(squares / repeats, 1.2);
  EXPECT_GT(squares / repeats, 0.6);
}

TEST(Probes, FewOfThemHaveNoControl) {
  natgrad::Probes probes(0);
  for (const double x : {1.0, 2.0, 3.0}) probes.add(x, x);

  const auto e = probes.estimate();

  EXPECT_DOUBLE_EQ(e.mean, 2);
  EXPECT_DOUBLE_EQ(e.standard_error, std::sqrt(1.0 / 3));
  EXPECT_EQ(e.left, 1);
}

TEST(LargePlan, StoresWhatFitsAndStatesTheMemory) {
  constexpr double gib = 1024.0 * 1024 * 1024;
  const natgrad::LargeOptions large{.memory = 8 * gib};
  const natgrad::LargeOptions small{.memory = 1 * gib};

  EXPECT_TRUE(natgrad::large_plan(1, 20'000, 40'000, large).is_stored);
  EXPECT_LT(natgrad::large_replica_bytes(1, 20'000, 40'000, large), 8 * gib);
  EXPECT_FALSE(natgrad::large_plan(1, 20'000, 40'000, small).is_stored);
  EXPECT_LT(natgrad::large_replica_bytes(1, 20'000, 40'000, small), 2 * gib);
  EXPECT_TRUE(natgrad::large_plan(8, 20'000, 40'000, small).is_stored);
}

}  // namespace

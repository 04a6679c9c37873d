// SPDX-License-Identifier: BSD-3-Clause
// Claims (A2): what the lemmas say of two inliers holds for every one of many samples, with slack
// and without, and plane, wedge and sector are each reached to a thousandth. A threshold that is
// not divided by sin(theta / 2) would reject a third of the pairs of inliers.
#include "unit/pose/lemmas.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {
using namespace driftwood;
using namespace driftwood::pose;
using driftwood::pose::testing::check_lemmas;
using driftwood::pose::testing::Draws;

TEST(Lemmas, HoldAndAreTight) {
  const auto found = check_lemmas(60, 500000);
  RecordProperty("plane", std::to_string(found.plane));
  RecordProperty("wedge", std::to_string(found.wedge));
  RecordProperty("sector", std::to_string(found.sector));
  EXPECT_GT(found.samples, 450000);
  EXPECT_EQ(found.violations, 0);
  for (const double tightness : {found.plane, found.wedge, found.sector}) {
    EXPECT_GE(tightness, 0.999);
    EXPECT_LE(tightness, 1 + 1e-9);
  }
}

// Bearings within 0.6 of the axis, points 4 to 8 away, sight lines up to half a degree off.
TEST(Lemmas, NeedThresholdsThatGrowForCloseBearings) {
  Draws draws(61);
  const double eps = 0.5 * pi / 180;
  const Vec3<double> axis = {0, 0, 1};
  int pairs = 0;
  int rejected_by_constant = 0;
  int rejected = 0;
  for (int k = 0; k < 100000; ++k) {
    const auto match = [&] {
      const double off = std::acos(draws.uniform(std::cos(0.6), 1));
      const Vec3<double> bearing = draws.off(axis, off);
      const Vec3<double> seen = draws.off(bearing, eps * draws.uniform());
      return Correspondence{draws.uniform(4, 8) / 16 * seen, bearing, eps};
    };
    const Pair pair(match(), match());
    if (pair.kind != PairKind::tested) continue;
    ++pairs;
    rejected_by_constant += std::abs(dot(pair.normal, pair.direction)) > std::sin(eps) ? 1 : 0;
    rejected += DirectPair<double>(pair).margin(pair.direction, {0, 1}) < 0 ? 1 : 0;
  }
  const double share = static_cast<double>(rejected_by_constant) / pairs;
  RecordProperty("rejected_by_constant", std::to_string(share));
  EXPECT_EQ(rejected, 0);
  EXPECT_GT(share, 0.25);  // its standard error is 0.0015
}

}  // namespace

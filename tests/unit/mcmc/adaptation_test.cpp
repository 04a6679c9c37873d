// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/adaptation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace {
using namespace driftwood::mcmc;

std::vector<std::int64_t> ends_of(std::int64_t warmup) {
  std::vector<std::int64_t> out;
  for (const ScaleWindow& w : scale_windows(warmup)) {
    out.push_back(w.first);
    out.push_back(w.last);
  }
  return out;
}

TEST(ScaleWindows, AreStans) {
  const std::vector<std::int64_t> of_1000{75, 100, 100, 150, 150, 250, 250, 450, 450, 950};
  EXPECT_EQ(ends_of(1000), of_1000);
  const std::vector<std::int64_t> of_150{75, 100};
  EXPECT_EQ(ends_of(150), of_150);
  const std::vector<std::int64_t> of_100{15, 90};
  EXPECT_EQ(ends_of(100), of_100);
  EXPECT_TRUE(scale_windows(19).empty());
}

TEST(ScaleWindows, FollowEachOther) {
  for (std::int64_t warmup = 20; warmup < 3000; ++warmup) {
    const auto windows = scale_windows(warmup);
    ASSERT_FALSE(windows.empty()) << warmup;
    for (std::size_t i = 0; i < windows.size(); ++i) {
      EXPECT_LT(windows[i].first, windows[i].last) << warmup;
      if (i > 0) {
        EXPECT_EQ(windows[i].first, windows[i - 1].last) << warmup;
      }
    }
    EXPECT_LE(windows.back().last, warmup);
  }
}

/// A chain that accepts a step of size h with this probability.
double acceptance(double h, double scale) { return std::exp(-h / scale); }

TEST(DualAveraging, FindsTheStepSizeOverOrdersOfMagnitude) {
  for (const double scale : {1e-6, 0.3, 1.0, 1e5}) {
    for (const double target : {0.4, 0.574, 0.8}) {
      DualAveraging averaging(1.0, target);
      for (int n = 0; n < 300; ++n) averaging.update(acceptance(averaging.step(), scale));
      EXPECT_NEAR(acceptance(averaging.averaged(), scale), target, 0.01) << scale << " " << target;
    }
  }
}

TEST(DualAveraging, GoesOnFromItsStepSize) {
  DualAveraging averaging(1.0, 0.8);
  for (int n = 0; n < 200; ++n) averaging.update(acceptance(averaging.step(), 1.0));
  const double found = averaging.averaged();
  averaging.restart();
  EXPECT_DOUBLE_EQ(averaging.step(), found);
  EXPECT_DOUBLE_EQ(averaging.averaged(), found);
}

TEST(Scales, AreStandardDeviationsDrawnTowardsSmallOnes) {
  // 100 draws of two coordinates: deviations with mean 1 and variance 4, and none at all.
  const std::vector<double> scales = scales_from({100, 100, 0, 500, 0});
  EXPECT_DOUBLE_EQ(scales[0], std::sqrt((100 * 4 + 5e-3) / 105));
  EXPECT_DOUBLE_EQ(scales[1], std::sqrt(5e-3 / 105));
}

}  // namespace

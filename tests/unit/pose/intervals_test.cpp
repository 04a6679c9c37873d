// SPDX-License-Identifier: BSD-3-Clause
// Claims: the most intervals that overlap are those counted at every end, at a point that is in as
// many; where a wave is within bounds is what trying angles says; the sweep of a Hopf cell is not
// below any rotation of it, and of a small cell it is what its best rotation has.
#include "pose/bounds/intervals.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "pose/bounds/hopf.hpp"
#include "unit/pose/draws.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::pose;
using driftwood::pose::testing::Draws;
using driftwood::pose::testing::inlier_pair;

int count_at(const std::vector<Interval>& intervals, double x) {
  return static_cast<int>(std::count_if(intervals.begin(), intervals.end(), [&](const Interval& i) {
    return i.low <= x && x <= i.high;
  }));
}

TEST(Intervals, OverlapMostWhereCountsSay) {
  Draws draws(80);
  constexpr double infinite = std::numeric_limits<double>::infinity();
  for (int k = 0; k < 2000; ++k) {
    std::vector<Interval> all;
    const int n = draws.below(20);
    for (int i = 0; i < n; ++i) {
      // Many ends coincide; some intervals are empty, points, or infinite.
      double low = draws.below(8);
      double high = low + draws.below(5) - 1;
      if (draws.below(10) == 0) low = -infinite;
      if (draws.below(10) == 0) high = infinite;
      all.push_back({low, high});
    }
    int most = 0;
    for (const Interval& i : all) {
      for (const double end : {i.low, i.high}) {
        if (std::isfinite(end)) most = std::max(most, count_at(all, end));
      }
    }
    most = std::max(most, count_at(all, -1e9));
    const Stab found = most_overlapping(all);
    EXPECT_EQ(found.count, most);
    EXPECT_EQ(count_at(all, found.at), most) << found.at;
    EXPECT_TRUE(std::isfinite(found.at));
  }
}

template <class T>
struct Waves : ::testing::Test {};
using Precisions = ::testing::Types<double, float>;
TYPED_TEST_SUITE(Waves, Precisions);

TYPED_TEST(Waves, AreWithinBoundsWhereAnglesSay) {
  using T = TypeParam;
  Draws draws(81);
  // What lies this much beyond is outside of intervals that are widened by rounding, too.
  const double margin = sizeof(T) == 8 ? 1e-12 : 1e-3;
  for (int k = 0; k < 3000; ++k) {
    const auto n = draws.direction();
    const auto u = draws.direction();
    const T a = static_cast<T>(n[0] * u[0] + n[1] * u[1]);
    const T b = static_cast<T>(n[1] * u[0] - n[0] * u[1]);
    const T c = static_cast<T>(n[2] * u[2]);
    const T s = static_cast<T>(draws.scale(1e-3, 1));
    std::vector<Interval> found;
    add_intervals<T>(a, b, c, s, found);
    for (int i = 0; i < 50; ++i) {
      const double phi = draws.uniform(0, 2 * pi);
      const double value =
          std::abs(static_cast<double>(a) * std::cos(phi) + static_cast<double>(b) * std::sin(phi) +
                   static_cast<double>(c));
      const int holders = count_at(found, phi);
      if (value <= static_cast<double>(s)) {
        EXPECT_EQ(holders, 1);
      } else if (value > static_cast<double>(s) + margin) {
        EXPECT_EQ(holders, 0);
      }
    }
  }
}

TEST(HopfCells, AreBoundedAndTightWhereSmall) {
  Draws draws(82);
  double excess = 0;
  for (int k = 0; k < 50; ++k) {
    const int level = k % 2 == 0 ? 20 : draws.below(6);
    Vec<double, 2> centre;
    const double half = std::ldexp(1.0, -level);
    for (int a = 0; a < 2; ++a) centre[a] = (2 * draws.below(1 << level) + 1) * half - 1;
    const SphereCell cell = {{draws.below(3), centre, half}, draws.below(2) == 0};
    std::vector<DirectPair<double>> pairs;
    while (pairs.size() < 40) {
      const auto inlier = inlier_pair(draws, rotation_of(draws.quaternion()));
      const Pair pair(inlier.i, inlier.j);
      if (pair.kind == PairKind::tested) pairs.emplace_back(pair);
    }
    const auto bound = most_planes(cell.middle(), cell.radius(), pairs);
    int best = 0;
    const auto count = [&](const Vec3<double>& p, double phi) {
      const auto frame = frame_onto(p);
      int holds = 0;
      for (const auto& pair : pairs) {
        const Vec3<double>& u = pair.direction;
        const Vec3<double> turned =
            rotated(frame, {std::cos(phi) * u[0] - std::sin(phi) * u[1],
                            std::sin(phi) * u[0] + std::cos(phi) * u[1], u[2]});
        holds += std::abs(dot(pair.normal, turned)) <= pair.tilt.sine ? 1 : 0;
      }
      return holds;
    };
    for (int i = 0; i < 2000; ++i) {
      Vec<double, 2> x = cell.square.centre;
      for (int a = 0; a < 2; ++a) x[a] += half * draws.uniform(-1, 1);
      const auto p = (cell.opposite ? -1.0 : 1.0) * normalised(cell.square.at(x));
      best = std::max(best, count(p, draws.uniform(0, 2 * pi)));
    }
    EXPECT_GE(bound.count, best);
    if (level == 20) {
      EXPECT_EQ(count(cell.middle(), bound.at), bound.count);
    } else {
      excess += bound.count - best;
    }
  }
  RecordProperty("mean_excess_of_large_cells", std::to_string(excess / 25));
}

}  // namespace

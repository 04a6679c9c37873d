// SPDX-License-Identifier: BSD-3-Clause
// Claims: bounds of boxes of camera centres (T1 by balls, T2 by planes, T3 by lines) are not below
// what any centre of the box has (A1, in validity_test.cpp one by one, here as sums), are tight
// where boxes are small, and T1 with T2 is tighter than T1; heights on lines are those that trying
// says.
#include "pose/bounds/translation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "unit/pose/draws.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::pose;
using driftwood::pose::testing::Draws;

constexpr int cones = 150;

/// Half of them hold a centre that all of these see.
std::vector<Cone<double>> some_cones(Draws& draws) {
  const Vec3<double> seen_from = draws.uniform(0.2, 1) * draws.direction();
  std::vector<Cone<double>> out;
  for (int i = 0; i < cones; ++i) {
    const Vec3<double> point = draws.uniform(0, 1) * draws.direction();
    const Vec3<double> towards =
        i % 2 == 0 ? draws.off(normalised(point - seen_from), 0.02 * draws.uniform())
                   : draws.direction();
    out.push_back({point, towards, angle_of(0.02)});
  }
  return out;
}

int holds(const std::vector<Cone<double>>& all, const Vec3<double>& centre) {
  return static_cast<int>(std::count_if(all.begin(), all.end(), [&](const Cone<double>& c) {
    return angle_between(c.towards, c.apex - centre) <= radians(c.reach);
  }));
}

/// T3 of a box: lines along z through the middle of its square, and the ball that all centres of
/// their height are in.
int most_on_lines(const std::vector<Cone<double>>& all, const CentreBox<double>& box) {
  std::vector<Interval> intervals;
  const Vec3<double> base = {box.middle[0], box.middle[1], 0};
  const double r = std::hypot(box.half[0], box.half[1]);
  for (const Cone<double>& cone : all) {
    Interval found = heights(cone, base, {0, 0, 1}, r);
    // A search would branch over x and y alone; here for the same centres as T1 and T2.
    found.low = std::max(found.low, box.middle[2] - box.half[2]);
    found.high = std::min(found.high, box.middle[2] + box.half[2]);
    intervals.push_back(found);
  }
  return most_overlapping(intervals).count;
}

struct Excess {
  double ball = 0;
  double both = 0;
  double lines = 0;
};

/// What bounds are above the best of many centres of a box, on average over boxes.
Excess mean_excess(int component, double half, int boxes, int centres) {
  Draws draws(component);
  Excess out;
  for (int k = 0; k < boxes; ++k) {
    const auto all = some_cones(draws);
    const CentreBox<double> box = {draws.uniform(0, 1) * draws.direction(), {half, half, half}};
    int ball = 0;
    int both = 0;
    for (const auto& cone : all) {
      ball += ball_margin(cone, box) >= 0 ? 1 : 0;
      both += cone_margin(cone, box) >= 0 ? 1 : 0;
    }
    const int lines = most_on_lines(all, box);
    int best = 0;
    for (int i = 0; i < centres; ++i) {
      Vec3<double> centre = box.middle;
      for (int a = 0; a < 3; ++a) centre[a] += half * draws.uniform(-1, 1);
      best = std::max(best, holds(all, centre));
    }
    EXPECT_GE(both, best);
    EXPECT_GE(lines, best);
    EXPECT_GE(ball, both);
    out.ball += static_cast<double>(ball - best) / boxes;
    out.both += static_cast<double>(both - best) / boxes;
    out.lines += static_cast<double>(lines - best) / boxes;
  }
  return out;
}

TEST(CentreBounds, AreInOrder) {
  const Excess found = mean_excess(90, 1.0 / 16, 200, 500);
  RecordProperty("T1", std::to_string(found.ball));
  RecordProperty("T1_and_T2", std::to_string(found.both));
  RecordProperty("T3", std::to_string(found.lines));
  EXPECT_LT(found.both, 0.9 * found.ball);
}

TEST(CentreBounds, AreTightWhereBoxesAreSmall) {
  const Excess found = mean_excess(91, 1e-9, 200, 1);
  EXPECT_EQ(found.ball, 0);
  EXPECT_EQ(found.both, 0);
}

TEST(Heights, AreThoseOfTheLineWhereItHasNoWidth) {
  Draws draws(92);
  int inside = 0;
  for (int k = 0; k < 3000; ++k) {
    const Vec3<double> along = draws.direction();
    const Vec3<double> base = draws.uniform(0, 1) * draws.direction();
    const Vec3<double> point = draws.uniform(0, 1) * draws.direction();
    const double reach = draws.scale(1e-2, 1.2);
    const Cone<double> cone = {point, draws.direction(), angle_of(reach)};
    const Interval found = heights(cone, base, along, 0);
    for (int i = 0; i < 50; ++i) {
      const double z = draws.uniform(-4, 4);
      const double off = angle_between(cone.towards, point - (base + z * along));
      const bool within = found.low <= z && z <= found.high;
      inside += within ? 1 : 0;
      if (off < reach - 1e-9) {
        EXPECT_TRUE(within);
      }
      if (off > reach + 1e-6) {
        EXPECT_FALSE(within) << off << ' ' << reach;
      }
    }
  }
  EXPECT_GT(inside, 1000);
}

}  // namespace

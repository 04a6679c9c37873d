// SPDX-License-Identifier: BSD-3-Clause
// Claims: quaternions multiply as their rotations do; keys are the bits of boxes and give them
// back, exactly in single precision too; the four roots tile the rotations and children their
// parent; no rotation of a box is farther from its middle than its radius, and a vertex is as far.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "pose/geometry/unit_ball.hpp"
#include "unit/pose/draws.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::pose;
using driftwood::pose::testing::Draws;

TEST(Rotation, OfAProductIsTheProduct) {
  Draws draws(0);
  for (int k = 0; k < 1000; ++k) {
    const auto p = draws.quaternion();
    const auto q = draws.quaternion();
    const auto v = draws.direction();
    const auto once = rotated(rotation_of(product(p, q)), v);
    const auto twice = rotated(rotation_of(p), rotated(rotation_of(q), v));
    EXPECT_LT(norm(once - twice), 2e-15);
    EXPECT_LT(norm(rotated_back(rotation_of(p), rotated(rotation_of(p), v)) - v), 2e-15);
    // q v q^-1 in quaternions.
    const Quaternion<double> back = {q[0], -q[1], -q[2], -q[3]};
    const auto turned = product(product(q, pure(v)), back);
    EXPECT_LT(norm(1 / dot(q, q) * Vec3<double>{turned[1], turned[2], turned[3]} -
                   rotated(rotation_of(q), v)),
              2e-15);
  }
}

TEST(Rotation, DiffersByTheAngleOfItsTrace) {
  Draws draws(1);
  for (int k = 0; k < 1000; ++k) {
    const auto p = draws.quaternion();
    const auto q = draws.quaternion();
    const auto a = rotation_of(p);
    const auto b = rotation_of(q);
    double trace = 0;
    for (int i = 0; i < 3; ++i) {
      for (int j = 0; j < 3; ++j) trace += a(i, j) * b(i, j);
    }
    EXPECT_NEAR(std::cos(angle_between(p, q)), (trace - 1) / 2, 1e-14);
  }
}

TEST(Angle, AddsUpToPi) {
  Draws draws(2);
  for (int k = 0; k < 10000; ++k) {
    const double a = draws.uniform(0, pi);
    const double b = draws.uniform(0, pi);
    const auto sum = sum_up_to_pi(angle_of(a), angle_of(b));
    EXPECT_NEAR(radians(sum), std::min(a + b, pi), 2e-15);
  }
  EXPECT_EQ(radians(sum_up_to_pi(Angle<double>{0, -1}, Angle<double>{0, -1})), pi);
}

TEST(Angle, BetweenDirectionsIsPreciseWhereSmall) {
  Draws draws(3);
  for (int k = 0; k < 1000; ++k) {
    const auto u = draws.direction();
    const double angle = draws.scale(1e-9, 3);
    EXPECT_NEAR(angle_between(u, draws.off(u, angle)), angle, 4e-16 + 1e-15 * angle);
  }
}

TEST(BoxKey, GivesBackItsParts) {
  Draws draws(4);
  for (int k = 0; k < 10000; ++k) {
    const BoxKey key = draws.box(deepest_level);
    EXPECT_TRUE(is_key(key.word));
    EXPECT_EQ(BoxKey(key.chart(), key.level(), key.path()), key);
    const auto box = box_of<double>(key);
    EXPECT_EQ(box_around(box.middle(), key.level()), key);
    const auto single = box_of<float>(key);
    for (int a = 0; a < 3; ++a) EXPECT_EQ(static_cast<double>(single.centre[a]), box.centre[a]);
  }
  EXPECT_FALSE(is_key(BoxKey(0, 19, 0).word));
  EXPECT_FALSE(is_key(BoxKey(3, 1, 8).word));
  EXPECT_FALSE(is_key(std::uint64_t{1} << 61));
}

TEST(BoxKey, ChildrenTileTheirParent) {
  Draws draws(5);
  for (int k = 0; k < 1000; ++k) {
    const BoxKey parent = draws.box(deepest_level - 1);
    const auto outer = box_of<double>(parent);
    std::uint64_t next = parent.first_unit();
    for (int part = 0; part < 8; ++part) {
      const BoxKey child = parent.child(part);
      EXPECT_EQ(child.first_unit(), next);
      next += child.units();
      const auto inner = box_of<double>(child);
      EXPECT_EQ(inner.half, outer.half / 2);
      for (int a = 0; a < 3; ++a) {
        const double side = ((part >> a) & 1) != 0 ? 1 : -1;
        EXPECT_EQ(inner.centre[a], outer.centre[a] + side * inner.half);
      }
    }
    EXPECT_EQ(next, parent.first_unit() + parent.units());
  }
}

TEST(BoxKey, RootsTileTheRotations) {
  std::uint64_t next = 0;
  for (int chart = 0; chart < charts; ++chart) {
    const BoxKey root(chart, 0, 0);
    EXPECT_EQ(root.first_unit(), next);
    next += root.units();
  }
  EXPECT_EQ(next, all_units);
  // Every rotation is in one root: the others have it outside, but for ties.
  Draws draws(6);
  for (int k = 0; k < 10000; ++k) {
    const auto q = draws.quaternion();
    int holders = 0;
    for (int chart = 0; chart < charts; ++chart) {
      bool inside = true;
      for (int a = 0; a < charts; ++a) inside = inside && std::abs(q[a]) <= std::abs(q[chart]);
      holders += inside ? 1 : 0;
      if (inside) {
        EXPECT_EQ(box_around(q, 0).chart(), chart);
      }
    }
    EXPECT_EQ(holders, 1);
    // And in the box that is said to be around it.
    const BoxKey key = box_around(q, draws.below(deepest_level + 1));
    const auto box = box_of<double>(key);
    for (int a = 0; a < 3; ++a) {
      const double x = q[a + (a >= key.chart() ? 1 : 0)] / q[key.chart()];
      EXPECT_LE(std::abs(x - box.centre[a]), box.half + 1e-15);
    }
  }
}

TEST(Box, RadiusHoldsAndIsAttained) {
  Draws draws(7);
  for (int k = 0; k < 2000; ++k) {
    const auto box = box_of<double>(draws.box(deepest_level));
    const double radius = radians(radius_of(box));
    for (int member = 0; member < 20; ++member) {
      EXPECT_LE(angle_between(draws.member(box), box.middle()), radius * (1 + 1e-9));
    }
    double farthest = 0;
    for (int corner = 0; corner < 8; ++corner) {
      Vec3<double> x = box.centre;
      for (int a = 0; a < 3; ++a) x[a] += ((corner >> a) & 1) != 0 ? box.half : -box.half;
      farthest = std::max(farthest, angle_between(box.at(x), box.middle()));
    }
    EXPECT_NEAR(farthest, radius, 1e-9 * radius);
  }
  EXPECT_NEAR(radians(radius_of(box_of<double>(BoxKey(0, 0, 0)))), 2 * pi / 3, 1e-15);
}

TEST(Residual, KnowsWhatIsBehind) {
  const Pose<double> pose = {rotation_of(Quaternion<double>{1, 0, 0, 0}), {0, 0, 0}};
  const Correspondence front = {{0, 0, 2}, {0, 0, 1}, 0.01};
  const Correspondence behind = {{0, 0, -2}, {0, 0, 1}, 0.01};
  EXPECT_EQ(residual(pose, front), 0);
  EXPECT_EQ(residual(pose, behind), pi);
  EXPECT_EQ(inliers(pose, std::vector{front, behind, front}), 2);
}

TEST(UnitBall, HoldsThePoints) {
  Draws draws(8);
  std::vector<Vec3<double>> points;
  for (int i = 0; i < 100; ++i) points.push_back(draws.uniform(0, 30) * draws.direction());
  const UnitBall ball(points);
  double farthest = 0;
  for (const auto& x : points) {
    farthest = std::max(farthest, norm(ball.into(x)));
    EXPECT_LT(norm(ball.out_of(ball.into(x)) - x), 1e-13);
  }
  EXPECT_NEAR(farthest, 1, 1e-15);
}

}  // namespace

// SPDX-License-Identifier: BSD-3-Clause
// Claims: two inliers of a pose pass every test of their pair on every box that holds its rotation,
// in both precisions; the tests on rays are those on directions; the plane is as tight as its
// lemma says.
#include "pose/bounds/pair.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "pose/bounds/taylor.hpp"
#include "unit/pose/draws.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::pose;
using driftwood::pose::testing::Draws;
using driftwood::pose::testing::inlier_pair;

template <class T>
struct PairBounds : ::testing::Test {};
using Precisions = ::testing::Types<double, float>;
TYPED_TEST_SUITE(PairBounds, Precisions);

template <class T>
T ray_margin(const Pair& pair, const Correspondence& i, const Correspondence& j,
             const RotationBall<T>& ball) {
  const Ray<T> a(ball.middle, rounded<T>(i.bearing), rounded<T>(i.point));
  const Ray<T> b(ball.middle, rounded<T>(j.bearing), rounded<T>(j.point));
  return LinePair<T>(pair).margin(reciprocal_product(a, b), gap(a, b), ball.slack);
}

TYPED_TEST(PairBounds, HoldForInliers) {
  using T = TypeParam;
  Draws draws(30);
  for (int k = 0; k < 5000; ++k) {
    const Box<double> box = box_of<double>(draws.box(deepest_level));
    const RotationBall<T> ball(box);
    const Box<T> same = {box.chart, rounded<T>(box.centre), static_cast<T>(box.half)};
    for (int member = 0; member < 16; ++member) {
      const auto inlier = inlier_pair(draws, rotation_of(draws.member(box)));
      const Pair pair(inlier.i, inlier.j);
      ASSERT_NE(pair.kind, PairKind::never);
      if (pair.kind == PairKind::always) continue;
      const DirectPair<T> direct(pair);
      const Vec3<T> v = rotated(ball.middle, direct.direction);
      ASSERT_GE(direct.plane_margin(v, ball.slack), 0);
      ASSERT_GE(direct.wedge_margin(v, ball.slack), 0);
      ASSERT_GE(direct.sector_margin(v, ball.slack), 0);
      ASSERT_GE(ray_margin(pair, inlier.i, inlier.j, ball), 0);
      ASSERT_GE(taylor_plane_margin(same, direct), 0);
      ASSERT_GE(taylor_wedge_margin(same, direct), 0);
    }
  }
}

TEST(Pair, BearingsMayBeNearlyOpposite) {
  const double eps = 1e-7;
  for (int k = 0; k < 64; ++k) {
    const double phi = k * pi / 32;
    const Vec3<double> f = {1, 0, 0};
    const double off = 1.5e-6;  // less than `normal` tells
    const Vec3<double> g = normalised(Vec3<double>{-1, off * std::cos(phi), off * std::sin(phi)});
    for (const double far : {1e-3, 1.0, 1e3}) {
      const Pair pair({0.5 * f, f, eps}, {0.5 * far * g, g, eps});
      ASSERT_EQ(pair.kind, PairKind::tested);
      const RotationBall<double> ball(rotation_of(Quaternion<double>{1, 0, 0, 0}), {0, 1});
      EXPECT_GE(DirectPair<double>(pair).margin(ball), 0) << phi << ' ' << far;
    }
  }
}

TEST(Pair, OnlyOnePointIsNeverSeenTwice) {
  const Vec3<double> x = {1e-170, 0, 0};
  const Vec3<double> f = {1, 0, 0};
  const Vec3<double> g = {-1, 0, 0};
  EXPECT_EQ(Pair({x, f, 0.01}, {x, g, 0.01}).kind, PairKind::never);
  EXPECT_EQ(Pair({x, f, 0.01}, {{0, 0, 0}, g, 0.01}).kind, PairKind::always);
  EXPECT_EQ(Pair({{1e200, 0, 0}, f, 0.01}, {{0, 0, 0}, g, 0.01}).kind, PairKind::always);
}

TEST(Pair, RaysAreDirections) {
  Draws draws(31);
  for (int k = 0; k < 10000; ++k) {
    const auto r = rotation_of(draws.quaternion());
    const auto inlier = inlier_pair(draws, r);
    const Pair pair(inlier.i, inlier.j);
    if (pair.kind != PairKind::tested || pair.half.cosine < 1e-5) continue;
    const auto other = rotation_of(draws.quaternion());
    const Ray<double> a(other, inlier.i.bearing, inlier.i.point);
    const Ray<double> b(other, inlier.j.bearing, inlier.j.point);
    const auto v = rotated(other, pair.direction);
    const double sine = 2 * pair.half.sine * pair.half.cosine;
    EXPECT_NEAR(reciprocal_product(a, b), sine * pair.length * dot(pair.normal, v), 2e-15);
    EXPECT_NEAR(gap(a, b), 2 * pair.half.sine * pair.length * dot(pair.middle, v), 2e-15);
  }
}

TEST(Pair, PlaneIsTight) {
  Draws draws(32);
  double most = 0;
  for (int k = 0; k < 100000; ++k) {
    const auto r = rotation_of(draws.quaternion());
    const auto inlier = inlier_pair(draws, r);
    const Pair pair(inlier.i, inlier.j);
    if (pair.kind != PairKind::tested) continue;
    most = std::max(most, std::abs(dot(pair.normal, rotated(r, pair.direction))) / pair.tilt.sine);
  }
  EXPECT_LE(most, 1 + 1e-9);
  EXPECT_GE(most, 0.999);
  RecordProperty("most", std::to_string(most));
}

}  // namespace

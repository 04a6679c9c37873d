// SPDX-License-Identifier: BSD-3-Clause
#include "base/lane.hpp"

#include <gtest/gtest.h>

#include <array>
#include <limits>

#include "base/vec.hpp"

namespace {
using namespace driftwood;

template <class T>
struct Lanes : ::testing::Test {
  static constexpr int width = width_of<Lane<T>>;

  /// 0, 1, 2, ... in the lanes.
  static Lane<T> ramp() {
    std::array<T, width> x;
    for (int l = 0; l < width; ++l) x[static_cast<std::size_t>(l)] = static_cast<T>(l);
    return load<Lane<T>>(x.data());
  }
  static std::array<T, width> lanes(const Lane<T>& r) {
    std::array<T, width> x;
    store_lanes(x.data(), r);
    return x;
  }
};
using Precisions = ::testing::Types<double, float>;
TYPED_TEST_SUITE(Lanes, Precisions);

TYPED_TEST(Lanes, SelectTakesEachLaneFromItsSide) {
  using R = Lane<TypeParam>;
  const R x = this->ramp();

  const auto low = this->lanes(select(less(x, R(3)), R(-1), x));

  for (int l = 0; l < this->width; ++l) {
    EXPECT_EQ(low[static_cast<std::size_t>(l)], l < 3 ? TypeParam(-1) : TypeParam(l));
  }
}

TYPED_TEST(Lanes, AnySeesASingleLane) {
  using R = Lane<TypeParam>;
  const R x = this->ramp();
  EXPECT_TRUE(any(equal(x, R(TypeParam(this->width - 1)))));
  EXPECT_FALSE(any(less(x, R(0))));
}

TYPED_TEST(Lanes, FmaRoundsOnce) {
  using R = Lane<TypeParam>;
  const TypeParam e = std::numeric_limits<TypeParam>::epsilon();
  const auto residual = this->lanes(fma(R(1 + e), R(1 - e), R(-1)));
  for (const TypeParam r : residual) EXPECT_EQ(r, -e * e);
}

TYPED_TEST(Lanes, IsFiniteRefusesInfinityAndNaN) {
  using R = Lane<TypeParam>;
  using Limits = std::numeric_limits<TypeParam>;
  EXPECT_TRUE(any(is_finite(R(Limits::max()))));
  EXPECT_FALSE(any(is_finite(R(Limits::infinity()))));
  EXPECT_FALSE(any(is_finite(R(-Limits::infinity()))));
  EXPECT_FALSE(any(is_finite(R(Limits::quiet_NaN()))));
}

TYPED_TEST(Lanes, MaxAndMinMatchTheScalarOnes) {
  using R = Lane<TypeParam>;
  const R x = this->ramp();
  const auto high = this->lanes(max(x, R(2)));
  const auto low = this->lanes(min(x, R(2)));
  for (int l = 0; l < this->width; ++l) {
    EXPECT_EQ(high[static_cast<std::size_t>(l)], max(TypeParam(l), TypeParam(2)));
    EXPECT_EQ(low[static_cast<std::size_t>(l)], min(TypeParam(l), TypeParam(2)));
  }
}

TEST(LaneWords, RotateLeftMatchesTheScalarOne) {
  using Words = word_of<Lane<double>>;
  constexpr std::uint64_t word = 0x0123456789abcdef;
  std::array<std::uint64_t, width_of<Lane<double>>> out;
  for (const int n : {1, 12, 31, 42, 63}) {
    store_lanes(out.data(), rotate_left(Words(word), n));
    for (const std::uint64_t w : out) EXPECT_EQ(w, (word << n) | (word >> (64 - n)));
  }
}

TEST(Vec, LowerTriangularProductUsesOnlyTheLowerHalf) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Lower<double, 2> g{{{2, nan}, {3, 4}}};
  const auto y = fma(g, Vec<double, 2>{{10, 100}}, Vec<double, 2>{{1, 1}});
  EXPECT_EQ(y[0], 21);
  EXPECT_EQ(y[1], 431);
}

TEST(Vec, DiagonalProductActsComponentByComponent) {
  const Diagonal<double, 2> g{{2, 3}};
  const auto y = fma(g, Vec<double, 2>{{10, 100}}, Vec<double, 2>{{1, 1}});
  EXPECT_EQ(y[0], 21);
  EXPECT_EQ(y[1], 301);
}
}  // namespace

// SPDX-License-Identifier: BSD-3-Clause
#include "base/lane.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <limits>

#include "base/narrow_lane.hpp"
#include "base/pack.hpp"
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

TYPED_TEST(Lanes, LargerAndSmallerTreatNaNAsSingleNumbersDo) {
  using R = Lane<TypeParam>;
  const TypeParam nan = std::numeric_limits<TypeParam>::quiet_NaN();
  const R x = this->ramp();
  EXPECT_EQ(this->lanes(max(R(nan), x)), this->lanes(x));
  EXPECT_EQ(this->lanes(min(R(nan), x)), this->lanes(x));
  for (const auto& y : {max(x, R(nan)), min(x, R(nan))}) EXPECT_FALSE(any(equal(y, y)));
  for (int l = 0; l < this->width; ++l) {
    const auto i = static_cast<std::size_t>(l);
    EXPECT_EQ(this->lanes(max(x, R(2)))[i], std::max(TypeParam(l), TypeParam(2)));
    EXPECT_EQ(this->lanes(min(x, R(2)))[i], std::min(TypeParam(l), TypeParam(2)));
  }
}

TYPED_TEST(Lanes, SumsOverLanesAreInTheOrderOfTheirPacks) {
  using R = NarrowLane<TypeParam>;
  constexpr int n = width_of<R>;
  TypeParam x[n * n];
  for (int i = 0; i < n * n; ++i) x[i] = static_cast<TypeParam>(i * i % 97);
  R packs[n];
  for (int p = 0; p < n; ++p) packs[p] = load<R>(x + p * n);
  TypeParam sums[n];
  store_lanes(sums, lane_sums(packs));
  for (int p = 0; p < n; ++p) {
    TypeParam sum = 0;
    for (int l = 0; l < n; ++l) sum += x[p * n + l];
    EXPECT_EQ(sums[p], sum) << p;
  }
}

/// The rounds of `lane_sums` on plain arrays, for registers of any width.
template <int W, int near>
void check_rounds() {
  using Order = LaneSums<W, near>;
  static_assert(Order::is_permutation());
  double sum[W][W];
  for (int lane = 0; lane < W; ++lane) {
    for (int l = 0; l < W; ++l) sum[Order::origin(lane)][l] = lane * W + l;
  }
  for (int b = W / 2; b > 0; b /= 2) {
    for (int i = 0; i < b; ++i) {
      const auto at = [&](int source) { return sum[2 * i + source / W][source % W]; };
      double next[W];
      for (int l = 0; l < W; ++l) next[l] = at(Order::source(b, 0, l)) + at(Order::source(b, 1, l));
      std::copy(next, next + W, sum[i]);
    }
  }
  for (int lane = 0; lane < W; ++lane) {
    EXPECT_EQ(sum[0][lane], W * (lane * W) + W * (W - 1) / 2) << W << ", " << lane;
  }
}

TEST(LaneSums, AreRightForAllRegisters) {
  check_rounds<2, 2>();
  check_rounds<4, 2>();
  check_rounds<8, 2>();
  check_rounds<4, 4>();
  check_rounds<8, 4>();
  check_rounds<16, 4>();
}
}  // namespace

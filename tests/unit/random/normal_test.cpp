// SPDX-License-Identifier: BSD-3-Clause
// Claims: normals have the right law, also in the tails, in both precisions. Each statistical test
// compares with a bound of 5.5 standard errors: a false alarm of 4e-8 each, with fixed seeds.
#include "random/normal.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

namespace {
using namespace driftwood;

constexpr double sigmas = 5.5;
constexpr int draws = 1 << 22;

template <class T>
std::vector<double> sample(std::uint64_t seed) {
  using R = Lane<T>;
  std::array<std::uint64_t, width_of<R>> ids;
  for (std::size_t l = 0; l < ids.size(); ++l) ids[l] = l;
  const random::Stream stream(seed, random::Purpose::increment, 0);
  std::vector<double> out;
  std::array<T, width_of<R>> lanes;
  for (std::uint64_t n = 0; out.size() < draws; ++n) {
    const auto z = random::normals<R>(stream, random::Ids<R>::from(ids.data()), n, T(1));
    for (const R& r : z.z) {
      store_lanes(lanes.data(), r);
      out.insert(out.end(), lanes.begin(), lanes.end());
    }
  }
  return out;
}

double normal_cdf(double x) { return std::erfc(-x * std::numbers::sqrt2 / 2) / 2; }

template <class T>
struct Normal : ::testing::Test {};
using Precisions = ::testing::Types<double, float>;
TYPED_TEST_SUITE(Normal, Precisions);

TYPED_TEST(Normal, HasTheMomentsOfTheStandardNormal) {
  const auto x = sample<TypeParam>(11);
  const auto n = static_cast<double>(x.size());
  std::array<double, 7> moment{};
  for (const double v : x) {
    double power = 1;
    for (double& m : moment) m += (power *= v) / n;
  }
  // E z^2k = (2k-1)!!, and the variance of the mean of z^k is (E z^2k - (E z^k)^2) / n
  const std::array<double, 7> expected = {0, 1, 0, 3, 0, 15, 0};
  const std::array<double, 7> second = {1, 3, 15, 105, 945, 10395, 135135};
  for (std::size_t k = 0; k < moment.size(); ++k) {
    const double error = std::sqrt((second[k] - expected[k] * expected[k]) / n);
    EXPECT_NEAR(moment[k], expected[k], sigmas * error) << "moment " << k + 1;
  }
}

TYPED_TEST(Normal, PassesKolmogorovSmirnov) {
  auto x = sample<TypeParam>(12);
  std::sort(x.begin(), x.end());
  const auto n = static_cast<double>(x.size());
  double distance = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double f = normal_cdf(x[i]);
    distance =
        std::max({distance, f - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - f});
  }
  // P(sqrt(n) D > 2.95) = 2 exp(-2 2.95^2) = 5.5e-8
  EXPECT_LT(std::sqrt(n) * distance, 2.95);
}

TYPED_TEST(Normal, HasTheRightTails) {
  const auto x = sample<TypeParam>(13);
  const auto n = static_cast<double>(x.size());
  for (const double bound : {2.0, 3.0, 4.0}) {
    const double p = 2 * normal_cdf(-bound);
    const auto beyond =
        std::count_if(x.begin(), x.end(), [&](double v) { return std::abs(v) > bound; });
    EXPECT_NEAR(static_cast<double>(beyond) / n, p, sigmas * std::sqrt(p / n)) << bound;
  }
}

TYPED_TEST(Normal, IsUncorrelatedWithinADrawAndFromDrawToDraw) {
  const auto x = sample<TypeParam>(14);
  const auto n = static_cast<double>(x.size());
  constexpr std::size_t width = width_of<Lane<TypeParam>>;
  for (const std::size_t lag : {std::size_t{1}, width, 2 * width, 4 * width}) {
    double product = 0;
    double squares = 0;
    for (std::size_t i = lag; i < x.size(); ++i) {
      product += x[i] * x[i - lag];
      squares += (x[i] * x[i] - 1) * (x[i - lag] * x[i - lag] - 1);
    }
    EXPECT_NEAR(product / n, 0, sigmas / std::sqrt(n)) << "lag " << lag;
    EXPECT_NEAR(squares / n, 0, sigmas * 2 / std::sqrt(n)) << "squares, lag " << lag;
  }
}

TEST(Uniform, CoversTheOpenIntervalAndNoMore) {
  EXPECT_EQ(random::uniform(std::uint64_t{0}), 0x1p-53);
  EXPECT_EQ(random::uniform(~std::uint64_t{0}), 1 - 0x1p-53);
  EXPECT_EQ(random::uniform(std::uint32_t{0}), 0x1p-32f);
  EXPECT_EQ(random::uniform(~std::uint32_t{0}), 1.0f);
}

TEST(Direction, IsOnTheUnitCircleAndUniform) {
  const random::Stream stream(15, random::Purpose::increment, 0);
  constexpr int sectors = 64;
  constexpr int n = 1 << 20;
  std::array<int, sectors> count{};
  for (std::uint64_t i = 0; i < n; ++i) {
    const auto words = stream.words<double>(random::Ids<double>{i}, 0);
    double x;
    double y;
    random::direction(words.word[1], x, y);
    ASSERT_NEAR(x * x + y * y, 1, 1e-15);
    const double turn = std::atan2(y, x) / (2 * std::numbers::pi) + 0.5;
    ++count[static_cast<std::size_t>(turn * sectors) % sectors];
  }
  double chi2 = 0;
  for (const int c : count) chi2 += std::pow(c - n / sectors, 2) / (n / sectors);
  EXPECT_LT(chi2, 63 + sigmas * std::sqrt(2.0 * 63));  // chi-squared with 63 degrees of freedom
}
}  // namespace

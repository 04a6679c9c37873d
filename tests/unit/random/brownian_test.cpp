// SPDX-License-Identifier: BSD-3-Clause
// The Brownian grid source and the bridge: checks BM-2 to BM-7 and BM-11 of the specification.
// Random tests have fixed seeds; statistical bounds are 5 standard errors or p >= 1e-5, as it says.
#include "random/brownian.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <random>
#include <vector>

#include "random/grid_path.hpp"
#include "support/kolmogorov_smirnov.hpp"

namespace {
using namespace driftwood;
using random::GridBrownian;
using random::GridPath;
using random::Increments;
using random::Segment;
using test::ks_p_value;

constexpr std::int64_t steps = 1 << 12;
GridPath some_path(std::uint64_t id = 3) {
  return GridPath(GridBrownian{42, 1.0 / steps}, id, 0, steps);
}

struct Query {
  std::int64_t first;
  std::int64_t last;
};
std::vector<Query> random_queries(int count, std::uint64_t seed) {
  std::mt19937_64 engine(seed);
  std::uniform_int_distribution<std::int64_t> at(0, steps);
  std::vector<Query> out;
  for (int i = 0; i < count; ++i) {
    const auto [low, high] = std::minmax({at(engine), at(engine)});
    out.push_back({low, high});
  }
  return out;
}

TEST(GridBrownian, Bm2IncrementsAddUp) {
  const GridPath path = some_path();
  const double h = 1.0 / steps;
  for (const auto& [s, t] : random_queries(200, 1)) {
    const std::int64_t u = (s + t) / 2;
    const double a = static_cast<double>(u - s) * h;
    const double b = static_cast<double>(t - u) * h;
    const auto left = path.over(s, u);
    const auto right = path.over(u, t);
    const auto whole = path.over(s, t);
    EXPECT_NEAR(left.w + right.w, whole.w, 1e-12);
    // U = length (W/2 + H) is the integral of the path from the start of its interval
    const double u_left = a * (left.w / 2 + left.h);
    const double u_right = b * (right.w / 2 + right.h);
    const double u_whole = (a + b) * (whole.w / 2 + whole.h);
    EXPECT_NEAR(u_left + u_right + b * left.w, u_whole, 1e-12);
  }
}

TEST(GridBrownian, Bm3AskingAgainGivesTheSameBits) {
  const GridPath path = some_path();
  const auto before = path.over(17, 1234);
  for (const auto& [s, t] : random_queries(500, 2)) static_cast<void>(path.over(s, t));
  const auto after = path.over(17, 1234);
  EXPECT_EQ(before.w, after.w);
  EXPECT_EQ(before.h, after.h);
}

TEST(GridBrownian, Bm4TheOrderOfQueriesDoesNotMatter) {
  const auto queries = random_queries(1000, 3);
  std::vector<std::size_t> order(queries.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::shuffle(order.begin(), order.end(), std::mt19937_64(4));

  const GridPath first = some_path();
  std::vector<Segment<double>> in_order;
  for (const auto& [s, t] : queries) in_order.push_back(first.over(s, t));
  const GridPath second = some_path();
  for (const std::size_t i : order) {
    const auto again = second.over(queries[i].first, queries[i].last);
    EXPECT_EQ(again.w, in_order[i].w);
    EXPECT_EQ(again.h, in_order[i].h);
  }
}

struct SplitSample {
  double a;
  double b;
  std::vector<Segment<double>> whole, left, right;
};

/// Many segments over a + b, split there, with normals of the generator under test.
SplitSample split_many(double a, double b, std::uint64_t seed, std::size_t count) {
  SplitSample out{a, b, {}, {}, {}};
  const double h = a + b;
  const random::Stream whole(seed, random::Purpose::increment, 0);
  const random::Stream bridge(seed, random::Purpose::probe, 0);
  for (std::uint64_t i = 0; i < count; ++i) {
    const random::Ids<double> id{i};
    const auto wh = random::normals<double>(whole, id, 0, 1.0);
    const auto x = random::normals<double>(bridge, id, 0, 1.0);
    const Segment<double> s{wh.z[0] * std::sqrt(h), wh.z[1] * std::sqrt(h / 12)};
    const auto halves = random::split<double>(s, a, b, x.z[0], x.z[1]);
    out.whole.push_back(s);
    out.left.push_back(halves.left);
    out.right.push_back(halves.right);
  }
  return out;
}

TEST(Bridge, Bm2SplittingAndJoiningGivesTheWholeBack) {
  const auto sample = split_many(0.3, 1.1, 5, 10'000);
  for (std::size_t i = 0; i < sample.whole.size(); ++i) {
    const auto joined = random::join<double>(sample.left[i], 0.3, sample.right[i], 1.1);
    EXPECT_NEAR(joined.w, sample.whole[i].w, 1e-12);
    EXPECT_NEAR(joined.h, sample.whole[i].h, 1e-12);
  }
}

TEST(Bridge, Bm5PartsHaveTheirConditionalLaw) {
  // 4 x 25 tests at p >= 1e-5: false-alarm rate 1e-3 over seeds; these seeds are fixed.
  std::mt19937_64 engine(6);
  for (int round = 0; round < 25; ++round) {
    const double a = std::uniform_real_distribution<double>(0.05, 1)(engine);
    const double b = std::uniform_real_distribution<double>(0.05, 1)(engine);
    const double h = a + b;
    const auto sample = split_many(a, b, engine(), 131'072);
    const double v = 0.5 * std::sqrt(a * b / (a * a * a + b * b * b));
    const double alpha = v * a * a / h;
    const double beta = v * b * b / h;
    const double gamma = v / std::numbers::sqrt3;
    const double tau = 2 * (alpha * a + beta * b) / h;
    std::array<std::vector<double>, 4> z;
    for (std::size_t i = 0; i < sample.whole.size(); ++i) {
      const auto& [w, area] = sample.whole[i];
      const double bend = 6 * a * b / (h * h) * area;
      z[0].push_back((sample.left[i].w - a / h * w - bend) / tau);
      z[1].push_back((sample.right[i].w - b / h * w + bend) / tau);
      z[2].push_back((sample.left[i].h - a * a / (h * h) * area) / std::hypot(alpha, gamma * b));
      z[3].push_back((sample.right[i].h - b * b / (h * h) * area) / std::hypot(beta, gamma * a));
    }
    for (auto& values : z) EXPECT_GE(ks_p_value(std::move(values)), 1e-5) << "round " << round;
  }
}

TEST(Bridge, Bm6PartsAreIndependentWithTheirOwnVariances) {
  const double a = 0.35;
  const double b = 0.9;
  const auto sample = split_many(a, b, 7, 1'000'000);
  const auto n = static_cast<double>(sample.whole.size());
  const std::array<double, 4> variance = {a, a / 12, b, b / 12};
  std::array<std::array<double, 4>, 4> covariance{};
  for (std::size_t i = 0; i < sample.whole.size(); ++i) {
    const std::array<double, 4> x = {sample.left[i].w, sample.left[i].h, sample.right[i].w,
                                     sample.right[i].h};
    for (std::size_t j = 0; j < 4; ++j) {
      for (std::size_t k = 0; k < 4; ++k) covariance[j][k] += x[j] * x[k] / n;
    }
  }
  for (std::size_t j = 0; j < 4; ++j) {
    for (std::size_t k = 0; k < 4; ++k) {
      const double error = std::sqrt(variance[j] * variance[k] * (j == k ? 2 : 1) / n);
      EXPECT_NEAR(covariance[j][k], j == k ? variance[j] : 0, 5 * error) << j << "," << k;
    }
  }
}

template <class T>
double quadratic_variation() {
  using R = Lane<T>;
  constexpr std::uint64_t cells = 1 << 16;
  const GridBrownian source{8, 1.0 / cells};
  std::array<std::uint64_t, width_of<R>> ids{};
  std::array<T, width_of<R>> lane;
  double sum = 0;
  for (std::uint64_t n = 0; n < cells; ++n) {
    const auto w =
        source.increment<Increments::brownian>(random::Ids<R>::from(ids.data()), n, Vec<R, 1>{});
    store_lanes(lane.data(), w.dw[0]);
    sum += static_cast<double>(lane[0]) * static_cast<double>(lane[0]);
  }
  return sum;
}

TEST(GridBrownian, Bm7QuadraticVariationIsTheElapsedTime) {
  const double bound = 5 * std::sqrt(2.0 / (1 << 16));
  EXPECT_NEAR(quadratic_variation<double>(), 1, bound);
  EXPECT_NEAR(quadratic_variation<float>(), 1, bound);
}

TEST(GridBrownian, AreasHaveVarianceHOver12AndAreIndependentOfIncrements) {
  const GridBrownian source{9, 0.25};
  constexpr int n = 1 << 20;
  double hh = 0;
  double wh = 0;
  for (std::uint64_t i = 0; i < n; ++i) {
    const auto w =
        source.increment<Increments::with_area>(random::Ids<double>{i}, 5, Vec<double, 1>{});
    hh += w.area[0] * w.area[0] / n;
    wh += w.dw[0] * w.area[0] / n;
  }
  const double variance = 0.25 / 12;
  EXPECT_NEAR(hh, variance, 5 * variance * std::sqrt(2.0 / n));
  EXPECT_NEAR(wh, 0, 5 * std::sqrt(0.25 * variance / n));
}

TEST(GridBrownian, ConditionalLevyAreasHaveTheMomentsOfTheirLaw) {
  // E[A^2] = h^2 / 4, E[(A - mean)^2] = h^2 / 12 with the mean H_1 W_2 - W_1 H_2 given W and H, and
  // the residual is the larger, the larger H is: its covariance with H_1^2 is (h / 5) 2 (h / 12)^2.
  const double h = 0.5;
  GridBrownian source{12, h};
  source.levy_terms = random::LevyTerms(0);
  constexpr int n = 1 << 19;
  std::array<std::vector<double>, 4> sample;
  for (std::uint64_t i = 0; i < n; ++i) {
    const auto w =
        source.increment<Increments::with_levy>(random::Ids<double>{i}, 3, Vec<double, 2>{});
    const double area = random::levy_area(w.levy, 0, 1, 2);
    const double rest = area - (w.area[0] * w.dw[1] - w.dw[0] * w.area[1]);
    const double square = w.area[0] * w.area[0];
    sample[0].push_back(area);
    sample[1].push_back(area * area);
    sample[2].push_back(rest * rest);
    sample[3].push_back(rest * rest * (square - h / 12));
  }
  const std::array<double, 4> expected = {0, h * h / 4, h * h / 12, h / 5 * 2 * h * h / 144};
  for (std::size_t k = 0; k < 4; ++k) {
    double mean = 0;
    double variance = 0;
    for (const double x : sample[k]) mean += x / n;
    for (const double x : sample[k]) variance += (x - mean) * (x - mean) / n;
    EXPECT_NEAR(mean, expected[k], 5 * std::sqrt(variance / n)) << k;  // false alarm 6e-7
  }
}

TEST(GridBrownian, Bm11EmptyIntervalsAreZeroAndWrongOnesRefused) {
  const GridPath path = some_path();
  EXPECT_EQ(path.over(5, 5).w, 0);
  EXPECT_EQ(path.over(5, 5).h, 0);
  EXPECT_THROW(static_cast<void>(path.over(6, 5)), Error);
  EXPECT_THROW(static_cast<void>(path.over(-1, 5)), Error);
  EXPECT_THROW(static_cast<void>(path.over(0, steps + 1)), Error);
}

TEST(GridBrownian, ComponentsAreTheSameInAnyNumberOfThem) {
  const GridBrownian source{10, 0.1};
  const random::Ids<double> id{12};
  const auto one = source.increment<Increments::brownian>(id, 7, Vec<double, 1>{});
  const auto three = source.increment<Increments::with_area>(id, 7, Vec<double, 3>{});
  EXPECT_EQ(one.dw[0], three.dw[0]);
  EXPECT_NE(three.dw[0], three.dw[1]);
}
}  // namespace

// SPDX-License-Identifier: BSD-3-Clause
// The values of Brownian Intervals: checks BM-2 to BM-6, BM-11 and BM-12 of the specification.
// Seeds are fixed. Statistical bounds are 5 standard errors (false alarms 6e-7 each over seeds) or
// p >= 1e-5, as it says.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

#include "random/dyadic_path.hpp"
#include "random/launch/interval_batch.hpp"
#include "random/mirrored.hpp"
#include "support/kokkos_environment.hpp"
#include "support/kolmogorov_smirnov.hpp"

namespace {
using namespace driftwood;
using random::IntervalBatch;
using random::IntervalOptions;
using random::IntervalPlan;
using random::IntervalStep;
using random::IntervalTree;
using random::Segment;
using random::WriteIncrements;
using random::WriteSegments;
using test::ks_p_value;

template <class T>
using Answers = Kokkos::View<T***, Kokkos::LayoutRight, Memory>;

/// Paths of a batch with their areas, asked one query at a time or by a plan.
template <class R>
class Asked {
 public:
  using T = value_of<R>;
  using Host = typename Answers<T>::HostMirror;

  struct Values {
    Host w;  ///< by query, component, path
    Host h;

    [[nodiscard]] Segment<double> operator()(int query, int path = 0, int component = 0) const {
      return {w(query, component, path), h(query, component, path)};
    }
  };

  explicit Asked(const IntervalOptions& options, std::uint64_t seed = 42, std::int64_t paths = 3,
                 int components = 2, std::uint64_t first = 0)
      : tree(options),
        batch(seed, first, paths, components, tree.length()),
        components_(components) {}

  [[nodiscard]] Values run(const IntervalPlan& plan) {
    const auto answers = [&] {
      return Answers<T>("answers", static_cast<std::size_t>(plan.queries),
                        static_cast<std::size_t>(components_),
                        static_cast<std::size_t>(batch.padded_paths()));
    };
    const WriteSegments<R> out{answers(), answers()};
    batch.run(plan, out);
    return {Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), out.w),
            Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), out.h)};
  }
  [[nodiscard]] Values over(double s, double t) {
    IntervalPlan plan;
    tree.query(s, t, plan);
    return run(plan);
  }
  [[nodiscard]] Segment<double> one(double s, double t) { return over(s, t)(0); }

  IntervalTree tree;
  IntervalBatch<R, true> batch;

 private:
  int components_;
};

using Double = Asked<Lane<double>>;

constexpr IntervalOptions some = {.begin = 0.25, .end = 2};

struct Query {
  double from;
  double to;
};
std::vector<Query> random_queries(int count, std::uint64_t seed) {
  std::mt19937_64 engine(seed);
  std::uniform_real_distribution<double> at(some.begin, some.end);
  std::vector<Query> out;
  for (int i = 0; i < count; ++i) {
    const auto [low, high] = std::minmax({at(engine), at(engine)});
    out.push_back({low, high});
  }
  return out;
}

template <class T>
bool same(T a, T b) {
  using Word = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;
  return std::bit_cast<Word>(a) == std::bit_cast<Word>(b);
}
bool same(const Segment<double>& a, const Segment<double>& b) {
  return same(a.w, b.w) && same(a.h, b.h);
}

// BM-2

TEST(BrownianInterval, Bm2IncrementsAddUp) {
  Double path(some);
  const double tick = path.tree.length() / static_cast<double>(path.tree.ticks());
  std::mt19937_64 engine(1);
  std::uniform_int_distribution<std::int64_t> at(0, path.tree.ticks());
  for (int i = 0; i < 500; ++i) {
    std::array<std::int64_t, 3> times = {at(engine), at(engine), at(engine)};
    std::sort(times.begin(), times.end());
    const auto [s, u, t] = times;
    IntervalPlan plan;
    for (const auto& [from, to] : {std::pair{s, u}, {u, t}, {s, t}}) {
      path.tree.query_ticks(from, to, plan);
    }
    const auto found = path.run(plan);
    const double a = static_cast<double>(u - s) * tick;
    const double b = static_cast<double>(t - u) * tick;
    const auto [left, right, whole] = std::tuple{found(0), found(1), found(2)};
    EXPECT_NEAR(left.w + right.w, whole.w, 1e-12);
    // U = length (W/2 + H) is the integral of the path from the start of its interval
    const double u_left = a * (left.w / 2 + left.h);
    const double u_right = b * (right.w / 2 + right.h);
    EXPECT_NEAR(u_left + u_right + b * left.w, (a + b) * (whole.w / 2 + whole.h), 1e-12);
  }
}

TEST(BrownianInterval, Bm2NodesThatTogetherAreAnIntervalMakeItToTheBit) {
  constexpr int n = 1000;
  Double path(IntervalOptions{.step = 1.0 / n});
  int found = 0;
  for (int i = 0; i + 2 <= n; ++i) {
    IntervalPlan plan;
    const double times[3] = {i / double{n}, (i + 1) / double{n}, (i + 2) / double{n}};
    path.tree.query(times[0], times[1], plan);
    path.tree.query(times[1], times[2], plan);
    path.tree.query(times[0], times[2], plan);
    const auto answered = [](const IntervalStep& step) {
      return step.kind == IntervalStep::Kind::answer;
    };
    const auto pieces = std::count_if(plan.steps.begin(), plan.steps.end(), answered);
    const auto values = path.run(plan);
    if (pieces != 4) continue;  // both are the children of a node, or one was cut
    ++found;
    EXPECT_TRUE(same(values(2).w, values(0).w + values(1).w));
  }
  EXPECT_GE(found, n / 4);
}

// BM-3, BM-4

TEST(BrownianInterval, Bm3AskingAgainGivesTheSameBits) {
  for (const bool dyadic : {false, true}) {
    IntervalOptions options = some;
    options.dyadic = dyadic;
    options.depth = 30;
    Double path(options);
    const auto before = path.one(0.317, 1.234);
    for (const auto& [s, t] : random_queries(500, 4)) static_cast<void>(path.over(s, t));
    EXPECT_TRUE(same(before, path.one(0.317, 1.234)));
    path.tree.forget();
    EXPECT_TRUE(same(before, path.one(0.317, 1.234)));
  }
}

TEST(BrownianInterval, Bm4InDyadicModeTheOrderOfQueriesDoesNotMatter) {
  const auto queries = random_queries(1000, 5);
  std::vector<std::size_t> order(queries.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::shuffle(order.begin(), order.end(), std::mt19937_64(6));
  IntervalOptions options = some;
  options.dyadic = true;
  options.depth = 30;

  Double first(options);
  Double second(options);
  IntervalPlan in_order;
  IntervalPlan shuffled;
  for (const auto& [s, t] : queries) first.tree.query(s, t, in_order);
  for (const std::size_t i : order) second.tree.query(queries[i].from, queries[i].to, shuffled);
  const auto one = first.run(in_order);
  const auto other = second.run(shuffled);
  for (std::size_t k = 0; k < order.size(); ++k) {
    for (int path = 0; path < 3; ++path) {
      EXPECT_TRUE(same(one(static_cast<int>(order[k]), path), other(static_cast<int>(k), path)));
    }
  }
}

TEST(BrownianInterval, TheSameQueriesInTheSameOrderGiveTheSamePath) {
  Double first(some);
  Double second(some);
  for (const auto& [s, t] : random_queries(100, 7)) {
    EXPECT_TRUE(same(first.one(s, t), second.one(s, t)));
  }
}

// BM-5, BM-6

/// The path over [0, 1], and over both its parts that meet at a tick.
template <class R>
typename Asked<R>::Values parts(std::int64_t cut, std::uint64_t seed, std::int64_t paths) {
  Asked<R> path(IntervalOptions{}, seed, paths, 1);
  IntervalPlan plan;
  path.tree.query_ticks(0, path.tree.ticks(), plan);
  path.tree.query_ticks(0, cut, plan);
  path.tree.query_ticks(cut, path.tree.ticks(), plan);
  return path.run(plan);
}

template <class R>
void check_conditional_laws() {
  // 4 x 25 tests at p >= 1e-5: false-alarm rate 1e-3 over seeds; these seeds are fixed.
  std::mt19937_64 engine(8);
  constexpr int paths = 131'072;
  for (int round = 0; round < 25; ++round) {
    const double a = std::uniform_real_distribution<double>(0.05, 0.95)(engine);
    const double b = 1 - a;
    const auto found = parts<R>(std::llround(std::ldexp(a, 40)), engine(), paths);
    const double v = 0.5 * std::sqrt(a * b / (a * a * a + b * b * b));
    const double gamma = v / std::sqrt(3.0);
    const double tau = 2 * v * (a * a * a + b * b * b);
    std::array<std::vector<double>, 4> z;
    for (int i = 0; i < paths; ++i) {
      const auto [whole, left, right] = std::tuple{found(0, i), found(1, i), found(2, i)};
      const double bend = 6 * a * b * whole.h;
      z[0].push_back((left.w - a * whole.w - bend) / tau);
      z[1].push_back((right.w - b * whole.w + bend) / tau);
      z[2].push_back((left.h - a * a * whole.h) / std::hypot(v * a * a, gamma * b));
      z[3].push_back((right.h - b * b * whole.h) / std::hypot(v * b * b, gamma * a));
    }
    for (auto& values : z) EXPECT_GE(ks_p_value(std::move(values)), 1e-5) << "round " << round;
  }
}
TEST(BrownianInterval, Bm5PartsHaveTheirConditionalLaw) { check_conditional_laws<Lane<double>>(); }
TEST(BrownianInterval, Bm5InSinglePrecision) { check_conditional_laws<Lane<float>>(); }

TEST(BrownianInterval, Bm5IncrementsAloneHaveTheirConditionalLaw) {
  using R = Lane<float>;
  constexpr int paths = 131'072;
  std::mt19937_64 engine(9);
  for (int round = 0; round < 25; ++round) {
    const double a = std::uniform_real_distribution<double>(0.05, 0.95)(engine);
    IntervalTree tree(IntervalOptions{});
    IntervalBatch<R> batch(engine(), 0, paths, 1, 1.0);
    IntervalPlan plan;
    tree.query(0.0, 1.0, plan);
    tree.query(0.0, a, plan);
    const Answers<float> out("answers", 2, 1, paths);
    batch.run(plan, WriteIncrements<R>{out});
    const auto found = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), out);
    std::vector<double> z;
    for (int i = 0; i < paths; ++i) {
      z.push_back((found(1, 0, i) - a * found(0, 0, i)) / std::sqrt(a * (1 - a)));
    }
    EXPECT_GE(ks_p_value(std::move(z)), 1e-5) << "round " << round;
  }
}

TEST(BrownianInterval, Bm6PartsAreIndependentWithTheirOwnVariances) {
  constexpr int paths = 1'000'000;
  const double a = 0.28;
  const double b = 1 - a;
  const auto found = parts<Lane<double>>(std::llround(std::ldexp(a, 40)), 10, paths);
  const std::array<double, 4> variance = {a, a / 12, b, b / 12};
  std::array<std::array<double, 4>, 4> covariance{};
  for (int i = 0; i < paths; ++i) {
    const auto [left, right] = std::pair{found(1, i), found(2, i)};
    const std::array<double, 4> x = {left.w, left.h, right.w, right.h};
    for (std::size_t j = 0; j < 4; ++j) {
      for (std::size_t k = 0; k < 4; ++k) covariance[j][k] += x[j] * x[k] / paths;
    }
  }
  for (std::size_t j = 0; j < 4; ++j) {
    for (std::size_t k = 0; k < 4; ++k) {
      const double expected = j == k ? variance[j] : 0;
      const double error = std::sqrt((j == k ? 2 : 1) * variance[j] * variance[k] / paths);
      EXPECT_NEAR(covariance[j][k], expected, 5 * error) << j << " " << k;
    }
  }
}

TEST(BrownianInterval, NeighboursAreIndependent) {
  // Paths that share a draw, components, and cells of a grid, by their covariances.
  constexpr int paths = 1 << 14;
  constexpr int cells = 16;
  constexpr int components = 3;
  Asked<Lane<float>> path(IntervalOptions{.step = 1.0 / cells}, 11, paths, components);
  IntervalPlan plan;
  for (int i = 0; i < cells; ++i) path.tree.query(i / 16.0, (i + 1) / 16.0, plan);
  const auto found = path.run(plan);
  const auto z = [&](int cell, int component, int p) { return 4 * found(cell, p, component).w; };
  const auto mean_of = [&](const auto& product) {
    double sum = 0;
    for (int cell = 0; cell + 1 < cells; ++cell) {
      for (int p = 0; p + 128 < paths; ++p) sum += product(cell, p);
    }
    return sum / ((cells - 1) * (paths - 128.0));
  };
  const double error = 5 / std::sqrt((cells - 1) * (paths - 128.0));
  for (const int apart : {1, 2, 16, 31, 32, 64, 96, 128}) {
    EXPECT_NEAR(mean_of([&](int c, int p) { return z(c, 0, p) * z(c, 0, p + apart); }), 0, error)
        << "paths " << apart << " apart";
  }
  EXPECT_NEAR(mean_of([&](int c, int p) { return z(c, 0, p) * z(c, 1, p); }), 0, error);
  EXPECT_NEAR(mean_of([&](int c, int p) { return z(c, 0, p) * z(c + 1, 0, p); }), 0, error);
  EXPECT_NEAR(mean_of([&](int c, int p) { return z(c, 0, p) * z(c + 1, 2, p); }), 0, error);
  EXPECT_NEAR(mean_of([&](int c, int p) { return z(c, 0, p) * found(c, p, 0).h; }), 0, error);
  EXPECT_NEAR(mean_of([&](int c, int p) { return z(c, 1, p) * z(c, 1, p); }), 1,
              std::sqrt(2.0) * error);
}

// BM-11, BM-12

TEST(BrownianInterval, Bm11EmptyIntervalsAreZero) {
  Double path(some);
  for (const double t : {some.begin, 1.0, some.end}) {
    EXPECT_TRUE(same(path.one(t, t), Segment<double>{0, 0}));
  }
  EXPECT_TRUE(same(path.one(1, 1 + 1e-15), Segment<double>{0, 0}));  // less than half a tick
  EXPECT_EQ(path.tree.counters().bridges, 0);
}

TEST(BrownianInterval, Bm12ThePathRunBackwardsHasTheSameIncrements) {
  Double forward(some);
  Double mirrored(some);
  for (const auto& [s, t] : random_queries(200, 12)) {
    const auto there = forward.one(s, t);
    IntervalPlan plan;
    mirrored.tree.query_mirrored(-t, -s, plan);
    const auto back = mirrored.run(plan)(0);
    EXPECT_TRUE(same(back, Segment<double>{there.w, -there.h}));
  }
}

TEST(BrownianInterval, Bm12AreasOfThePathRunBackwardsJoin) {
  // R(s, u) joined with R(u, t) is R(s, t): what the sign of the areas is for.
  Double path(some);
  IntervalPlan plan;
  path.tree.query_mirrored(-1.9, -1.2, plan);
  path.tree.query_mirrored(-1.2, -0.3, plan);
  path.tree.query_mirrored(-1.9, -0.3, plan);
  const auto found = path.run(plan);
  const auto joined = random::join<double>(found(0), 0.7, found(1), 0.9);
  EXPECT_NEAR(joined.w, found(2).w, 1e-12);
  EXPECT_NEAR(joined.h, found(2).h, 1e-11);  // times are rounded to 1.6e-12
}

TEST(Mirrored, Bm12DyadicPathsRunBackwardsHaveTheSameIncrements) {
  random::DyadicPath path(random::DyadicBrownian{42}, 3, 0, {5, some.begin, some.end});
  const random::Mirrored mirrored(path);
  for (const auto& [s, t] : random_queries(200, 13)) {
    const auto there = path.over(s, t);
    EXPECT_TRUE(same(mirrored.over(-t, -s), Segment<double>{there.w, -there.h}));
  }
  EXPECT_THROW(static_cast<void>(mirrored.over(0.3, 1.2)), Error);
}

// What values depend on.

template <class R>
void check_that_lanes_do_not_matter() {
  using One = value_of<R>;
  constexpr int paths = 300;
  const IntervalOptions options = {.step = 0.05, .cache = 5};
  Asked<R> packs(options, 14, paths, 2);
  Asked<One> single(options, 14, paths, 2);
  IntervalPlan plan;
  for (int i = 0; i < 20; ++i) packs.tree.query(i / 20.0, (i + 1) / 20.0, plan);
  for (int i = 20; i-- > 1;) packs.tree.query((i - 0.7) / 20.0, (i + 0.5) / 20.0, plan);
  packs.tree.query_mirrored(-0.5, -0.1, plan);
  packs.tree.query(0.5, 0.5, plan);
  const auto one = packs.run(plan);
  const auto other = single.run(plan);
  for (int q = 0; q < static_cast<int>(plan.queries); ++q) {
    for (int p = 0; p < paths; ++p) {
      for (int c = 0; c < 2; ++c) EXPECT_TRUE(same(one(q, p, c), other(q, p, c))) << q << " " << p;
    }
  }
}
TEST(BrownianInterval, LanesDoNotMatter) { check_that_lanes_do_not_matter<Lane<double>>(); }
TEST(BrownianInterval, LanesDoNotMatterInSinglePrecision) {
  check_that_lanes_do_not_matter<Lane<float>>();
}

TEST(BrownianInterval, BatchesDoNotMatter) {
  // Paths 128 to 140 in a batch of their own, with other paths, one component more, and after
  // others.
  IntervalPlan plan;
  Double all({}, 15, 1000, 3);
  for (int i = 0; i < 50; ++i) all.tree.query(i / 50.0, (i + 1) / 50.0, plan);
  Double few({}, 15, 12, 1, 128);
  Double later({}, 15, 12, 1, 0);
  const auto from_all = all.run(plan);
  const auto from_few = few.run(plan);
  static_cast<void>(later.run(plan));
  later.batch.start(128);
  const auto from_later = later.run(plan);
  for (int q = 0; q < 50; ++q) {
    for (int p = 0; p < 12; ++p) {
      EXPECT_TRUE(same(from_all(q, 128 + p), from_few(q, p)));
      EXPECT_TRUE(same(from_all(q, 128 + p), from_later(q, p)));
    }
  }
}

TEST(BrownianInterval, PlansMayBeCarriedOutInParts) {
  IntervalPlan whole;
  Double once(some);
  Double bit_by_bit(some);
  const auto queries = random_queries(100, 16);
  for (const auto& [s, t] : queries) once.tree.query(s, t, whole);
  const auto values = once.run(whole);
  for (std::size_t q = 0; q < queries.size(); ++q) {
    EXPECT_TRUE(same(values(static_cast<int>(q)), bit_by_bit.one(queries[q].from, queries[q].to)));
  }
}

TEST(BrownianInterval, CachesDoNotMatter) {
  // What is forgotten is made again from the same numbers.
  IntervalOptions small = some;
  IntervalOptions large = some;
  small.cache = 3;
  large.cache = 1 << 30;
  Double first(small);
  Double second(large);
  IntervalPlan one;
  IntervalPlan other;
  for (const auto& [s, t] : random_queries(500, 17)) {
    first.tree.query(s, t, one);
    second.tree.query(s, t, other);
  }
  const auto from_small = first.run(one);
  const auto from_large = second.run(other);
  for (int q = 0; q < 500; ++q) EXPECT_TRUE(same(from_small(q), from_large(q)));
  EXPECT_LT(first.batch.bytes(), second.batch.bytes() / 10);
}

// Conditions on the end

TEST(BrownianInterval, APathMayBeGivenItsEnd) {
  constexpr int paths = 100'000;
  Double path({}, 18, paths, 1);
  const Kokkos::View<double**, Kokkos::LayoutRight, Memory> ends(
      "ends", 1, static_cast<std::size_t>(path.batch.padded_paths()));
  Kokkos::deep_copy(ends, 0.75);
  path.batch.start(0, ends);
  IntervalPlan plan;
  path.tree.query(0.0, 1.0, plan);
  path.tree.query(0.0, 0.5, plan);
  path.tree.query(0.5, 1.0, plan);
  const auto found = path.run(plan);
  double mean = 0;
  double square = 0;
  for (int i = 0; i < paths; ++i) {
    EXPECT_EQ(found(0, i).w, 0.75);
    EXPECT_NEAR(found(1, i).w + found(2, i).w, 0.75, 1e-15);
    const double off = found(1, i).w - 0.375;
    mean += off / paths;
    square += off * off / paths;
  }
  EXPECT_NEAR(mean, 0, 5 * std::sqrt(0.25 / paths));
  EXPECT_NEAR(square, 0.25, 5 * 0.25 * std::sqrt(2.0 / paths));

  Kokkos::View<double**, Kokkos::LayoutRight, Memory> wrong("wrong", 1, 3);
  EXPECT_THROW(path.batch.start(0, wrong), Error);
}

TEST(BrownianInterval, WrongBatchesAreRefused) {
  const auto made = [](std::uint64_t first, std::int64_t paths, int components) {
    const IntervalBatch<float> batch(1, first, paths, components, 1.0);
  };
  EXPECT_NO_THROW(made(128, 1, 1));
  EXPECT_THROW(made(64, 1, 1), Error);
  EXPECT_THROW(made(0, 0, 1), Error);
  EXPECT_THROW(made(0, 1, 0), Error);
}

}  // namespace

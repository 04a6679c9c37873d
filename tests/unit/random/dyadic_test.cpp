// SPDX-License-Identifier: BSD-3-Clause
// The dyadic Brownian source: checks BM-2 to BM-4, BM-7, BM-8 and BM-11 of the specification, and
// that walks and queries agree to the last bit. Statistical bounds are 5 standard errors (false
// alarms 6e-7 each over seeds); seeds are fixed but where a failure prints its own.
#include "random/dyadic.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <functional>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "random/dyadic_path.hpp"

namespace {
using namespace driftwood;
using random::DyadicBrownian;
using random::DyadicPath;
using random::DyadicWalk;
using random::GridBrownian;
using random::Ids;
using random::Increments;
using random::Segment;

bool same(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

// Queries of one path from the host.

constexpr double begin_time = 0.25;
constexpr double end_time = 2;
constexpr double duration = end_time - begin_time;

DyadicPath some_path(int depth = 30) {
  return DyadicPath(DyadicBrownian{42}, 3, 0, {5, begin_time, end_time}, depth);
}

struct Query {
  double from;
  double to;
};
std::vector<Query> random_queries(int count, std::uint64_t seed) {
  std::mt19937_64 engine(seed);
  std::uniform_real_distribution<double> at(begin_time, end_time);
  std::vector<Query> out;
  for (int i = 0; i < count; ++i) {
    const auto [low, high] = std::minmax({at(engine), at(engine)});
    out.push_back({low, high});
  }
  return out;
}

TEST(DyadicPath, Bm2IncrementsAddUp) {
  DyadicPath path = some_path();
  const double tick = duration / static_cast<double>(path.ticks());
  for (const auto& [from, to] : random_queries(500, 1)) {
    const std::int64_t s = path.tick(from);
    const std::int64_t t = path.tick(to);
    const std::int64_t u = s + (t - s) / 3;
    const double a = static_cast<double>(u - s) * tick;
    const double b = static_cast<double>(t - u) * tick;
    const auto left = path.over_ticks(s, u);
    const auto right = path.over_ticks(u, t);
    const auto whole = path.over_ticks(s, t);
    EXPECT_NEAR(left.w + right.w, whole.w, 1e-12);
    // U = length (W/2 + H) is the integral of the path from the start of its interval
    const double u_left = a * (left.w / 2 + left.h);
    const double u_right = b * (right.w / 2 + right.h);
    const double u_whole = (a + b) * (whole.w / 2 + whole.h);
    EXPECT_NEAR(u_left + u_right + b * left.w, u_whole, 1e-12);
  }
}

TEST(DyadicPath, Bm2IntervalsOfTwoCellsAreTheirJoinToTheBit) {
  // Neighbours of one level that have different parents, so that no cell covers both.
  DyadicPath path = some_path();
  std::mt19937_64 engine(2);
  for (int i = 0; i < 500; ++i) {
    const int level = std::uniform_int_distribution<int>(2, 30)(engine);
    const std::int64_t size = path.ticks() >> level;
    const std::int64_t last = (std::int64_t{1} << (level - 1)) - 2;
    const std::int64_t index = 2 * std::uniform_int_distribution<std::int64_t>(0, last)(engine) + 1;
    const auto left = path.over_ticks(index * size, (index + 1) * size);
    const auto right = path.over_ticks((index + 1) * size, (index + 2) * size);
    const auto both = path.over_ticks(index * size, (index + 2) * size);
    const auto joined = random::join<double>(left, 1, right, 1);
    EXPECT_TRUE(same(both.w, left.w + right.w));
    EXPECT_TRUE(same(both.h, joined.h));
  }
}

TEST(DyadicPath, Bm2HalvesJoinToTheirWhole) {
  // Cells of all levels; errors relative to what a cell of this length has.
  DyadicPath path = some_path(32);
  std::mt19937_64 engine(3);
  for (int level = 0; level < 32; ++level) {
    for (int i = 0; i < 50; ++i) {
      const std::int64_t half = path.ticks() >> (level + 1);
      const std::int64_t cells = std::int64_t{1} << level;
      const std::int64_t at =
          2 * half * std::uniform_int_distribution<std::int64_t>(0, cells - 1)(engine);
      const auto whole = path.over_ticks(at, at + 2 * half);
      const auto left = path.over_ticks(at, at + half);
      const auto right = path.over_ticks(at + half, at + 2 * half);
      const auto joined = random::join<double>(left, 1, right, 1);
      const double scale = std::sqrt(std::ldexp(duration, -level));
      EXPECT_NEAR(joined.h, whole.h, 4e-15 * scale) << level;
      // One rounding of the right half, and one of the sum.
      const double larger = std::max({std::abs(left.w), std::abs(right.w), std::abs(whole.w)});
      EXPECT_NEAR(joined.w, whole.w, 0x1p-52 * larger) << level;
      // Where the difference whole - left is exact, so is the sum.
      const double ratio = left.w / whole.w;
      const bool exact = ratio >= 0.5 && ratio <= 2;
      EXPECT_TRUE(!exact || same(joined.w, whole.w)) << level;
    }
  }
}

TEST(DyadicPath, Bm3AskingAgainGivesTheSameBits) {
  DyadicPath path = some_path();
  const auto before = path.over(0.317, 1.234);
  for (const auto& [s, t] : random_queries(500, 4)) static_cast<void>(path.over(s, t));
  const auto after = path.over(0.317, 1.234);
  EXPECT_TRUE(same(before.w, after.w));
  EXPECT_TRUE(same(before.h, after.h));
}

TEST(DyadicPath, Bm4TheOrderOfQueriesDoesNotMatter) {
  const auto queries = random_queries(1000, 5);
  std::vector<std::size_t> order(queries.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::shuffle(order.begin(), order.end(), std::mt19937_64(6));

  DyadicPath first = some_path();
  std::vector<Segment<double>> in_order;
  for (const auto& [s, t] : queries) in_order.push_back(first.over(s, t));
  DyadicPath second = some_path();
  for (const std::size_t i : order) {
    const auto again = second.over(queries[i].from, queries[i].to);
    EXPECT_TRUE(same(again.w, in_order[i].w));
    EXPECT_TRUE(same(again.h, in_order[i].h));
  }
}

TEST(DyadicPath, TheSplitOfACellIsTheBridgeAtItsMidpoint) {
  // What `random::split` makes of the same normals, which are solved for from the left half.
  DyadicPath path = some_path();
  const std::int64_t all = path.ticks();
  for (const int level : {0, 1, 7, 20}) {
    const double a = std::ldexp(duration, -level - 1);
    const auto whole = path.over_ticks(0, all >> level);
    const auto left = path.over_ticks(0, all >> (level + 1));
    const auto right = path.over_ticks(all >> (level + 1), all >> level);
    const double z = left.w - whole.w / 2 - 1.5 * whole.h;
    const double n = left.h - right.h;
    const auto halves =
        random::split<double>(whole, a, a, 4 * z / std::sqrt(2 * a), n * std::sqrt(12 / (2 * a)));
    const double scale = std::sqrt(a);
    EXPECT_NEAR(halves.left.h, left.h, 1e-14 * scale);
    EXPECT_NEAR(halves.right.w, right.w, 1e-14 * scale);
    EXPECT_NEAR(halves.right.h, right.h, 1e-14 * scale);
  }
}

TEST(DyadicPath, TheNormalsOfASplitAreThoseOfItsCell) {
  // Cell 2^l + i of root r has draw r 2^33 + 2^l + i of the stream of its component to itself.
  const std::uint64_t root = DyadicBrownian::most_roots - 2;
  DyadicPath path(DyadicBrownian{17}, 9, 4, {root, begin_time, end_time}, 32);
  const random::Stream stream(17, random::Purpose::dyadic, 4);
  for (const int level : {0, 1, 13, 31}) {
    const std::int64_t index = (std::int64_t{1} << level) - 1;
    const std::int64_t half = path.ticks() >> (level + 1);
    const auto whole = path.over_ticks(2 * index * half, 2 * (index + 1) * half);
    const auto left = path.over_ticks(2 * index * half, (2 * index + 1) * half);
    const std::uint64_t number = (1ull << level) + static_cast<std::uint64_t>(index);
    const double variance = std::ldexp(duration, -level) / 16;
    const auto n = random::normals<double>(stream, {9}, (root << 33) + number, variance);
    EXPECT_TRUE(same(left.w, std::fma(0.5, whole.w, std::fma(1.5, whole.h, n.z[0]))));
    EXPECT_NEAR(left.h, whole.h / 4 - n.z[0] / 2 + n.z[1] / std::sqrt(3), 1e-15);
  }
}

TEST(DyadicPath, Bm7QuadraticVariationIsTheElapsedTime) {
  // The sum of n squares of variance T / n has the variance 2 T^2 / n.
  constexpr int depth = 16;
  DyadicPath path(DyadicBrownian{8}, 0, 0, {0, 0, 1}, depth);
  double sum = 0;
  for (std::int64_t i = 0; i < path.ticks(); ++i) {
    const double w = path.over_ticks(i, i + 1).w;
    sum += w * w;
  }
  EXPECT_NEAR(sum, 1, 5 * std::sqrt(2.0 / (1 << depth)));
}

std::string message_of(auto&& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

TEST(DyadicPath, Bm11EmptyIntervalsAreZeroAndWrongOnesRefused) {
  DyadicPath path = some_path();
  for (const double t : {begin_time, 1.0, end_time}) {
    EXPECT_TRUE(same(path.over(t, t).w, 0));
    EXPECT_TRUE(same(path.over(t, t).h, 0));
  }
  EXPECT_TRUE(same(path.over(1, 1 + 1e-12).w, 0));  // less than half a tick
  EXPECT_EQ(path.splits(), 0);

  EXPECT_EQ(message_of([&] { static_cast<void>(path.over(1.5, 1)); }),
            "no Brownian increment over [1.5, 1] (the path has the times [0.25, 2])");
  EXPECT_THROW(static_cast<void>(path.over(std::nextafter(begin_time, 0), 1)), Error);
  EXPECT_THROW(static_cast<void>(path.over(1, std::nextafter(end_time, 3))), Error);
  EXPECT_THROW(static_cast<void>(path.over(NAN, 1)), Error);
  EXPECT_THROW(static_cast<void>(path.over_ticks(-1, 1)), Error);
  EXPECT_THROW(static_cast<void>(path.over_ticks(2, 1)), Error);
  EXPECT_EQ(message_of([&] { static_cast<void>(path.over_ticks(0, path.ticks() + 1)); }),
            "no Brownian increment over ticks [0, 1073741825) (the path has the ticks [0, "
            "1073741824))");
}

TEST(DyadicPath, WrongPathsAreRefused) {
  const auto made = [](int component, random::DyadicRoot root, int depth) {
    return message_of(
        [&] { static_cast<void>(DyadicPath(DyadicBrownian{1}, 0, component, root, depth)); });
  };
  EXPECT_EQ(made(0, {0, 0, 1}, 32), "no error");
  EXPECT_EQ(made(0, {0, 1, 1}, 30), "no dyadic Brownian path (its root is [1, 1])");
  EXPECT_EQ(made(0, {0, 0, NAN}, 30), "no dyadic Brownian path (its root is [0, nan])");
  EXPECT_EQ(made(0, {1ull << 31, 0, 1}, 30),
            "no dyadic Brownian path (its root has the number 2147483648)");
  EXPECT_EQ(made(0, {0, 0, 1}, 33), "no dyadic Brownian path (its depth is 33)");
  EXPECT_EQ(made(-1, {0, 0, 1}, 30), "no dyadic Brownian path (its component is -1)");
}

TEST(DyadicPath, SequentialQueriesTakeOneSplitPerCell) {
  constexpr int depth = 12;
  constexpr std::int64_t cells = 1 << depth;
  DyadicPath forward = some_path(depth);
  for (std::int64_t i = 0; i < cells; ++i) static_cast<void>(forward.over_ticks(i, i + 1));
  EXPECT_EQ(forward.splits(), cells - 1);

  for (std::int64_t i = cells; i-- > 0;) static_cast<void>(forward.over_ticks(i, i + 1));
  EXPECT_LE(forward.splits(), 2 * (cells - 1)) << "forward, then backward";
  DyadicPath backward = some_path(depth);
  for (std::int64_t i = cells; i-- > 0;) static_cast<void>(backward.over_ticks(i, i + 1));
  EXPECT_EQ(backward.splits(), cells - 1);
}

TEST(DyadicPath, StepsAcrossCellsTakeAtMostTwoSplitsPerCell) {
  // Steps of 11 of 2^30 ticks have 2.5 cells or more each.
  constexpr std::int64_t steps = 2000;
  DyadicPath path = some_path();
  for (std::int64_t i = 0; i < steps; ++i) static_cast<void>(path.over_ticks(11 * i, 11 * (i + 1)));
  EXPECT_LE(path.splits(), 2 * (5 * steps / 2) + 30);
}

// Walks of lanes.

/// The bits of W and H.
using Bits = std::array<std::uint64_t, 2>;
Bits bits_of(const Segment<double>& a) {
  return {std::bit_cast<std::uint64_t>(a.w), std::bit_cast<std::uint64_t>(a.h)};
}

/// A cell that a path is at.
struct Visit {
  std::uint64_t number;
  double start;
  double step;
  std::vector<Bits> noise;  ///< by component
  bool operator==(const Visit&) const = default;
};

template <class R>
std::array<double, width_of<R>> numbers_of(const R& lane) {
  std::array<double, width_of<R>> out;
  store_lanes(out.data(), lane);
  return out;
}
template <class R>
mask_of<R> mask_where(const std::array<bool, width_of<R>>& yes) {
  std::array<double, width_of<R>> out;
  std::copy(yes.begin(), yes.end(), out.begin());
  return less(R(0), load<R>(out.data()));
}
template <class R>
std::array<bool, width_of<R>> answers(const mask_of<R>& mask) {
  std::array<bool, width_of<R>> out;
  const auto ones = numbers_of(select(mask, R(1), R(0)));
  std::transform(ones.begin(), ones.end(), out.begin(), [](double x) { return x != 0; });
  return out;
}

/// Memory for vectors of lanes, fixed or in an arena.
template <class R, int M>
struct FixedSize {
  using V = Vec<R, M>;
  V like() { return {}; }
};
template <class R, int M>
struct RunTimeSize {
  using V = Block<R>;
  alignas(64) std::array<std::byte, 64 * M * sizeof(R)> bytes;
  Arena arena{bytes.data(), sizeof(bytes)};
  V like() { return {arena.template take<R>(M), M, &arena}; }
};

template <class V>
Visit visit(const DyadicWalk<V>& walk, std::size_t lane) {
  Visit out{static_cast<std::uint64_t>(numbers_of(walk.number())[lane]),
            numbers_of(walk.start())[lane],
            numbers_of(walk.step())[lane],
            {}};
  for (int k = 0; k < walk.noise().dw.size(); ++k) {
    const double w = numbers_of(walk.noise().dw[k])[lane];
    const double h = numbers_of(walk.noise().area[k])[lane];
    out.noise.push_back(bits_of({w, h}));
  }
  return out;
}

/// Whether a path halves a cell: a function of the path and the cell alone, likelier in some cells
/// than in others, so that levels differ much along a path and between paths.
bool is_halved(std::uint64_t seed, std::uint64_t id, std::uint64_t number) {
  const auto words = random::threefry<std::uint64_t>({id, number}, {seed, 1});
  const auto deep = random::threefry<std::uint64_t>({id, number >> 2}, {seed, 2});
  return words.x0 % 100 < (deep.x0 % 4 == 0 ? 98u : 40u);
}

constexpr std::uint64_t first_id = 1000;
constexpr int components = 2;

template <class R>
Ids<R> ids_from(std::uint64_t first) {
  std::array<std::uint64_t, width_of<R>> ids;
  std::iota(ids.begin(), ids.end(), first);
  return Ids<R>::from(ids.data());
}

/// The leaves of random walks of the paths first_id, ..., one list per path. In each turn some
/// lanes move and others wait, as `pace` says; lanes that wait must keep their bits.
template <class R, template <class, int> class Size>
std::vector<std::vector<Visit>> random_walks(std::uint64_t seed, std::uint64_t pace, int paths,
                                             int depth) {
  using V = typename Size<R, components>::V;
  std::mt19937_64 engine(pace);
  std::vector<std::vector<Visit>> out;
  for (int first = 0; first < paths; first += width_of<R>) {
    Size<R, components> size;
    std::vector<R> waiting(DyadicWalk<V>::memory(components, DyadicBrownian::most_levels));
    const auto id = first_id + static_cast<std::uint64_t>(first);
    DyadicWalk<V> walk(DyadicBrownian{seed}, ids_from<R>(id), size.like(), depth, waiting.data());
    walk.begin(7, duration);
    std::vector<std::vector<Visit>> leaves(width_of<R>);
    while (any(!walk.done())) {
      std::array<bool, width_of<R>> halve{};
      std::array<bool, width_of<R>> leave{};
      std::vector<Visit> before;
      const auto divisible = answers<R>(walk.divisible());
      const auto done = answers<R>(walk.done());
      for (std::size_t lane = 0; lane < width_of<R>; ++lane) {
        before.push_back(visit(walk, lane));
        if (done[lane] || engine() % 4 == 0) continue;
        const bool wanted = is_halved(seed, id + lane, before[lane].number);
        halve[lane] = wanted;
        leave[lane] = !(wanted && divisible[lane]);
        if (leave[lane]) {
          halve[lane] = halve[lane] && !divisible[lane];  // asks in vain at the finest level
          leaves[lane].push_back(before[lane]);
        }
      }
      walk.descend(mask_where<R>(halve));
      walk.next(mask_where<R>(leave));
      for (std::size_t lane = 0; lane < width_of<R>; ++lane) {
        if (!halve[lane] && !leave[lane]) {
          EXPECT_EQ(visit(walk, lane), before[lane]) << "lane " << lane;
        }
      }
    }
    out.insert(out.end(), leaves.begin(), leaves.end());
  }
  out.resize(static_cast<std::size_t>(paths));
  return out;
}

TEST(DyadicWalk, Bm10PathsHaveTheSameBitsInAnyLanes) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  constexpr int paths = 64;
  const auto alone = random_walks<double, FixedSize>(seed, 1, paths, 20);
  EXPECT_EQ(alone, (random_walks<Lane<double>, FixedSize>(seed, 2, paths, 20)));
  EXPECT_EQ(alone, (random_walks<Lane<double>, RunTimeSize>(seed, 3, paths, 20)));
  EXPECT_EQ(alone, (random_walks<WideLane<double>, RunTimeSize>(seed, 4, paths, 20)));
}

TEST(DyadicWalk, CellsAreThoseOfThePathSeenFromTheHost) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  constexpr int depth = 32;
  const auto walks = random_walks<Lane<double>, FixedSize>(seed, 5, width_of<Lane<double>>, depth);
  for (std::size_t lane = 0; lane < walks.size(); ++lane) {
    for (int k = 0; k < components; ++k) {
      DyadicPath path(DyadicBrownian{seed}, first_id + lane, k, {7, 0, duration}, depth);
      std::int64_t at = 0;
      for (const Visit& leaf : walks[lane]) {
        EXPECT_EQ(path.tick(leaf.start), at);
        const std::int64_t end = at + path.tick(leaf.step);
        const Bits asked = bits_of(path.over_ticks(at, end));
        ASSERT_EQ(leaf.noise[static_cast<std::size_t>(k)], asked) << "lane " << lane;
        at = end;
      }
      EXPECT_EQ(at, path.ticks()) << "cells cover the root";
    }
  }
}

TEST(DyadicWalk, RootsAreStepsOfTheGridToTheBit) {
  using R = Lane<double>;
  using V = Vec<R, 3>;
  std::vector<R> waiting(DyadicWalk<V>::memory(3, 4));
  const auto ids = ids_from<R>(first_id);
  DyadicWalk<V> walk(DyadicBrownian{11}, ids, {}, 4, waiting.data());
  for (const std::uint64_t root : {0, 1, 2, 77}) {
    walk.begin(root, 0.3);
    const auto grid = GridBrownian{11, 0.3}.increment<Increments::with_area>(ids, root, V{});
    for (int k = 0; k < 3; ++k) {
      EXPECT_EQ(numbers_of(walk.noise().dw[k]), numbers_of(grid.dw[k]));
      EXPECT_EQ(numbers_of(walk.noise().area[k]), numbers_of(grid.area[k]));
    }
    DyadicPath path(DyadicBrownian{11}, first_id, 2, {root, 0, 0.3});
    EXPECT_TRUE(same(path.over(0, 0.3).w, numbers_of(grid.dw[2])[0]));
    EXPECT_TRUE(same(path.over(0, 0.3).h, numbers_of(grid.area[2])[0]));
  }
}

TEST(DyadicWalk, LevelsIndicesAndTimesAreThoseOfTheCell) {
  using V = Vec<double, 1>;
  std::vector<double> waiting(DyadicWalk<V>::memory(1, 3));
  DyadicWalk<V> walk(DyadicBrownian{1}, {5}, {}, 3, waiting.data());
  walk.begin(0, 4);
  EXPECT_EQ(walk.level(), 0u);
  EXPECT_EQ(walk.index(), 0);
  walk.descend(true);
  walk.descend(true);
  walk.next(true);
  EXPECT_EQ(walk.level(), 2u);
  EXPECT_EQ(walk.index(), 1);
  EXPECT_EQ(walk.start(), 1);
  EXPECT_EQ(walk.step(), 1);
  walk.next(true);  // to the second half of the root
  EXPECT_EQ(walk.level(), 1u);
  EXPECT_EQ(walk.index(), 1);
  EXPECT_EQ(walk.start(), 2);
  EXPECT_EQ(walk.step(), 2);
  walk.next(true);
  EXPECT_TRUE(walk.done());
  EXPECT_EQ(walk.start(), 4);
  walk.next(true);  // in vain
  walk.descend(true);
  EXPECT_TRUE(walk.done());
  EXPECT_EQ(walk.start(), 4);
}

TEST(DyadicWalk, EqualCellsTakeOneSplitLessThanThereAreCells) {
  using V = Vec<double, 1>;
  constexpr int depth = 10;
  std::vector<double> waiting(DyadicWalk<V>::memory(1, depth));
  DyadicWalk<V> walk(DyadicBrownian{1}, {5}, {}, depth, waiting.data());
  int splits = 0;
  int cells = 0;
  for (walk.begin(0, 1); !walk.done(); walk.next(true)) {
    for (; walk.divisible(); ++splits) walk.descend(true);
    ++cells;
  }
  EXPECT_EQ(cells, 1 << depth);
  EXPECT_EQ(splits, cells - 1);
}

using Pair = Vec<Lane<double>, 2>;

/// Calls `use(walk)` at each cell of a level of a root of length 1, for the paths [first, first +
/// width). Not a template, as walks take long to compile.
void for_each_cell(std::uint64_t seed, std::uint64_t first, int level,
                   const std::function<void(const DyadicWalk<Pair>&)>& use) {
  std::vector<Lane<double>> waiting(DyadicWalk<Pair>::memory(2, level));
  const auto ids = ids_from<Lane<double>>(first);
  DyadicWalk<Pair> walk(DyadicBrownian{seed}, ids, {}, level, waiting.data());
  const auto all = !mask_where<Lane<double>>({});
  for (walk.begin(3, 1); any(!walk.done()); walk.next(all)) {
    while (any(walk.divisible())) walk.descend(all);
    use(walk);
  }
}

TEST(DyadicWalk, CellsAreIndependentWithTheVariancesOfTheirLength) {
  // W and H of the 8 cells of level 3 and of two components, over 2^17 paths: all covariances
  // within 5 standard errors. 528 entries at 6e-7: a false alarm in 3e-4 of seeds.
  using R = Lane<double>;
  constexpr int level = 3;
  constexpr int values = 4 << level;
  constexpr int count = (1 << 17) / width_of<R>;
  std::vector<R> sum(values * values, R(0));
  for (int i = 0; i < count; ++i) {
    std::vector<R> x;
    const auto first = static_cast<std::uint64_t>(i * width_of<R>);
    for_each_cell(12, first, level, [&](const auto& walk) {
      for (int k = 0; k < 2; ++k) {
        x.push_back(walk.noise().dw[k]);
        x.push_back(walk.noise().area[k]);
      }
    });
    for (std::size_t j = 0; j < values; ++j) {
      for (std::size_t k = 0; k <= j; ++k) {
        sum[j * values + k] = fma(x[j], x[k], sum[j * values + k]);
      }
    }
  }
  const double h = 1.0 / (1 << level);
  const auto variance = [&](std::size_t j) { return j % 2 == 0 ? h : h / 12; };
  constexpr double n = 1 << 17;
  for (std::size_t j = 0; j < values; ++j) {
    for (std::size_t k = 0; k <= j; ++k) {
      const auto lanes = numbers_of(sum[j * values + k]);
      const double covariance = std::accumulate(lanes.begin(), lanes.end(), 0.0) / n;
      const double error = std::sqrt(variance(j) * variance(k) * (j == k ? 2 : 1) / n);
      EXPECT_NEAR(covariance, j == k ? variance(j) : 0, 5 * error) << j << "," << k;
    }
  }
}

TEST(DyadicWalk, Bm7QuadraticVariationIsTheElapsedTime) {
  using R = Lane<double>;
  constexpr int level = 14;
  R sum(0);
  for_each_cell(13, 0, level,
                [&](const auto& walk) { sum = fma(walk.noise().dw[0], walk.noise().dw[0], sum); });
  // Each path within 6 standard errors, as there are many: false alarms below 1e-6 in all.
  for (const double x : numbers_of(sum)) EXPECT_NEAR(x, 1, 6 * std::sqrt(2.0 / (1 << level)));
}

/// Least squares y = intercept + slope x.
struct Regression {
  double n = 0, x = 0, y = 0, xx = 0, xy = 0;
  void add(double at, double value) {
    n += 1;
    x += at;
    y += value;
    xx += at * at;
    xy += at * value;
  }
  [[nodiscard]] double slope() const { return (n * xy - x * y) / (n * xx - x * x); }
  [[nodiscard]] double intercept() const { return (y - slope() * x) / n; }
};

TEST(DyadicWalk, Bm8LevyAreasHaveTheirConditionalVariance) {
  // Levy areas over [0, 1] from 64 cells, each with the mean H_i W_j - W_i H_j of its own. What
  // that leaves out has the variance 1 / 12 / 64 and is uncorrelated with the rest, so that the
  // intercept is 1/20 - 1/768. Were the residual normal given H, then with x exponential of mean
  // 1/6 the standard errors over 2^18 paths were 0.0028 of the slope and 0.0004 of the intercept;
  // its tails are a little heavier. The bounds are 6 to 7 of these: false alarms below 1e-6.
  using R = Lane<double>;
  constexpr int level = 6;
  constexpr int count = (1 << 18) / width_of<R>;
  Regression fit;
  for (int i = 0; i < count; ++i) {
    R area(0);
    Segment<R> sum[2] = {{R(0), R(0)}, {R(0), R(0)}};
    int done = 0;
    const auto first = static_cast<std::uint64_t>(i * width_of<R>);
    for_each_cell(14, first, level, [&](const auto& walk) {
      const auto& cell = walk.noise();
      const R own = cell.area[0] * cell.dw[1] - cell.dw[0] * cell.area[1];
      area = area + own + R(0.5) * (sum[0].w * cell.dw[1] - cell.dw[0] * sum[1].w);
      for (int k = 0; k < 2; ++k) {
        sum[k] = random::join<R>(sum[k], done, {cell.dw[k], cell.area[k]}, 1);
      }
      ++done;
    });
    const R rest = area - (sum[0].h * sum[1].w - sum[0].w * sum[1].h);
    const auto x = numbers_of(sum[0].h * sum[0].h + sum[1].h * sum[1].h);
    const auto y = numbers_of(rest * rest);
    for (std::size_t lane = 0; lane < x.size(); ++lane) fit.add(x[lane], y[lane]);
  }
  EXPECT_NEAR(fit.intercept(), 1.0 / 20 - 1.0 / 768, 0.003);
  EXPECT_NEAR(fit.slope(), 1.0 / 5, 0.02);
}
}  // namespace

// SPDX-License-Identifier: BSD-3-Clause
// The structure of the Brownian Interval: what queries cost (check BM-9 of the specification), what
// is refused (BM-11), and what other implementations were seen to fail at: very short last steps,
// chains of thousands of nodes, wrong guesses of the step, end times in single precision, very
// large caches.
#include "random/interval_tree.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace {
using namespace driftwood;
using random::IntervalCache;
using random::IntervalCounters;
using random::IntervalOptions;
using random::IntervalPlan;
using random::IntervalStep;
using random::IntervalTree;

/// Bridges of a sweep forward over n equal steps of [0, 1], and of one back.
struct Sweeps {
  double forward;
  double backward;
};
Sweeps sweeps(IntervalTree& tree, int n) {
  IntervalPlan plan;
  const auto sweep = [&](bool back) {
    const std::int64_t before = tree.counters().bridges;
    for (int k = 0; k < n; ++k) {
      const int i = back ? n - 1 - k : k;
      tree.query(static_cast<double>(i) / n, static_cast<double>(i + 1) / n, plan);
      EXPECT_LE(tree.cached(), 45);
    }
    return static_cast<double>(tree.counters().bridges - before) / n;
  };
  const double forward = sweep(false);
  return {forward, sweep(true)};
}
Sweeps sweeps(const IntervalOptions& options, int n) {
  IntervalTree tree(options);
  const Sweeps out = sweeps(tree, n);
  const IntervalCounters& c = tree.counters();
  EXPECT_EQ(c.queries, 2 * n);
  EXPECT_LE(c.nodes, 2 * (c.queries + c.planted) + 1);
  EXPECT_LE(static_cast<double>(c.hops), 8.0 * static_cast<double>(c.queries));
  return out;
}

TEST(IntervalTree, Bm9SweepsTakeFewBridgesPerQuery) {
  // One bridge makes the values of both children. The specification counts them one by one: up to
  // 2.6 per query forwards and 2.8 backwards.
  for (const int n : {100, 128, 1000, 1024, 4096, 16384}) {
    const auto [forward, backward] = sweeps(IntervalOptions{.step = 1.0 / n}, n);
    EXPECT_LE(2 * forward, 2.6) << n;
    EXPECT_LE(2 * backward, 2.8) << n;
    EXPECT_LE(forward, 1.02) << n;
    EXPECT_LE(backward, 1.02) << n;
    RecordProperty("forward_" + std::to_string(n), std::to_string(forward));
    RecordProperty("backward_" + std::to_string(n), std::to_string(backward));
  }
}

TEST(IntervalTree, WrongGuessesOfTheStepCostLittle) {
  for (const int n : {1000, 1024, 16384}) {
    for (const double factor : {0.0, 1e-6, 0.01, 0.25, 0.3, 4.0, 100.0, 1e6}) {
      const auto [forward, backward] = sweeps(IntervalOptions{.step = factor / n}, n);
      EXPECT_LE(2 * forward, 2.6) << n << " steps, guessed by a factor of " << factor;
      EXPECT_LE(2 * backward, 2.8) << n << " steps, guessed by a factor of " << factor;
    }
  }
}

TEST(IntervalTree, StepsThatGetShorterAreFollowed) {
  // A hundred long steps, then short ones: what is planted follows.
  IntervalTree tree(IntervalOptions{});
  IntervalPlan plan;
  std::vector<std::pair<double, double>> steps;
  for (int i = 0; i < 100; ++i) steps.emplace_back(i / 200.0, (i + 1) / 200.0);
  for (int i = 0; i < 8000; ++i) steps.emplace_back(0.5 + i / 16000.0, 0.5 + (i + 1) / 16000.0);
  for (const auto& [s, t] : steps) tree.query(s, t, plan);
  const auto n = static_cast<double>(steps.size());
  EXPECT_LE(static_cast<double>(tree.counters().bridges) / n, 1.1);
  const std::int64_t before = tree.counters().bridges;
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    tree.query(step->first, step->second, plan);
  }
  EXPECT_LE(static_cast<double>(tree.counters().bridges - before) / n, 1.3);
}

TEST(IntervalTree, RandomOrdersTakeLessThanADescentEach) {
  constexpr int n = 1000;
  std::vector<int> order(n);
  std::iota(order.begin(), order.end(), 0);
  std::shuffle(order.begin(), order.end(), std::mt19937_64(1));
  IntervalTree tree(IntervalOptions{.step = 1.0 / n});
  IntervalPlan plan;
  for (const int i : order) tree.query(i / double{n}, (i + 1) / double{n}, plan);
  EXPECT_LE(static_cast<double>(tree.counters().bridges) / n, 9.5);
}

TEST(IntervalTree, AShortLastStepIsNothingSpecial) {
  // Rounding errors of a solver's time: the last step is 1e-15 long.
  IntervalTree tree(IntervalOptions{.step = 0.1});
  IntervalPlan plan;
  for (int i = 0; i < 10; ++i) tree.query(i / 10.0, i == 9 ? 1 - 1e-15 : (i + 1) / 10.0, plan);
  const std::int64_t before = tree.counters().bridges;
  tree.query(1 - 1e-15, 1.0, plan);
  EXPECT_EQ(tree.counters().bridges, before);
  EXPECT_EQ(plan.steps.back().kind, IntervalStep::Kind::zero);

  // Where a tick is shorter than that, it is an interval as any other.
  IntervalTree fine(IntervalOptions{.step = 0.1, .depth = 52});
  fine.query(1 - 1e-15, 1.0, plan);
  fine.query(0.0, 1 - 1e-15, plan);
  fine.query(0.3, 0.3 + 1e-15, plan);
  EXPECT_LE(fine.counters().nodes, 41);
}

TEST(IntervalTree, ChainsOfThousandsOfNodesAreWalkedInALoop) {
  // Each query leaves most of what the one before has left: a tree as deep as there are queries.
  constexpr int n = 20'000;
  IntervalTree tree(IntervalOptions{.cache = 3});
  IntervalPlan plan;
  for (int i = 1; i < n; ++i) tree.query(i / (2.0 * n), 1.0, plan);
  EXPECT_LE(tree.counters().nodes, 2 * n);
  tree.forget();
  const std::int64_t before = tree.counters().bridges;
  tree.query((n - 1) / (2.0 * n), 1.0, plan);
  EXPECT_EQ(tree.counters().bridges - before, n - 1);
}

TEST(IntervalTree, EndTimesInSinglePrecisionAreTheEnd) {
  const double end = 14.614643;
  const auto rounded = static_cast<float>(end);
  ASSERT_GT(static_cast<double>(rounded), end);
  IntervalTree tree(IntervalOptions{.begin = 0.1, .end = end});
  IntervalPlan plan;
  tree.query(0.1f, rounded, plan);  // 0.1f > 0.1
  ASSERT_EQ(plan.steps.size(), 1u);
  EXPECT_EQ(plan.steps[0].from, IntervalStep::root_slot);
  EXPECT_THROW(tree.query(0.1, static_cast<double>(rounded), plan), Error);
  EXPECT_THROW(tree.query(1.0f, std::nextafter(rounded, 20.0f), plan), Error);
}

TEST(IntervalTree, CachesMayBeAsLargeAsTheyLike) {
  constexpr int n = 5000;
  IntervalTree tree(IntervalOptions{.step = 1.0 / n, .cache = 1 << 30});
  IntervalPlan plan;
  for (int pass = 0; pass < 2; ++pass) {
    for (int i = 0; i < n; ++i) tree.query(i / double{n}, (i + 1) / double{n}, plan);
  }
  EXPECT_LE(tree.counters().bridges, n);
  EXPECT_LE(tree.cached(), 2 * n);
}

std::string message_of(auto&& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

TEST(IntervalTree, Bm11WrongIntervalsAreRefused) {
  IntervalTree tree(IntervalOptions{.begin = 0.25, .end = 2});
  IntervalPlan plan;
  const auto asked = [&](double s, double t) {
    return message_of([&] { tree.query(s, t, plan); });
  };
  EXPECT_EQ(asked(1.5, 1.0),
            "no Brownian increment over [1.5, 1] (the path has the times [0.25, 2])");
  EXPECT_NE(asked(std::nextafter(0.25, 0), 1.0), "no error");
  EXPECT_NE(asked(1.0, std::nextafter(2, 3)), "no error");
  EXPECT_NE(asked(NAN, 1.0), "no error");
  EXPECT_NE(asked(1.0, NAN), "no error");
  EXPECT_EQ(message_of([&] { tree.query_mirrored(-1.0, -1.5, plan); }),
            "no Brownian increment over [-1, -1.5] (the path has the times [-2, -0.25])");
  EXPECT_EQ(message_of([&] { tree.query_ticks(-1, 3, plan); }),
            "no Brownian increment over ticks [-1, 3) (the path has the ticks [0, 1099511627776))");
  EXPECT_EQ(plan.queries, 0);
  EXPECT_TRUE(plan.steps.empty());
}

TEST(IntervalTree, WrongOptionsAreRefused) {
  const auto made = [](const IntervalOptions& options) {
    return message_of([&] { const IntervalTree tree(options); });
  };
  EXPECT_EQ(made({}), "no error");
  EXPECT_EQ(made({.begin = 1}), "no Brownian Interval (it is [1, 1])");
  EXPECT_EQ(made({.end = INFINITY}), "no Brownian Interval (it is [0, inf])");
  EXPECT_EQ(made({.step = -1}), "no Brownian Interval (its step is -1)");
  EXPECT_EQ(made({.step = NAN}), "no Brownian Interval (its step is nan)");
  EXPECT_EQ(made({.cache = 2}), "no Brownian Interval (its cache has 2 values)");
  EXPECT_EQ(made({.depth = 53}), "no Brownian Interval (its depth is 53)");
}

TEST(IntervalCache, TheLeastRecentlyUsedSlotIsTaken) {
  IntervalCache cache(4);
  std::vector<int> gone;
  const auto take = [&](int node, auto&& spared) {
    return cache.take(node, spared, [&](int old) { gone.push_back(old); });
  };
  const auto nobody = [](int) { return false; };
  std::vector<int> slots;
  for (const int node : {10, 11, 12, 13}) slots.push_back(take(node, nobody));
  EXPECT_EQ(cache.size(), 4);
  cache.touch(slots[0]);
  EXPECT_EQ(take(14, nobody), slots[1]);
  EXPECT_EQ(take(15, [](int node) { return node == 12; }), slots[3]);
  EXPECT_EQ(take(16, [](int) { return true; }), slots[1]) << "one of four slots is spared";
  EXPECT_EQ(cache.size(), 4);
  EXPECT_EQ(gone, (std::vector<int>{11, 13, 14}));
}

}  // namespace

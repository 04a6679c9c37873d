// SPDX-License-Identifier: BSD-3-Clause
#include "bnb/search.hpp"

#include <gtest/gtest.h>

#include <string>

#include "support/search_problems.hpp"

namespace driftwood {
namespace {

using test::Knapsack;
using test::Queens;

template <class P>
bnb::Search<P> started(P& problem, const bnb::SearchOptions& options = {}) {
  bnb::Search<P> search(problem, options);
  search.begin(problem.roots());
  return search;
}

template <class P>
void finish(bnb::Search<P>& search) {
  while (search.step()) {
  }
}

template <class P>
std::vector<typename P::Node> leaves_of(bnb::Search<P>& search) {
  auto leaves = search.closed();
  leaves.insert(leaves.end(), search.unresolved().begin(), search.unresolved().end());
  return leaves;
}

/// That a finished search found the largest value, proves it, and lost no node.
template <class P>
void expect_optimum(P& problem, bnb::Search<P>& search, const std::string& what) {
  finish(search);
  ASSERT_TRUE(search.incumbent()) << what;
  EXPECT_EQ(search.incumbent()->value, problem.optimum()) << what;
  EXPECT_EQ(search.upper_bound(), problem.optimum()) << what;
  EXPECT_TRUE(search.is_complete()) << what;
  EXPECT_EQ(search.counts().closed, static_cast<std::int64_t>(search.closed().size())) << what;
  EXPECT_TRUE(test::leaves_tile(problem, leaves_of(search))) << what;
}

TEST(Search, FindsTheOptimumOfKnapsacks) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const int items = 4 + static_cast<int>(seed % 24);
    const std::string what = "seed " + std::to_string(seed);
    auto whole = Knapsack<std::int64_t>::random(items, seed);
    auto search = started(whole, {.batch = 1 + seed % 5, .keeps_closed = true});
    expect_optimum(whole, search, what);
    EXPECT_EQ(whole.value_of(search.incumbent()->payload), whole.optimum()) << what;
    auto real = Knapsack<double>::random(items, seed);
    auto of_reals = started(real, {.batch = 1 + seed % 5, .keeps_closed = true});
    expect_optimum(real, of_reals, what);
  }
}

TEST(Search, FindsTheMostQueens) {
  const std::int32_t most[] = {0, 1, 1, 2, 4, 5, 6, 7, 8};
  for (int n = 1; n <= 8; ++n) {
    Queens board(n);
    auto search = started(board, {.keeps_closed = true});
    finish(search);
    EXPECT_EQ(search.incumbent()->value, most[n]) << n;
    EXPECT_TRUE(test::leaves_tile(board, leaves_of(search))) << n;
  }
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    auto board = Queens::random(6, 0.6, seed);
    auto search = started(board, {.keeps_closed = true});
    expect_optimum(board, search, "seed " + std::to_string(seed));
  }
}

TEST(Search, KeepsItsGap) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    auto sack = Knapsack<std::int64_t>::random(26, seed);
    const std::int64_t best = sack.optimum();
    std::int64_t evaluated = 0;
    for (const bnb::Gap gap : {bnb::Gap{}, bnb::Gap{.absolute = 5.5}, bnb::Gap{.relative = 0.02}}) {
      auto search = started(sack, {.gap = gap, .keeps_closed = true});
      finish(search);
      const std::int64_t found = search.incumbent()->value;
      EXPECT_LE(found, best);
      EXPECT_GE(search.upper_bound(), best);
      EXPECT_LE(search.upper_bound(), search.enough());
      EXPECT_EQ(search.enough(),
                found + static_cast<std::int64_t>(
                            std::max(gap.absolute, gap.relative * static_cast<double>(found))))
          << "rounded down";
      EXPECT_TRUE(test::leaves_tile(sack, leaves_of(search)));
      if (evaluated == 0) evaluated = search.counts().evaluated;
      EXPECT_LE(search.counts().evaluated, evaluated);
    }
    auto real = Knapsack<double>::random(26, seed);
    auto search = started(real, {.gap = {.relative = 0.02}});
    finish(search);
    EXPECT_GE(search.upper_bound(), real.optimum());
    EXPECT_LE(search.upper_bound(), 1.02 * search.incumbent()->value);
  }
}

TEST(Search, KeepsMinimalNodesThatItCannotClose) {
  Queens board(5, 1);
  auto search = started(board, {.keeps_closed = true});
  finish(search);
  EXPECT_EQ(search.incumbent()->value, 5);
  EXPECT_EQ(search.unresolved().size(), 10u) << "solutions of 5 queens";
  EXPECT_EQ(search.upper_bound(), 6);
  EXPECT_EQ(search.largest_unresolved(), 6);
  EXPECT_TRUE(test::leaves_tile(board, leaves_of(search)));
  auto with_gap = started(board, {.gap = {.absolute = 1}, .keeps_closed = true});
  finish(with_gap);
  EXPECT_TRUE(with_gap.unresolved().empty());
  EXPECT_GE(with_gap.incumbent()->value, 4);
}

TEST(Search, ReportsAValidBoundAtAnyTime) {
  auto sack = Knapsack<std::int64_t>::random(24, 7);
  const auto best = sack.optimum();
  auto search = started(sack, {.batch = 1});
  auto last = search.upper_bound();
  do {
    EXPECT_GE(search.upper_bound(), best);
    EXPECT_LE(search.upper_bound(), last) << "bounds of children are no larger";
    last = search.upper_bound();
  } while (search.step());
  EXPECT_EQ(last, best);
}

TEST(Search, CountsTheNodesThatAnySearchMustBranch) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    auto sack = Knapsack<std::int64_t>::random(26, seed);
    std::int64_t critical = -1;
    for (const std::size_t batch : {1, 3, 50}) {
      for (const std::size_t most : {1u << 20, 40u}) {
        auto search = started(sack, {.batch = batch, .frontier_most = most});
        finish(search);
        if (critical < 0) critical = search.critical();
        EXPECT_EQ(search.critical(), critical) << "seed " << seed << " batch " << batch;
        EXPECT_GE(search.counts().branched, critical);
        auto given = started(sack, {.batch = batch, .frontier_most = most});
        given.offer(*search.incumbent());
        finish(given);
        EXPECT_EQ(given.critical(), critical);
        EXPECT_EQ(given.counts().branched, critical) << "no node but those";
      }
    }
  }
}

TEST(Search, ReachesTheSameWithLittleMemory) {
  auto sack = Knapsack<std::int64_t>::random(32, 5);
  auto free = started(sack, {.batch = 4, .keeps_closed = true});
  expect_optimum(sack, free, "without a mark");
  const std::size_t needed = free.frontier().peak();
  ASSERT_GT(needed, 2000u);
  for (const std::size_t part : {3, 10, 100}) {
    const std::size_t most = needed / part;
    auto search = started(sack, {.batch = 4, .frontier_most = most, .keeps_closed = true});
    expect_optimum(sack, search, "most " + std::to_string(most));
    // A quarter above the mark is for the stack: of 32 levels with 1 more child per node taken.
    EXPECT_LE(search.frontier().peak(), std::max(most, 3 * most / 4 + 4 * 32 + 8));
  }
}

TEST(Search, GoesOnFromWhatWasSaved) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    auto sack = Knapsack<double>::random(28, seed);
    auto whole = started(sack, {.batch = 2});
    finish(whole);
    const bnb::SearchOptions options{.batch = 2, .frontier_most = 200, .keeps_closed = true};
    auto first = started(sack, options);
    for (std::int64_t n = whole.counts().batches / 2; n > 0; --n) first.step();
    stats::ByteWriter bytes;
    first.save(bytes);
    const auto saved = bytes.take();
    bnb::Search<Knapsack<double>> second(sack, options);
    stats::ByteReader reader(saved);
    second.absorb(reader);
    EXPECT_TRUE(reader.at_end());
    EXPECT_EQ(second.frontier().size(), first.frontier().size());
    EXPECT_EQ(second.upper_bound(), first.upper_bound());
    EXPECT_EQ(second.counts().evaluated, first.counts().evaluated);
    expect_optimum(sack, second, "seed " + std::to_string(seed));
    EXPECT_EQ(second.critical(), whole.critical());
  }
  stats::ByteWriter other;
  other.put(std::uint64_t{7});
  const auto bytes = other.take();
  stats::ByteReader reader(bytes);
  auto sack = Knapsack<double>::random(4, 1);
  bnb::Search<Knapsack<double>> search(sack, {});
  EXPECT_THROW(search.absorb(reader), Error);
}

TEST(Search, SharesHalfOfItsNodes) {
  auto sack = Knapsack<std::int64_t>::random(28, 5);
  const bnb::SearchOptions options{.batch = 1, .frontier_most = 4000, .keeps_closed = true};
  auto first = started(sack, options);
  EXPECT_TRUE(first.split_off(100).empty()) << "of one node";
  while (first.frontier().size() < 50) first.step();
  const std::size_t before = first.frontier().size();
  const auto best = first.largest_open();
  bnb::Search<Knapsack<std::int64_t>> second(sack, options);
  auto given = first.split_off(1000);
  EXPECT_EQ(given.size(), before / 2);
  EXPECT_EQ(first.frontier().size(), before - given.size());
  EXPECT_EQ(first.largest_open(), best) << "the best stays";
  second.put(given);
  auto some = first.split_off(3);
  EXPECT_EQ(some.size(), 3u);
  second.put(some);
  first.step();
  second.step();
  auto all = leaves_of(first);
  const auto add = [&](const auto& node) { all.push_back(node); };
  for (const auto& leaf : leaves_of(second)) add(leaf);
  first.frontier().for_each(add);
  second.frontier().for_each(add);
  EXPECT_TRUE(test::leaves_tile(sack, all)) << "none is lost";
}

TEST(Search, LosesNothingWhereTheProblemThrows) {
  auto sack = Knapsack<std::int64_t>::random(24, 4);
  auto search = started(sack, {.batch = 3, .keeps_closed = true});
  int calls = 0;
  sack.before_evaluating = [&] {
    if (++calls % 7 == 0) throw Error("no");
  };
  int thrown = 0;
  for (bool goes_on = true; goes_on;) {
    try {
      goes_on = search.step();
    } catch (const Error&) {
      ++thrown;
    }
  }
  sack.before_evaluating = nullptr;
  EXPECT_GT(thrown, 3);
  expect_optimum(sack, search, "after failures");
}

TEST(Search, EndsAtItsMostNodes) {
  auto sack = Knapsack<std::int64_t>::random(32, 5);
  auto search = started(sack, {.batch = 1, .max_nodes = 100});
  finish(search);
  EXPECT_FALSE(search.is_complete());
  EXPECT_GE(search.counts().evaluated, 100);
  EXPECT_LE(search.counts().evaluated, 102);
  EXPECT_GE(search.upper_bound(), sack.optimum());
}

TEST(Search, RefusesBoundsThatAreNoNumbersAndEmptyBatches) {
  Knapsack<double> sack({std::numeric_limits<double>::quiet_NaN()}, {1}, 1);
  EXPECT_THROW(static_cast<void>(started(sack)), NumericsError);
  EXPECT_THROW(bnb::Search<Knapsack<double>>(sack, {.batch = 0}), UsageError);
}

}  // namespace
}  // namespace driftwood

// SPDX-License-Identifier: BSD-3-Clause
// Claims (A7, A15): on any number of ranks, with either way to detect the end, a search finds the
// optimum, proves it, loses no node and branches the same critical nodes; what ranks saved at any
// moment goes on on any other number of them; and whoever throws ends it for all.
#include "bnb/team_search.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "support/search_problems.hpp"
#include "support/team_checks.hpp"

namespace driftwood {
namespace {

using bnb::Ending;
using bnb::Termination;
using test::expect_optimum;
using test::Knapsack;
using test::Queens;
using test::run_to_end;

using Sack = Knapsack<std::int64_t>;
constexpr Termination protocols[] = {Termination::four_counters, Termination::ring};

TEST(TeamSearch, FindsTheOptimumOfKnapsacks) {
  for (const Termination termination : protocols) {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
      const std::string what = "seed " + std::to_string(seed);
      auto whole = Sack::random(25 + static_cast<int>(seed), seed);
      bnb::TeamSearch search(whole, {.batch = 1 + seed % 9, .keeps_closed = true},
                             {.termination = termination});
      search.begin();
      expect_optimum(whole, search, whole.optimum(), what);
      EXPECT_EQ(whole.value_of(search.incumbent()->payload), whole.optimum()) << what;
      auto real = Knapsack<double>::random(25 + static_cast<int>(seed), seed);
      bnb::TeamSearch of_reals(real, {.keeps_closed = true}, {.termination = termination});
      of_reals.begin();
      expect_optimum(real, of_reals, real.optimum(), what);
    }
  }
}

TEST(TeamSearch, FindsTheMostQueens) {
  for (const Termination termination : protocols) {
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
      auto board = Queens::random(7, 0.5, seed);
      bnb::TeamSearch search(board, {.keeps_closed = true}, {.termination = termination});
      search.begin();
      expect_optimum(board, search, board.optimum(), "seed " + std::to_string(seed));
    }
    for (const int n : {1, 2, 3, 8}) {
      Queens board(n);
      bnb::TeamSearch search(board, {.keeps_closed = true}, {.termination = termination});
      search.begin();
      expect_optimum(board, search, n == 2 ? 1 : n == 3 ? 2 : n, std::to_string(n) + " queens");
    }
  }
}

/// Bounds that are larger by one every second time, on other nodes on other ranks: as those of a
/// problem that learns.
struct Moody : Queens {
  explicit Moody(Queens board) : Queens(std::move(board)) {}

  void evaluate(std::span<Node> batch, Value enough) {
    Queens::evaluate(batch, enough);
    for (Node& node : batch) {
      if (node.bound > 0 && node.row < 7) node.bound += (asked_++ + test::all_ranks().rank()) % 2;
    }
  }

 private:
  int asked_ = 0;
};

TEST(TeamSearch, LosesNoNodeWhereRanksWouldBoundItDifferently) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    Moody board(Queens::random(7, 0.5, seed));
    bnb::TeamSearch search(board, {.keeps_closed = true});
    // One less than there are: most nodes are either closed or branched by what is added.
    search.offer({board.optimum() - 1, 0});
    search.begin();
    expect_optimum(board, search, board.optimum(), "seed " + std::to_string(seed));
  }
}

TEST(TeamSearch, EndsAtOnceWhereNothingIsOpen) {
  auto board = Queens::random(7, 0.5, 1);
  bnb::TeamSearch search(board, {.keeps_closed = true});
  search.begin();
  while (search.advance()) {
  }
  bnb::TeamSearch again(board, {.keeps_closed = true});
  const comm::Bytes mine = search.save();
  again.resume(std::span(&mine, 1));
  EXPECT_FALSE(again.advance());
  again.finish();
  EXPECT_EQ(again.ending(), Ending::complete);
  EXPECT_EQ(again.result().upper_bound, board.optimum());
  EXPECT_TRUE(test::team_leaves_tile(board, again));
}

TEST(TeamSearch, ReportsWhatItCannotClose) {
  Queens board(6, 1);
  bnb::TeamSearch search(board, {.keeps_closed = true});
  search.begin();
  run_to_end(search);
  EXPECT_EQ(search.ending(), Ending::complete);
  EXPECT_EQ(search.result().unresolved, 4) << "solutions of 6 queens";
  EXPECT_EQ(search.result().upper_bound, 7);
  EXPECT_TRUE(test::team_leaves_tile(board, search));
}

TEST(TeamSearch, AgreesOnOneOfEqualCandidates) {
  const auto& comm = test::all_ranks();
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    Queens board(6);
    bnb::TeamSearch search(board, {}, {.seed = seed});
    search.begin();
    run_to_end(search);
    const auto payload = search.incumbent()->payload;
    EXPECT_EQ(comm.all_reduce_max(payload), payload);
    EXPECT_EQ(comm.all_reduce_min(payload), payload);
  }
}

TEST(TeamSearch, BranchesTheSameCriticalNodesOnAnyRanks) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    auto sack = Sack::random(28, seed);
    bnb::Search<Sack> alone(sack, {});
    alone.begin(sack.roots());
    while (alone.step()) {
    }
    bnb::TeamSearch found(sack, {});
    found.begin();
    run_to_end(found);
    EXPECT_EQ(found.result().critical, alone.critical()) << "seed " << seed;
    bnb::TeamSearch given(sack, {});
    given.offer(*alone.incumbent());
    given.begin();
    run_to_end(given);
    EXPECT_EQ(given.result().critical, alone.critical()) << "seed " << seed;
    EXPECT_EQ(given.result().counts.branched, alone.critical()) << "and no others";
  }
}

TEST(TeamSearch, TakesAnIncumbentThatOneRankKnows) {
  auto sack = Sack::random(28, 3);
  bnb::Search<Sack> alone(sack, {});
  alone.begin(sack.roots());
  while (alone.step()) {
  }
  bnb::TeamSearch search(sack, {});
  const auto& comm = test::all_ranks();
  if (comm.rank() == comm.size() - 1) search.offer(*alone.incumbent());
  search.begin();
  run_to_end(search);
  EXPECT_EQ(search.result().counts.branched, alone.critical());
}

TEST(TeamSearch, ReportsAValidBoundAtAnyTime) {
  auto sack = Sack::random(32, 5);
  const auto best = sack.optimum();
  bnb::TeamSearch search(sack, {.batch = 1});
  search.begin();
  auto last = search.progress().upper_bound;
  while (search.advance()) {
    EXPECT_GE(search.progress().upper_bound, best);
    EXPECT_LE(search.progress().upper_bound, last);
    EXPECT_LE(search.progress().reached, best);
    last = search.progress().upper_bound;
  }
  search.finish();
  EXPECT_EQ(search.progress().upper_bound, best);
}

TEST(TeamSearch, KeepsItsGap) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    auto sack = Sack::random(30, seed);
    bnb::TeamSearch search(sack, {.gap = {.relative = 0.01}, .keeps_closed = true});
    search.begin();
    run_to_end(search);
    const auto found = search.incumbent()->value;
    EXPECT_LE(found, sack.optimum());
    EXPECT_GE(search.result().upper_bound, sack.optimum());
    EXPECT_LE(search.result().upper_bound, found + found / 100);
    EXPECT_TRUE(test::team_leaves_tile(sack, search));
  }
}

TEST(TeamSearch, StopsOnAllRanksWhereOneWishesIt) {
  const auto& comm = test::all_ranks();
  auto sack = Sack::random(32, 5);
  bnb::TeamSearch search(sack, {.batch = 1});
  sack.before_evaluating = [&] {
    if (comm.rank() == comm.size() - 1 && search.mine().counts().evaluated > 40) search.stop();
    std::this_thread::sleep_for(std::chrono::microseconds(20));
  };
  search.begin();
  run_to_end(search);
  EXPECT_EQ(search.ending(), Ending::stopped);
  EXPECT_GT(search.result().open, 0);
  EXPECT_GE(search.result().upper_bound, sack.optimum());
}

TEST(TeamSearch, EndsAtItsMostNodes) {
  auto sack = Sack::random(32, 5);
  sack.before_evaluating = [] { std::this_thread::sleep_for(std::chrono::microseconds(20)); };
  bnb::TeamSearch search(sack, {.batch = 1, .max_nodes = 600});
  search.begin();
  run_to_end(search);
  EXPECT_EQ(search.ending(), Ending::node_limit);
  EXPECT_GE(search.result().counts.evaluated, 600);
  EXPECT_LT(search.result().counts.evaluated, 20000) << "it learns of it every millisecond";
  EXPECT_GT(search.result().open, 0);
}

TEST(TeamSearch, EndsForAllWhereOneThrows) {
  const auto& comm = test::all_ranks();
  for (int thrower = 0; thrower < comm.size(); ++thrower) {
    auto sack = Sack::random(32, 5);
    bnb::TeamSearch search(sack, {.keeps_closed = true});
    int calls = 0;
    sack.before_evaluating = [&] {
      if (comm.rank() == thrower && ++calls == 20) throw NumericsError("no bound on one rank");
      std::this_thread::sleep_for(std::chrono::microseconds(20));
    };
    search.begin();
    while (search.advance()) {
    }
    EXPECT_EQ(search.ending(), Ending::failed);
    EXPECT_THROW(search.finish(), NumericsError);
    // Even then nothing is lost: what was saved now could go on.
    sack.before_evaluating = nullptr;
    const auto parts = test::parts_of_all(search.save());
    bnb::TeamSearch next(sack, {.keeps_closed = true});
    next.resume(test::shared_out(parts, comm.size()));
    expect_optimum(sack, next, sack.optimum(), "after a failure");
  }
}

TEST(TeamSearch, EndsForAllWhereOneThrowsAtTheStart) {
  const auto& comm = test::all_ranks();
  auto sack = Sack::random(20, 5);
  if (comm.rank() == comm.size() - 1) {
    sack.before_evaluating = [] { throw Error("no bound"); };
  }
  bnb::TeamSearch search(sack, {}, {.start_nodes = 200});
  EXPECT_THROW(search.begin(), Error);
}

/// Saves after `turns` calls on each rank, at which they are at different places.
template <class P>
std::vector<comm::Bytes> saved_after(bnb::TeamSearch<P>& search, int turns) {
  for (; turns > 0; --turns) search.advance();
  return test::parts_of_all(search.save());
}

TEST(TeamSearch, GoesOnOnAnyRanksFromWhatWasSaved) {
  const auto& comm = test::all_ranks();
  std::mt19937_64 bits(static_cast<std::uint64_t>(comm.rank()));
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    const std::string what = "seed " + std::to_string(seed);
    auto sack = Sack::random(29, seed);
    const auto best = sack.optimum();
    const bnb::SearchOptions options{.batch = 2, .keeps_closed = true};
    const bnb::TeamOptions team{.termination = protocols[seed % 2]};
    sack.before_evaluating = [] { std::this_thread::sleep_for(std::chrono::microseconds(10)); };
    bnb::TeamSearch first(sack, options, team);
    first.begin();
    const auto parts = saved_after(first, static_cast<int>(bits() % 10));
    const auto again = saved_after(first, static_cast<int>(bits() % 10));
    sack.before_evaluating = nullptr;
    expect_optimum(sack, first, best, what + ", which went on itself");
    const std::int64_t critical = first.result().critical;

    for (int ranks = 1; ranks <= comm.size(); ++ranks) {
      for (const auto& saved : {parts, again}) {
        bnb::TeamSearch next(sack, options, team);
        next.resume(test::shared_out(saved, ranks));
        expect_optimum(sack, next, best, what + ", on " + std::to_string(ranks));
        EXPECT_EQ(next.result().critical, critical) << what;
      }
    }
    bnb::Search<Sack> alone(sack, options);
    for (const auto& part : parts) {
      stats::ByteReader reader(part);
      alone.absorb(reader);
    }
    while (alone.step()) {
    }
    EXPECT_EQ(alone.upper_bound(), best) << what << ", without others";
    EXPECT_EQ(alone.critical(), critical) << what;
  }
}

TEST(TeamSearch, SharesEvenAFewNodes) {
  const auto& comm = test::all_ranks();
  if (comm.size() == 1) GTEST_SKIP() << "of several ranks";
  auto sack = Sack::random(28, 3);
  bnb::Search<Sack> alone(sack, {.batch = 1});
  alone.begin(sack.roots());
  for (int n = 0; n < 3; ++n) alone.step();
  stats::ByteWriter bytes;
  alone.save(bytes);
  sack.before_evaluating = [] { std::this_thread::sleep_for(std::chrono::microseconds(100)); };
  bnb::TeamSearch search(sack, {.batch = 8, .keeps_closed = true});
  std::vector<comm::Bytes> parts;
  if (comm.is_root()) parts.push_back(bytes.take());
  search.resume(parts);
  run_to_end(search);
  const std::int64_t mean = search.result().counts.evaluated / comm.size();
  EXPECT_GT(search.mine().counts().evaluated, mean / 3) << "all began on rank 0";
  if (!comm.is_root()) {
    EXPECT_GT(search.share().nodes_taken, 0);
  }
  EXPECT_GE(search.share().seconds, search.share().idle_seconds);
}

}  // namespace
}  // namespace driftwood

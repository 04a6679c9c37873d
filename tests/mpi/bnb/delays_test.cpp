// SPDX-License-Identifier: BSD-3-Clause
// Claims (A15): whatever messages and batches take, a search ends neither before all nodes are
// searched nor never. An early end leaves open nodes, or a hole among the leaves; a late one is
// ended by the time limit of the test. DRIFTWOOD_RUNS says how many searches, 30 if it is not set.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <random>
#include <string>
#include <thread>

#include "support/search_problems.hpp"
#include "support/team_checks.hpp"

namespace driftwood {
namespace {

using test::Knapsack;

int runs() {
  const char* const text = std::getenv("DRIFTWOOD_RUNS");
  return text != nullptr ? std::atoi(text) : 30;
}

TEST(Delays, NeitherEndASearchNorKeepItFromEnding) {
  const auto& comm = test::all_ranks();
  for (int run = 0; run < runs(); ++run) {
    const auto seed = static_cast<std::uint64_t>(run);
    std::mt19937_64 bits(1000 * seed + static_cast<std::uint64_t>(comm.rank()));
    // Mostly short, sometimes far longer than everything else.
    const auto random_time = [&] {
      return std::chrono::microseconds(bits() % 20 == 0 ? bits() % 5000 : bits() % 200);
    };
    auto sack = Knapsack<std::int64_t>::random(14 + run % 8, seed);
    sack.before_evaluating = [&] {
      if (bits() % 8 == 0) std::this_thread::sleep_for(random_time());
    };
    bnb::TeamOptions team{.seed = seed, .start_nodes = 1u + seed % 3, .delay = random_time};
    team.termination = run % 2 == 0 ? bnb::Termination::four_counters : bnb::Termination::ring;
    bnb::TeamSearch search(sack, {.batch = 1 + seed % 3, .keeps_closed = true}, team);
    search.begin();
    expect_optimum(sack, search, sack.optimum(), "run " + std::to_string(run));
    if (testing::Test::HasFailure()) break;
  }
}

/// The same while it is saved again and again.
TEST(Delays, LoseNothingThatIsSaved) {
  const auto& comm = test::all_ranks();
  for (int run = 0; run < runs() / 3; ++run) {
    const auto seed = static_cast<std::uint64_t>(run);
    std::mt19937_64 bits(1000 * seed + static_cast<std::uint64_t>(comm.rank()));
    const auto random_time = [&] { return std::chrono::microseconds(bits() % 500); };
    auto sack = Knapsack<std::int64_t>::random(20 + run % 8, seed);
    const bnb::SearchOptions options{.batch = 1, .keeps_closed = true};
    const bnb::TeamOptions team{.seed = seed, .start_nodes = 1, .delay = random_time};
    bnb::TeamSearch search(sack, options, team);
    search.begin();
    std::vector<comm::Bytes> parts;
    for (int saves = 0; saves < 3; ++saves) {
      for (std::uint64_t n = bits() % 6; n > 0; --n) search.advance();
      parts = test::parts_of_all(search.save());
    }
    const auto best = sack.optimum();
    expect_optimum(sack, search, best, "run " + std::to_string(run));
    bnb::TeamSearch next(sack, options, team);
    next.resume(test::shared_out(parts, 1 + run % comm.size()));
    expect_optimum(sack, next, best, "from what run " + std::to_string(run) + " saved");
    if (testing::Test::HasFailure()) break;
  }
}

}  // namespace
}  // namespace driftwood

// SPDX-License-Identifier: BSD-3-Clause
#include "bnb/thief.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "bnb/team.hpp"

namespace driftwood {
namespace {

using bnb::Thief;

/// All lifelines of a rank, after `tries` refusals.
std::vector<int> lifelines_of(int rank, int size) {
  Thief thief(rank, size, 1, 0);
  std::vector<int> out;
  while (const auto question = thief.ask()) {
    EXPECT_TRUE(question->is_lifeline);
    out.push_back(question->to);
  }
  return out;
}

TEST(Thief, AsksByChanceAndThenItsLifelines) {
  Thief thief(5, 16, 7);
  for (int n = 0; n < 2; ++n) {
    const auto question = thief.ask();
    ASSERT_TRUE(question);
    EXPECT_FALSE(question->is_lifeline);
    EXPECT_NE(question->to, 5);
    EXPECT_FALSE(thief.ask()) << "while it waits";
    thief.answered(question->to, false, false);
  }
  std::set<int> asked;
  while (const auto question = thief.ask()) {
    EXPECT_TRUE(question->is_lifeline);
    asked.insert(question->to);
  }
  EXPECT_EQ(asked, (std::set<int>{4, 7, 1, 13}));
  thief.answered(7, true, true);
  const auto by_chance = thief.ask();
  ASSERT_TRUE(by_chance) << "once it had work and has none again";
  EXPECT_FALSE(by_chance->is_lifeline);
  thief.answered(by_chance->to, false, false);
  thief.answered(thief.ask()->to, false, false);
  EXPECT_EQ(thief.ask()->to, 7) << "the others still know";
  EXPECT_FALSE(thief.ask());
  thief.forget();
  EXPECT_FALSE(thief.ask()->is_lifeline);
}

TEST(Thief, AsksEveryRankSoonerOrLater) {
  for (const int size : {2, 3, 10}) {
    for (int rank = 0; rank < size; ++rank) {
      Thief thief(rank, size, 3, 1000);
      std::vector<int> times(static_cast<std::size_t>(size));
      for (int n = 0; n < 1000; ++n) {
        const int to = thief.ask()->to;
        ++times[static_cast<std::size_t>(to)];
        thief.answered(to, false, false);
      }
      EXPECT_EQ(times[static_cast<std::size_t>(rank)], 0);
      times.erase(times.begin() + rank);
      // Of 1000 with probability 1 / (size - 1): 6 standard deviations, fewer than 1e-8 by chance.
      const double p = 1.0 / (size - 1);
      for (const int n : times) EXPECT_NEAR(n, 1000 * p, 6 * std::sqrt(1000 * p * (1 - p)) + 1e-9);
    }
  }
  EXPECT_FALSE(Thief(0, 1, 1).ask()) << "nobody is there";
}

TEST(Thief, HasLifelinesThatReachAllRanks) {
  for (const int size : {2, 3, 4, 5, 7, 12, 64, 100, 1000}) {
    std::vector<bool> is_reached(static_cast<std::size_t>(size));
    std::vector<int> next{size - 1};
    while (!next.empty()) {
      const int rank = next.back();
      next.pop_back();
      if (is_reached[static_cast<std::size_t>(rank)]) continue;
      is_reached[static_cast<std::size_t>(rank)] = true;
      for (const int to : lifelines_of(rank, size)) {
        next.push_back(to);
        const auto back = lifelines_of(to, size);
        EXPECT_NE(std::find(back.begin(), back.end(), rank), back.end());
      }
    }
    EXPECT_TRUE(std::all_of(is_reached.begin(), is_reached.end(), [](bool b) { return b; }))
        << size;
  }
}

TEST(Team, SpreadsToEachRankOnce) {
  for (const int size : {1, 2, 3, 4, 7, 8, 13}) {
    for (int origin = 0; origin < size; ++origin) {
      std::vector<int> times(static_cast<std::size_t>(size));
      std::vector<int> heard{origin};
      while (!heard.empty()) {
        const int rank = heard.back();
        heard.pop_back();
        ++times[static_cast<std::size_t>(rank)];
        for (const int to : bnb::binomial_children(rank, origin, size)) heard.push_back(to);
      }
      EXPECT_EQ(times, std::vector<int>(static_cast<std::size_t>(size), 1));
    }
  }
}

TEST(Team, DealsKeysEvenly) {
  std::vector<int> times(7);
  for (std::uint64_t key = 0; key < 7000; ++key) {
    ++times[static_cast<std::size_t>(bnb::owner_of(key << 40, 7))];
  }
  for (const int n : times) EXPECT_NEAR(n, 1000, 6 * std::sqrt(7000.0 / 7 * 6 / 7));
}

}  // namespace
}  // namespace driftwood

// SPDX-License-Identifier: BSD-3-Clause
// Claims: neither way to detect the end says so before no rank has work and no message is under
// way, and both do soon after; shorter ways would be wrong in the same simulated runs.
#include "bnb/termination.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <optional>
#include <random>
#include <vector>

namespace driftwood {
namespace {

using bnb::FourCounters;
using bnb::RingMember;
using bnb::WorkCount;

/// Ranks that have work for random times and send some to others, by messages that take random
/// times. One event per turn.
class World {
 public:
  World(std::uint64_t seed, std::size_t ranks) : bits_(seed), ranks_(ranks) {
    for (Rank& rank : ranks_) rank.is_active = below(2) == 0;
    fuel_ = below(60);
  }

  struct Rank {
    bool is_active = false;
    std::int64_t sent = 0;
    std::int64_t received = 0;
    RingMember member;
  };

  std::size_t below(std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(bits_);
  }
  std::vector<Rank>& ranks() { return ranks_; }
  [[nodiscard]] bool has_ended() const {
    if (!under_way_.empty()) return false;
    for (const Rank& rank : ranks_) {
      if (rank.is_active) return false;
    }
    return true;
  }

  /// Something happens to work: it is sent, arrives or ends.
  void turn() {
    if (!under_way_.empty() && below(4) == 0) {
      const std::size_t i = below(under_way_.size());
      Rank& to = ranks_[under_way_[i]];
      under_way_.erase(under_way_.begin() + static_cast<std::ptrdiff_t>(i));
      to.is_active = true;
      ++to.received;
      to.member.received();
      return;
    }
    Rank& rank = ranks_[below(ranks_.size())];
    if (!rank.is_active) return;
    if (fuel_ > 0 && below(2) == 0) {
      --fuel_;
      ++rank.sent;
      rank.member.sent();
      under_way_.push_back(below(ranks_.size()));
    } else {
      rank.is_active = false;
    }
  }

 private:
  std::mt19937_64 bits_;
  std::vector<Rank> ranks_;
  std::size_t fuel_ = 0;  ///< messages that may still be sent
  std::vector<std::size_t> under_way_;
};

/// A wave that visits ranks in random order, with turns in between.
WorkCount wave(World& world) {
  std::vector<std::size_t> rest;
  for (std::size_t r = 0; r < world.ranks().size(); ++r) rest.push_back(r);
  WorkCount sum;
  while (!rest.empty()) {
    for (std::size_t n = world.below(6); n > 0; --n) world.turn();
    const std::size_t i = world.below(rest.size());
    const World::Rank& rank = world.ranks()[rest[i]];
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
    sum.sent += rank.sent;
    sum.received += rank.received;
    sum.active += rank.is_active ? 1 : 0;
  }
  return sum;
}

TEST(FourCounters, SayThatAllEndedNeitherEarlyNorLate) {
  int early_by_one_wave = 0;
  for (std::uint64_t seed = 1; seed <= 20000; ++seed) {
    World world(seed, 1 + seed % 5);
    FourCounters counters;
    int waves_after_the_end = 0;
    for (;;) {
      if (world.has_ended()) ++waves_after_the_end;
      const WorkCount sum = wave(world);
      if (sum.active == 0 && sum.sent == sum.received && !world.has_ended()) ++early_by_one_wave;
      const bool says_so = counters.has_ended(sum);
      if (says_so) {
        ASSERT_TRUE(world.has_ended()) << "seed " << seed;
        break;
      }
      ASSERT_LE(waves_after_the_end, 2) << "seed " << seed;
    }
  }
  EXPECT_GT(early_by_one_wave, 0) << "one wave would not do, and the runs can show it";
}

/// A bound that ranks have is one of all if no message was under way: what `was_settled` says.
TEST(FourCounters, KnowWhenNothingWasUnderWay) {
  int settled = 0;
  for (std::uint64_t seed = 1; seed <= 20000; ++seed) {
    World world(seed, 2 + seed % 4);
    FourCounters counters;
    std::optional<bool> had_work_in_the_last;
    for (int n = 0; n < 6; ++n) {
      const WorkCount sum = wave(world);
      const bool ended_by_now = world.has_ended();
      static_cast<void>(counters.has_ended(sum));
      if (counters.was_settled() && had_work_in_the_last) {
        ++settled;
        // Who had no work at the last wave, with nothing under way, has none now.
        if (!*had_work_in_the_last) {
          ASSERT_TRUE(ended_by_now) << "seed " << seed;
        }
      }
      had_work_in_the_last = sum.active > 0;
    }
  }
  EXPECT_GT(settled, 1000);
}

TEST(RingMember, SaysThatAllEndedNeitherEarlyNorLate) {
  int early_without_colours = 0;
  for (std::uint64_t seed = 1; seed <= 20000; ++seed) {
    World world(seed, 2 + seed % 4);
    auto& ranks = world.ranks();
    std::size_t at = 0;
    std::optional<RingMember::Token> token;
    bool has_begun = false;
    std::size_t turns_after_the_end = 0;
    for (;;) {
      for (std::size_t n = world.below(4); n > 0; --n) world.turn();
      if (world.has_ended()) ++turns_after_the_end;
      ASSERT_LE(turns_after_the_end, 3 * ranks.size() + 3) << "seed " << seed;
      if (ranks[at].is_active) continue;
      if (at > 0) {
        token = ranks[at].member.pass(*token);
      } else {
        if (has_begun) {
          if (ranks[0].member.has_ended(*token)) {
            ASSERT_TRUE(world.has_ended()) << "seed " << seed;
            break;
          }
          const std::int64_t excess = token->excess + ranks[0].sent - ranks[0].received;
          if (excess == 0 && !world.has_ended()) ++early_without_colours;
        }
        token = ranks[0].member.begin();
        has_begun = true;
      }
      at = (at + 1) % ranks.size();
    }
  }
  EXPECT_GT(early_without_colours, 0) << "counting would not do, and the runs can show it";
}

}  // namespace
}  // namespace driftwood

// SPDX-License-Identifier: BSD-3-Clause
// Claims: a run knows when its time ends by its own limit or its job's, whichever is first, and
// never notices that the wall clock is set.
#include "run/deadline.hpp"

#include <gtest/gtest.h>

#include <csignal>

#include "run/stop_signals.hpp"
#include "unit/run/hand_clock.hpp"

namespace {
using namespace driftwood::run;
using driftwood::test::HandClock;

TEST(Deadlines, AreNoneWithoutALimit) {
  HandClock hand;

  EXPECT_FALSE(Deadline(hand.clock, std::nullopt, nullptr, 0).at().has_value());
}

TEST(Deadlines, AreTheLimitOfTheDeck) {
  HandClock hand;
  hand.seconds = 5;

  EXPECT_EQ(Deadline(hand.clock, 60.0, nullptr, 1e9).at(), 60);
}

TEST(Deadlines, AreTheEndOfTheJob) {
  HandClock hand;
  hand.seconds = 5;

  const Deadline deadline(hand.clock, std::nullopt, "1000000100", 1e9);

  EXPECT_EQ(deadline.at(), 105);
  EXPECT_EQ(deadline.reason(), "the end of the job's time");
}

TEST(Deadlines, AreWhicheverComesFirst) {
  HandClock hand;

  EXPECT_EQ(Deadline(hand.clock, 60.0, "1000000100", 1e9).at(), 60);
  EXPECT_EQ(Deadline(hand.clock, 600.0, "1000000100", 1e9).at(), 100);
}

TEST(Deadlines, TakeNoNoticeOfWhatIsNoTime) {
  HandClock hand;
  for (const char* text : {"", "soon", "100x", "-5", "0", "nan"}) {
    EXPECT_FALSE(Deadline(hand.clock, std::nullopt, text, 1e9).at().has_value()) << text;
  }
}

/// Jumps of the wall clock during the run: it has been looked at before.
TEST(Deadlines, DoNotMoveWithTheWallClock) {
  HandClock hand;
  const Deadline deadline(hand.clock, std::nullopt, "1000000100", 1e9);

  hand.seconds = 50;

  EXPECT_EQ(deadline.at(), 100);
}

TEST(StopSignals, AreNotedWhileTheyAreCaught) {
  const StopSignals signals;
  EXPECT_EQ(StopSignals::received(), "");

  for (const auto& [signal, name] : {std::pair(SIGUSR1, "SIGUSR1"), std::pair(SIGTERM, "SIGTERM"),
                                     std::pair(SIGINT, "SIGINT")}) {
    std::raise(signal);

    EXPECT_EQ(StopSignals::received(), name);
  }
}

TEST(StopSignals, EndTheProcessBefore) {
  EXPECT_EXIT(std::raise(SIGUSR1), testing::KilledBySignal(SIGUSR1), "");
  EXPECT_EXIT(
      {
        const StopSignals signals;
        std::raise(SIGINT);
        std::raise(SIGINT);
      },
      testing::KilledBySignal(SIGINT), "");
}

}  // namespace

// SPDX-License-Identifier: BSD-3-Clause
#include "run/progress.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <vector>

#include "hand_clock.hpp"
#include "run/terminal.hpp"

namespace {
using namespace driftwood;
using run::Estimate;
using run::Progress;
using run::Terminal;

/// The moments at which work of `total` units, one per second, printed a line.
std::vector<int> moments_of_lines(int total) {
  test::HandClock hand;
  std::ostringstream out;
  Terminal terminal(out, false);
  std::vector<int> moments;
  Progress progress(hand.clock, {.terminal = &terminal, .status = nullptr, .tick = {}}, total,
                    "units");
  std::size_t length = 0;
  for (int second = 1; second <= total; ++second) {
    hand.seconds = second;
    progress.update(second);
    if (out.str().size() > length) moments.push_back(second);
    length = out.str().size();
  }
  return moments;
}

TEST(Progress, PrintsLessAndLessOftenIntoAFile) {
  EXPECT_EQ(moments_of_lines(9), std::vector<int>{});
  EXPECT_EQ(moments_of_lines(100), (std::vector<int>{10, 20, 40, 80}));
  const auto long_run = moments_of_lines(5000);
  EXPECT_EQ(long_run.back() - long_run[long_run.size() - 2], 600);
}

TEST(Progress, SaysShareRestRateAndEstimate) {
  test::HandClock hand;
  std::ostringstream out;
  Terminal terminal(out, false);
  Progress progress(hand.clock, {.terminal = &terminal, .status = nullptr, .tick = {}}, 1'000'000,
                    "paths");

  hand.seconds = 20;
  progress.update(250'000, Estimate{"call", 0.104512, 0.000347});

  EXPECT_EQ(out.str(),
            " 25 %  1 min 00 s left  12.5 k paths/s  call = 0.10451 +/- 0.00035  250 k of 1.00 M "
            "paths\n");
}

TEST(Progress, DoesNotGuessBeforeAnythingIsDone) {
  test::HandClock hand;
  std::ostringstream out;
  Terminal terminal(out, false);
  Progress progress(hand.clock, {.terminal = &terminal, .status = nullptr, .tick = {}}, 10,
                    "paths");

  hand.seconds = 15;
  progress.update(0);

  EXPECT_EQ(out.str(), "  0 %  0 of 10 paths\n");
}

TEST(Progress, IsSilentForTwoSecondsOnATerminal) {
  test::HandClock hand;
  std::ostringstream out;
  {
    Terminal terminal(out, true);
    Progress progress(hand.clock, {.terminal = &terminal, .status = nullptr, .tick = {}}, 100,
                      "paths");
    for (const double moment : {0.0, 0.5, 1.0, 1.99}) {
      hand.seconds = moment;
      progress.update(50);
    }
  }
  EXPECT_EQ(out.str(), "");
}

TEST(Progress, RedrawsOneLineOfATerminalAndTakesItAway) {
  test::HandClock hand;
  std::ostringstream out;
  Terminal terminal(out, true, 40);
  {
    Progress progress(hand.clock, {.terminal = &terminal, .status = nullptr, .tick = {}}, 100,
                      "paths");
    for (int i = 0; i < 1000; ++i) {  // many waves within a second
      hand.seconds = 2 + i * 0.001;
      progress.update(50);
    }
  }
  const std::string text = out.str();

  EXPECT_EQ(text.find('\n'), std::string::npos);
  EXPECT_LE(std::count(text.begin(), text.end(), '\r'), 6);  // five a second, and the last
  EXPECT_GE(std::count(text.begin(), text.end(), '\r'), 4);
  EXPECT_TRUE(text.ends_with("\r\x1b[K"));
}

TEST(Progress, TicksWithEveryUpdate) {
  test::HandClock hand;
  int ticks = 0;
  Progress progress(hand.clock, {.terminal = nullptr, .status = nullptr, .tick = [&] { ++ticks; }},
                    100, "paths");
  progress.update(1);
  progress.update(2);
  EXPECT_EQ(ticks, 2);
}

TEST(Terminal, CutsARedrawnLineBeforeTheLastColumn) {
  std::ostringstream out;
  Terminal terminal(out, true, 10);
  terminal.redraw("0123456789abc");
  EXPECT_EQ(out.str(), "\r012345678\x1b[K");
}

TEST(Terminal, DoesNotCutWithinACharacter) {
  std::ostringstream out;
  Terminal terminal(out, true, 4);
  terminal.redraw("ab\u20ac");
  EXPECT_EQ(out.str(), "\rab\x1b[K");
}

TEST(Terminal, NeverRedrawsAFile) {
  std::ostringstream out;
  Terminal terminal(out, false, 80);
  terminal.redraw("10 %");
  terminal.print("news");
  EXPECT_EQ(out.str(), "news\n");
}
}  // namespace

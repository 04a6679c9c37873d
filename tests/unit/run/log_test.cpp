// SPDX-License-Identifier: BSD-3-Clause
#include "run/log.hpp"

#include <gtest/gtest.h>

#include <regex>
#include <sstream>

#include "run/terminal.hpp"

namespace {
using namespace driftwood::run;

void say_everything(Log& log) {
  log.debug("details");
  log.info("news {}");  // braces are text, not a format
  log.warning("trouble");
  log.error("damage");
}

std::string said(LogLevel level, int rank) {
  std::ostringstream out;
  Terminal terminal(out, false);
  Log log(terminal, "sample", level, rank);
  say_everything(log);
  return out.str();
}

TEST(Log, SaysWhatItsLevelAsksFor) {
  EXPECT_EQ(said(LogLevel::info, 0),
            "sample: news {}\nsample: warning: trouble\nsample: error: damage\n");
  EXPECT_EQ(said(LogLevel::warning, 0), "sample: warning: trouble\nsample: error: damage\n");
  EXPECT_EQ(said(LogLevel::error, 0), "sample: error: damage\n");
}

TEST(Log, LeavesTheWordToRankZero) { EXPECT_EQ(said(LogLevel::info, 1), ""); }

TEST(Log, NamesRankAndTimeWhenDebugging) {
  const std::regex first_line(R"(\d\d:\d\d:\d\d\.\d{3} sample\[3\]: details\n[^]*)");
  EXPECT_TRUE(std::regex_match(said(LogLevel::debug, 3), first_line)) << said(LogLevel::debug, 3);
}

TEST(Log, DoesNotRunIntoAProgressLine) {
  std::ostringstream out;
  Terminal terminal(out, true);
  Log log(terminal, "sample", LogLevel::info, 0);

  terminal.redraw("10 %");
  log.info("news");

  EXPECT_EQ(out.str(), "\r10 %\x1b[K\r\x1b[Ksample: news\n");
}
}  // namespace

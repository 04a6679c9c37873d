// SPDX-License-Identifier: BSD-3-Clause
#include "run/status.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "hand_clock.hpp"
#include "scratch_folder.hpp"

namespace {
using namespace driftwood;
using run::State;
using run::Status;

const run::Advance half{.done = 50, .total = 100, .unit = "paths", .rate = 12.5, .remaining = 4.0};

class StatusFile : public ::testing::Test {
 protected:
  [[nodiscard]] Status status(int rank = 0) {
    return {path, {"sample", "out \"1\".h5", rank, 4}, hand.clock};
  }
  /// Python's view of the file: `expression` of the parsed object `s`.
  [[nodiscard]] bool holds(const std::string& expression) const {
    const std::string script =
        folder.file("look.py", "import json, sys\ns = json.load(open('" + path +
                                   "'))\nsys.exit(not (" + expression + "))\n");
    return std::system((std::string(DRIFTWOOD_PYTHON) + " " + script).c_str()) == 0;
  }
  [[nodiscard]] bool exists() const { return std::filesystem::exists(path); }

  test::ScratchFolder folder;
  std::string path = folder / "status.json";
  test::HandClock hand;
};

TEST_F(StatusFile, SaysEverythingInValidJson) {
  auto file = status();
  hand.seconds = 4;
  file.update(half);

  EXPECT_TRUE(holds("s['program'] == 'sample' and s['state'] == 'running'"));
  EXPECT_TRUE(holds("(s['progress'], s['done'], s['total']) == (0.5, 50, 100)"));
  EXPECT_TRUE(holds("(s['unit'], s['rate'], s['eta_seconds']) == ('paths', 12.5, 4)"));
  EXPECT_TRUE(holds("s['elapsed_seconds'] == 4 and s['ranks'] == 4"));
  EXPECT_TRUE(holds("s['pid'] == " + std::to_string(getpid()) + " and s['host'] != ''"));
  EXPECT_TRUE(holds("s['output'] == 'out \"1\".h5' and s['message'] == ''"));
  EXPECT_TRUE(holds("len(s['started']) == 20 and s['started'][10] + s['updated'][19] == 'TZ'"));
  EXPECT_FALSE(holds("s['state'] == 'done'"));  // the look itself can fail
}

TEST_F(StatusFile, HasNoRestWhileTheRateIsUnknown) {
  auto file = status();
  hand.seconds = 4;
  file.update({.done = 0, .total = 100, .unit = "paths", .rate = 0, .remaining = {}});
  EXPECT_TRUE(holds("s['eta_seconds'] is None and s['progress'] == 0"));
}

TEST_F(StatusFile, EscapesTheMessage) {
  auto file = status();
  hand.seconds = 4;
  file.update(half);
  file.finish(State::failed, "line 1\n\"quoted\" \\ \x01 and \xff");
  EXPECT_TRUE(holds(R"(s['message'] == 'line 1\n"quoted" \\ \x01 and \ufffd')"));
  EXPECT_TRUE(holds("s['state'] == 'failed'"));
}

TEST_F(StatusFile, IsNotWrittenByShortRuns) {
  auto file = status();
  hand.seconds = 1.9;
  file.update(half);
  file.finish(State::done, {});
  EXPECT_FALSE(exists());
}

TEST_F(StatusFile, OfAnEarlierRunIsCorrectedByAShortOne) {
  const std::string old = folder.file("status.json", R"({"state": "failed"})");
  ASSERT_EQ(old, path);
  auto file = status();
  file.update(half);
  file.finish(State::done, {});
  EXPECT_TRUE(holds("s['state'] == 'done'"));
}

TEST_F(StatusFile, OfAnotherJobIsLeftAlone) {
  folder.file("status.json", R"({"state": "running"})");
  auto file = status();
  hand.seconds = 10;
  file.finish(State::failed, "the output is locked");  // before any work
  EXPECT_TRUE(holds("s == {'state': 'running'}"));
}

TEST_F(StatusFile, IsReplacedEveryFiveSecondsAtMost) {
  auto file = status();
  hand.seconds = 2;
  file.update(half);
  std::filesystem::remove(path);

  hand.seconds = 6.9;
  file.update(half);
  EXPECT_FALSE(exists());

  hand.seconds = 7;
  file.update(half);
  EXPECT_TRUE(exists());
}

TEST_F(StatusFile, IsWrittenByRankZeroAlone) {
  auto file = status(1);
  hand.seconds = 4;
  file.update(half);
  EXPECT_FALSE(exists());
}

TEST_F(StatusFile, LeavesNothingElseBehind) {
  auto file = status();
  hand.seconds = 4;
  file.update(half);
  file.finish(State::stopped, {});

  EXPECT_TRUE(holds("s['state'] == 'stopped'"));  // leaves look.py
  const std::filesystem::directory_iterator files(folder / "");
  EXPECT_EQ(std::distance(begin(files), end(files)), 2);
}

TEST_F(StatusFile, ThatCannotBeWrittenDoesNotEndTheRun) {
  Status file(folder / "missing/status.json", {"sample", "out.h5", 0, 1}, hand.clock);
  hand.seconds = 4;
  EXPECT_NO_THROW(file.update(half));
  EXPECT_NO_THROW(file.finish(State::done, {}));
}
}  // namespace

// SPDX-License-Identifier: BSD-3-Clause
#include "run/options.hpp"

#include <gtest/gtest.h>

#include "deck/schema.hpp"
#include "scratch_folder.hpp"

namespace {
using namespace driftwood;
using run::Options;

struct Deck {
  Options run;
  void describe(deck::Schema& s) { s.table("run", run, "the run"); }
};

std::string load_error(const std::string& content) {
  Deck deck;
  try {
    (void)deck::load(deck, {"a.toml", content});
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Options, HaveDefaults) {
  Deck deck;
  (void)deck::load(deck, {"a.toml", "[run]\n"});
  EXPECT_FALSE(deck.run.output.has_value());
  EXPECT_TRUE(deck.run.overwrite);
  EXPECT_EQ(deck.run.allow_nonfinite, 0);
  EXPECT_EQ(deck.run.checkpoint.every.seconds, 600);
  EXPECT_EQ(deck.run.checkpoint.keep, 2);
  EXPECT_EQ(deck.run.resume(), run::Resume::never);
  EXPECT_FALSE(deck.run.time_limit_seconds().has_value());
}

TEST(Options, ReadCheckpoints) {
  Deck deck;
  (void)deck::load(deck, {"a.toml",
                          "[run]\nresume = \"auto\"\ntime_limit = \"2 h\"\n"
                          "checkpoint = { every = \"90 s\", keep = 1 }\n"});
  EXPECT_EQ(deck.run.checkpoint.every.seconds, 90);
  EXPECT_EQ(deck.run.checkpoint.keep, 1);
  EXPECT_EQ(deck.run.resume(), run::Resume::automatic);
  EXPECT_EQ(deck.run.time_limit_seconds(), 7200);
}

TEST(Options, RefuseWhatIsWrong) {
  EXPECT_TRUE(load_error("[run]\nallow_nonfinite = 1.5\n").starts_with("a.toml:2:"));
  EXPECT_TRUE(load_error("[run]\noutput = \"\"\n").starts_with("a.toml:2:"));
  const std::string keep = load_error("[run]\ncheckpoint = { keep = 3 }\n");
  EXPECT_TRUE(keep.starts_with("a.toml:2:23: error: ")) << keep;
  EXPECT_TRUE(load_error("[run]\nresume = true\n").starts_with("a.toml:2:"));
}

TEST(OutputPath, PrefersTheCommandLineThenTheDeckThenItsName) {
  const Options with{.output = "deck.h5"};
  EXPECT_EQ(run::output_path(with, "in/a.toml", "line.h5"), "line.h5");
  EXPECT_EQ(run::output_path(with, "in/a.toml", {}), "deck.h5");
  EXPECT_EQ(run::output_path({}, "in/heston.v2.toml", {}), "heston.v2.h5");
}

/// The error of `check_output` for a deck that names `output`, at line 2.
std::string output_error(const test::ScratchFolder& folder, const std::string& output,
                         bool overwrite, const std::optional<std::string>& from_command_line) {
  const std::string file = folder.file("a.toml", "[run]\noutput = \"" + output + "\"\n");
  Deck deck;
  const auto source = deck::load(deck, deck::read_file(file));
  deck.run.output = run::output_path(deck.run, file, from_command_line);
  deck.run.overwrite = overwrite;
  try {
    run::check_output(deck.run, source, from_command_line);
  } catch (const UsageError& error) {
    std::string text = error.what();
    if (text.starts_with(file)) text.replace(0, file.size(), "DECK");
    return text.substr(0, text.find(": error: "));
  }
  return "fine";
}

TEST(CheckOutput, AcceptsWhatCanBeWritten) {
  const test::ScratchFolder folder;
  folder.file("old.h5", "old");
  EXPECT_EQ(output_error(folder, folder / "new.h5", true, {}), "fine");
  EXPECT_EQ(output_error(folder, folder / "new.h5", false, {}), "fine");
  EXPECT_EQ(output_error(folder, folder / "old.h5", true, {}), "fine");
}

TEST(CheckOutput, RefusesAtThePlaceThatNamesTheOutput) {
  const test::ScratchFolder folder;
  folder.file("old.h5", "old");
  EXPECT_EQ(output_error(folder, folder / "old.h5", false, {}), "DECK:2:10");
  EXPECT_EQ(output_error(folder, folder / "missing/new.h5", true, {}), "DECK:2:10");
  EXPECT_EQ(output_error(folder, folder / "", true, {}), "DECK:2:10");
  EXPECT_EQ(output_error(folder, folder / "a.toml", true, {}), "DECK:2:10");
  const std::string named = folder / "missing/new.h5";
  EXPECT_EQ(output_error(folder, "fine.h5", true, named), "--output " + named);
}
}  // namespace

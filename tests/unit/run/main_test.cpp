// SPDX-License-Identifier: BSD-3-Clause
// What `run::main` does without starting any library. Runs proper are in tests/mpi/run.
#include "run/main.hpp"

#include <gtest/gtest.h>
#include <mpi.h>

#include <Kokkos_Core.hpp>
#include <cstdlib>
#include <stdexcept>

#include "scratch_folder.hpp"

namespace {
using namespace driftwood;

struct Sample {
  double low = 0;
  double high = 1;

  void describe(deck::Schema& s) {
    s.key("low", low, deck::finite, "lower end");
    s.key("high", high, deck::finite, "upper end");
  }
};

struct Deck {
  run::Options run;
  Sample sample;

  void describe(deck::Schema& s) {
    s.table("run", run, "the run");
    s.table("sample", sample, "an interval");
  }
  void validate(const deck::Source& source) const {
    if (sample.low < sample.high) return;
    throw source.error("sample.high", "the interval is empty", "high <= low", "exchange them");
  }
};

run::Outcome never(run::Context&, Deck&, const deck::Source&) {
  throw std::logic_error("the study was started");
}

std::string listing() { return "uniform\nnormal\n"; }

struct Said {
  int code = -1;
  std::string out;
  std::string err;
};

Said call(std::vector<std::string> words) {
  words.insert(words.begin(), "sample");
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  const run::Program about{.name = "sample",
                           .summary = "samples",
                           .description = "It samples.",
                           .examples = {},
                           .list = listing};
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  Said said;
  said.code = run::main<Deck>(static_cast<int>(arguments.size()), arguments.data(), about, never);
  said.out = ::testing::internal::GetCapturedStdout();
  said.err = ::testing::internal::GetCapturedStderr();
  return said;
}

class Look : public ::testing::Test {
 protected:
  void TearDown() override {
    int started = 1;
    MPI_Initialized(&started);
    EXPECT_EQ(started, 0);
    EXPECT_FALSE(Kokkos::is_initialized());
  }
  test::ScratchFolder folder;
  std::string good = folder.file("good.toml", "[sample]\nlow = -1\n");
  std::string bad = folder.file("bad.toml", "[sample]\nlow = 1\nhigh = 0\n");
};

TEST_F(Look, CheckAcceptsAGoodDeck) {
  const auto said = call({"--check", good, "--output", folder / "x.h5"});
  EXPECT_EQ(said.code, 0);
  EXPECT_EQ(said.out, good + ": ok (writes " + (folder / "x.h5") + ")\n");
  EXPECT_EQ(said.err, "");
}

TEST_F(Look, CheckPointsAtARuleAcrossKeys) {
  const auto said = call({"--check", bad});
  EXPECT_EQ(said.code, 2);
  EXPECT_EQ(said.out, "");
  EXPECT_EQ(said.err, bad + ":3:8: error: the interval is empty (high <= low); exchange them\n");
}

TEST_F(Look, ErrorsInOverridesSayWhoBrokeIt) {
  const auto said = call({"--check", good, "--set", "sample.high=-2"});
  EXPECT_EQ(said.code, 2);
  EXPECT_TRUE(said.err.starts_with("--set sample.high=-2: error: ")) << said.err;
}

TEST_F(Look, AnOverrideIsBlamedForWhatItBreaksElsewhere) {
  const auto deck = folder.file("high.toml", "[sample]\nhigh = 2\n");
  const auto said = call({"--check", deck, "--set", "run.overwrite=true", "--set", "sample.low=3"});
  EXPECT_EQ(said.code, 2);
  EXPECT_EQ(said.err,
            "--set sample.low=3: error: the interval is empty (high <= low); exchange them; see " +
                deck + ":2:8\n");
}

TEST_F(Look, AnOverrideIsNotBlamedForWhatWasWrongBefore) {
  const auto said = call({"--check", bad, "--set", "run.overwrite=true"});
  EXPECT_TRUE(said.err.starts_with(bad + ":3:8: error: the interval is empty")) << said.err;
}

TEST_F(Look, AMissingDeckHasNoPosition) {
  const auto said = call({"--check", folder / "none.toml"});
  EXPECT_EQ(said.code, 2);
  EXPECT_TRUE(said.err.starts_with((folder / "none.toml") + ": error: ")) << said.err;
}

TEST_F(Look, AnErrorOfTheCommandLineNamesTheProgram) {
  const auto said = call({good, "--chekc"});
  EXPECT_EQ(said.code, 2);
  EXPECT_EQ(
      said.err,
      "sample: error: unknown option '--chekc'; did you mean '--check'?; see 'sample --help'\n");
}

TEST_F(Look, EffectiveDeckLoadsAgain) {
  const auto said = call({"--effective", good, "--set", "sample.high=3"});
  ASSERT_EQ(said.code, 0);
  EXPECT_NE(said.out.find("output = \"good.h5\""), std::string::npos) << said.out;

  const auto again = call({"--effective", folder.file("again.toml", said.out)});
  EXPECT_EQ(again.out, said.out);
}

TEST_F(Look, TextsComeWithoutADeck) {
  EXPECT_EQ(call({"--list"}).out, "uniform\nnormal\n");
  EXPECT_TRUE(call({"--version"}).out.starts_with("sample (Driftwood) "));
  EXPECT_TRUE(call({"--help"}).out.starts_with("sample: samples\n"));
  EXPECT_NE(call({"--help-deck"}).out.find("upper end"), std::string::npos);
  EXPECT_TRUE(call({"--reference"}).out.starts_with("# sample"));
}

TEST_F(Look, ADriverWithoutAPlanRefusesToPlan) {
  const auto said = call({"--plan", good});
  EXPECT_EQ(said.code, 2);
  EXPECT_EQ(said.out, "");
  EXPECT_EQ(said.err, "sample: error: sample cannot plan; leave --plan out\n");
}

TEST_F(Look, OnlyRankZeroOfALaunchSpeaks) {
  ASSERT_EQ(setenv("OMPI_COMM_WORLD_RANK", "1", 1), 0);
  const auto silent = call({"--check", bad});
  ASSERT_EQ(unsetenv("OMPI_COMM_WORLD_RANK"), 0);
  EXPECT_EQ(silent.out + silent.err, "");
  EXPECT_EQ(silent.code, 0);  // the launch as a whole fails with rank 0
}
}  // namespace

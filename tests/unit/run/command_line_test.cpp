// SPDX-License-Identifier: BSD-3-Clause
#include "run/command_line.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace {
using namespace driftwood;
using run::Action;
using run::CommandLine;
using run::LogLevel;
using Words = std::vector<std::string>;

run::Program sample() {
  return {.name = "sample",
          .summary = "a sample",
          .description = "It samples.",
          .examples = {{"sample a.toml", "does it"}}};
}

CommandLine parse(const Words& words) { return run::parse_command_line(sample(), words); }

std::string error_of(const Words& words) {
  try {
    (void)parse(words);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

TEST(CommandLine, TakesADeckAlone) {
  const auto line = parse({"a.toml"});

  EXPECT_EQ(line.action, Action::run);
  EXPECT_EQ(line.deck, "a.toml");
  EXPECT_TRUE(line.overrides.empty());
  EXPECT_FALSE(line.output.has_value());
  EXPECT_FALSE(line.quiet);
  EXPECT_EQ(line.log_level, LogLevel::info);
}

TEST(CommandLine, TakesEveryOptionInAnyOrder) {
  const auto line = parse({"--set", "time.end=2", "--output", "b.h5", "--log-level", "debug",
                           "a.toml", "--set=observe.times=[1, 2]", "--", "--kokkos-threads=2"});

  EXPECT_EQ(line.deck, "a.toml");
  EXPECT_EQ(line.overrides, (Words{"time.end=2", "observe.times=[1, 2]"}));
  EXPECT_EQ(line.output, "b.h5");
  EXPECT_EQ(line.log_level, LogLevel::debug);
  EXPECT_EQ(line.kokkos, Words{"--kokkos-threads=2"});
}

TEST(CommandLine, KeepsValuesOfSetAsTheyAre) {
  const Words values{"a.b=[1, 2, 3]", "a.c={ x = 1 }", "a.d=\"--check\"", "a.e=-1", "a.f=x=y", ""};
  for (const auto& value : values) {
    EXPECT_EQ(parse({"a.toml", "--set", value}).overrides, Words{value});
  }
}

TEST(CommandLine, DoesNotTakeTheDeckForAValueOfSet) {
  const auto line = parse({"--set", "a.b=1", "a.toml"});
  EXPECT_EQ(line.overrides, Words{"a.b=1"});
  EXPECT_EQ(line.deck, "a.toml");
}

TEST(CommandLine, KnowsEveryAction) {
  EXPECT_EQ(parse({"--check", "a.toml"}).action, Action::check);
  EXPECT_EQ(parse({"a.toml", "--effective"}).action, Action::effective);
  EXPECT_EQ(parse({"--help"}).action, Action::help);
  EXPECT_EQ(parse({"-h"}).action, Action::help);
  EXPECT_EQ(parse({"--help-deck"}).action, Action::help_deck);
  EXPECT_EQ(parse({"--list"}).action, Action::list);
  EXPECT_EQ(parse({"--reference"}).action, Action::reference);
  EXPECT_EQ(parse({"--version"}).action, Action::version);
}

TEST(CommandLine, QuietLeavesErrorsOnly) {
  EXPECT_EQ(parse({"a.toml", "--quiet", "--log-level", "debug"}).log_level, LogLevel::error);
}

TEST(CommandLine, RemembersItselfAsAShellWouldTakeIt) {
  EXPECT_EQ(parse({"a b.toml", "--set", "a.b=it's", "--quiet"}).text,
            R"(sample 'a b.toml' --set 'a.b=it'\''s' --quiet)");
}

TEST(CommandLine, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(error_of({"a.toml", "--outptu", "x"}),
            "unknown option '--outptu'; did you mean '--output'?");
  EXPECT_EQ(error_of({"a.toml", "-o", "x"}), "unknown option '-o'; did you mean '--output'?");
  EXPECT_EQ(error_of({"a.toml", "--paths", "5"}),
            "unknown option '--paths'; keys of the deck are set by --set table.key=VALUE");
  EXPECT_EQ(error_of({"a.toml", "b.toml"}), "unexpected argument 'b.toml' (the deck is 'a.toml')");
  EXPECT_EQ(error_of({"a.toml", "--log-level", "loud"}),
            "unknown log level 'loud' (--log-level); use debug, info, warning or error");
  EXPECT_EQ(error_of({"a.toml", "--", "--check"}),
            "unexpected '--check' after '--' (only options of Kokkos belong there, and they begin "
            "with --kokkos-)");
}

TEST(CommandLine, GivesPetscItsOptionsWhereTheProgramTakesThem) {
  run::Program about;
  const Words words{"a.toml", "--", "-ksp_max_it", "50", "--kokkos-threads=2", "-log_view"};
  EXPECT_THROW(static_cast<void>(run::parse_command_line(about, words)), UsageError);

  about.takes_petsc = true;
  const auto line = run::parse_command_line(about, words);

  EXPECT_EQ(line.petsc, (Words{"-ksp_max_it", "50", "-log_view"}));
  EXPECT_EQ(line.kokkos, Words{"--kokkos-threads=2"});
  EXPECT_THROW(static_cast<void>(run::parse_command_line(about, Words{"a.toml", "--", "50"})),
               UsageError);
}

TEST(CommandLine, SaysHowBlanksInOverridesAreQuoted) {
  const std::string hint =
      "(the deck is 'a.toml'); leave no blanks around = in a --set, and quote a value that holds "
      "some: --set 'table.key=[1, 2]'";
  EXPECT_EQ(error_of({"a.toml", "--set", "a.times=[0.5,", "1.0]"}),
            "unexpected argument '1.0]' " + hint);
  EXPECT_EQ(error_of({"a.toml", "--set", "a.paths", "=", "5"}), "unexpected argument '=' " + hint);
}

TEST(CommandLine, RefusesWhatIsIncomplete) {
  EXPECT_EQ(error_of({}), "no deck given");
  EXPECT_EQ(error_of({"--check"}), "no deck given");
  EXPECT_EQ(error_of({"a.toml", "--output", ""}), "--output needs a file name");
  EXPECT_NE(error_of({"a.toml", "--set"}).find("--set"), std::string::npos);
  EXPECT_NE(error_of({"a.toml", "--output"}).find("--output"), std::string::npos);
}

TEST(CommandLine, RefusesTwoAnswersToOneQuestion) {
  EXPECT_EQ(error_of({"a.toml", "--check", "--effective"}),
            "--check and --effective cannot be combined");
  EXPECT_NE(error_of({"a.toml", "--output", "a", "--output", "b"}).find("--output"),
            std::string::npos);
}

TEST(CommandLine, PlansForAnyNumberOfRanks) {
  const std::vector<std::string> few = {"a.toml", "--plan"};
  EXPECT_EQ(run::parse_command_line(sample(), few).action, run::Action::plan);
  EXPECT_EQ(run::parse_command_line(sample(), few).ranks, 1);
  const std::vector<std::string> many = {"--plan", "--ranks", "16777216", "a.toml"};
  EXPECT_EQ(run::parse_command_line(sample(), many).ranks, 16777216);
}

TEST(CommandLine, RefusesRanksThatThereCannotBe) {
  EXPECT_EQ(
      error_of({"a.toml", "--ranks", "4"}),
      "--ranks belongs to --plan (a run has as many ranks as it is started with); use 'mpirun "
      "-n 4 ...', or add --plan");
  for (const auto* ranks : {"0", "-1", "16777217", "4.0", "many", "99999999999999999999"}) {
    EXPECT_EQ(error_of({"a.toml", "--plan", "--ranks", ranks}),
              "cannot plan for '" + std::string(ranks) +
                  "' ranks (--ranks); give a whole number from 1 to 16777216");
  }
  EXPECT_EQ(error_of({"--plan"}), "no deck given");
}

TEST(HelpPage, NamesEveryOptionAndExitCode) {
  const std::string page = run::help_page(sample());

  for (const auto* word : {"sample: a sample",
                           "It samples.",
                           "--set TABLE.KEY=VALUE",
                           "--output FILE",
                           "--resume",
                           "--check",
                           "--effective",
                           "--help",
                           "--help-deck",
                           "--list",
                           "--plan",
                           "--ranks P",
                           "--version",
                           "--quiet",
                           "--log-level LEVEL",
                           "--reference",
                           "  0   done",
                           "  75  stopped",
                           "sample a.toml\n      does it",
                           "inputs/sample/"}) {
    EXPECT_NE(page.find(word), std::string::npos) << word << "\n" << page;
  }
}

TEST(HelpPage, FitsATerminal) {
  std::size_t start = 0;
  const std::string page = run::help_page(sample());
  while (start < page.size()) {
    const std::size_t end = page.find('\n', start);
    EXPECT_LE(end - start, 100U) << page.substr(start, end - start);
    start = end + 1;
  }
}
}  // namespace

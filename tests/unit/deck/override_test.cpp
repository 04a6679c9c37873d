// SPDX-License-Identifier: BSD-3-Clause
/// Keys set on the command line.
#include <gtest/gtest.h>

#include "unit/deck/expect_error.hpp"
#include "unit/deck/sample_deck.hpp"

namespace {
using namespace driftwood;
using test::Case;

const Case override_errors[] = {
    Case{"OutOfRange", "time.end=-1",
         "--set time.end=-1: error: 'time.end' must be > 0 (found -1); choose a larger value"},
    Case{"WrongType", "time.end=abc",
         "--set time.end=abc: error: 'time.end' must be a number (found \"abc\"); write for "
         "example --set time.end=1.0"},
    Case{"UnknownKey", "time.edn=3",
         "--set time.edn=3: error: unknown key 'time.edn' ([time] has: scheme, end, steps, dt); "
         "did you mean 'end'?"},
    Case{"UnknownTable", "tim.end=3",
         "--set tim.end=3: error: unknown table 'tim' (the deck has: run, model, time, ensemble, "
         "observe, format); did you mean 'time'?"},
    Case{"OpenList", "time.end=[1,",
         "--set time.end=[1,: error: the text ends in the middle of a value (a quote, bracket or "
         "brace is still open, or a value is missing); close it"},
    Case{"OpenString", "run.output=\"x",
         "--set run.output=\"x: error: the text ends in the middle of a value (a quote, bracket "
         "or brace is still open, or a value is missing); close it"},
    Case{"NoEqualsSign", "time.end",
         "--set time.end: error: there is no = in it; write --set table.key=VALUE"},
    Case{"EmptyName", "time..end=3",
         "--set time..end=3: error: 'time..end' is not the name of a key (names of tables and a "
         "key, joined by dots); write --set table.key=VALUE"},
    Case{"NoName", "=3",
         "--set =3: error: '' is not the name of a key (names of tables and a key, joined by "
         "dots); write --set table.key=VALUE"},
    Case{"NoValue", "time.end= ",
         "--set time.end= : error: there is no value after =; write \"\" for an empty string"},
    Case{"ThroughAValue", "time.end.x=3",
         "--set time.end.x=3: error: 'x' cannot be set here (the name before it is not a table); "
         "check the path, or set the whole value"},
    Case{"Entry", "observe.times[0]=3",
         "--set observe.times[0]=3: error: 'observe.times[0]' is not the name of a key (names of "
         "tables and a key, joined by dots); write --set table.key=VALUE"},
    Case{"TableForText", "run.output={a=1}",
         "--set run.output={a=1}: error: 'run.output' must be a string (found a table); write "
         "for example --set 'run.output=\"...\"'"},
    Case{"NotIncreasing", "observe.times=[3,2]",
         "--set observe.times=[3,2]: error: 'observe.times' must be increasing (2 follows 3); "
         "sort the list and remove repeats"},
    Case{"TextForAList", "observe.times=0.5 1.0",
         "--set observe.times=0.5 1.0: error: 'observe.times' must be a list (found \"0.5 1.0\"); "
         "write for example --set 'observe.times=[1.0]'"},
    Case{"NumberForATable", "ensemble.stop=3",
         "--set ensemble.stop=3: error: 'ensemble.stop' must be a table (found 3); write --set "
         "ensemble.stop.standard_error=1.0"},
    Case{"NestedTableAtTheTop", "payoffs.a.strike=3",
         "--set payoffs.a.strike=3: error: unknown table 'payoffs' (the deck has: run, model, "
         "time, ensemble, observe, format); did you mean 'observe.payoffs'?"},
    Case{"Format", "format=2",
         "--set format=2: error: the deck has format 2 (this version reads format 1); write "
         "format = 1, and compare the keys with --help-deck"},
    Case{"Emptied", "time={}",
         "--set time={}: error: 'time.end' is missing (end of the simulated interval [time]); "
         "add end = 1.0 in [time]"},
    Case{"Tag", "model.name=pric",
         "--set model.name=pric: error: 'model.name' cannot be \"pric\" (one of \"decay\", "
         "\"price\"); did you mean \"price\"?"},
    Case{"Smuggled", "run.output=\"x\"\nb=3",
         "--set run.output=\"x\"\\nb=3: error: entries of a list need a comma between them "
         "(found 'b'); add a comma, or close the list with ]"},
    Case{"TwoLines", "run.output=x\ny",
         "--set run.output=x\\ny: error: this value is not valid TOML (numbers look like 1, 2.5 "
         "or 1e-3, strings need quotes); put text in quotes"},
    Case{"Comment", "ensemble.seed=3 # c",
         "--set ensemble.seed=3 # c: error: 'ensemble.seed' must be a whole number of at most 64 "
         "bits (found \"3 # c\"); write for example --set ensemble.seed=1"},
    Case{"TooManyDigits", "time.steps=2000000000000000000000",
         "--set time.steps=2000000000000000000000: error: this whole number is too large (TOML "
         "holds whole numbers up to 2^63 - 1); write a smaller one, or a seed as a string, "
         "\"0x...\""},
    Case{"Reserved", "run.resume=true",
         "--set run.resume=true: error: 'run.resume' cannot be used (restarts are not part of "
         "this version); remove it"},
};

class OverrideError : public ::testing::TestWithParam<Case> {};

TEST_P(OverrideError, SaysSetInsteadOfAPosition) {
  EXPECT_EQ(test::error_of(test::minimal_text, {GetParam().deck}), GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(Deck, OverrideError, ::testing::ValuesIn(override_errors),
                         test::case_name);

test::SampleDeck loaded(const std::vector<std::string>& overrides) {
  test::SampleDeck deck;
  const auto source = deck::load(deck, {"d.toml", std::string(test::minimal_text)}, overrides);
  EXPECT_EQ(source.text(), test::minimal_text);
  return deck;
}

TEST(Override, ReplacesWhatTheFileSays) { EXPECT_EQ(loaded({"time.end=3"}).time.end, 3); }

TEST(Override, IsCheckedInPlaceOfWhatTheFileSays) {
  test::SampleDeck deck;

  const auto source = deck::load(deck, {"d.toml", "model.name = 1\ntime.end = -1\n"},
                                 {"time.end=1", "model.name=decay"});

  EXPECT_TRUE(source.gives("time.end"));
  EXPECT_EQ(deck.time.end, 1);
}

TEST(Override, CreatesTablesWhereAbsent) {
  const auto deck = loaded({"ensemble.stop.standard_error=0.5"});

  ASSERT_TRUE(deck.ensemble.stop.has_value());
  EXPECT_EQ(deck.ensemble.stop->standard_error, 0.5);
}

TEST(Override, TakesThePlaceOfARivalInTheFile) {
  const auto deck = loaded({"time.dt=0.5"});

  EXPECT_EQ(deck.time.dt, 0.5);
  EXPECT_FALSE(deck.time.steps.has_value());
}

TEST(Override, LeavesBothRivalsOfOnePlace) {
  const auto deck = loaded({"time.dt=0.5", "time.steps=4"});

  EXPECT_EQ(deck.time.dt, 0.5);
  EXPECT_EQ(deck.time.steps, 4);
}

TEST(Override, CreatesNamedTables) {
  EXPECT_EQ(loaded({"observe.payoffs.a.strike=2"}).observe.payoffs.at("a").strike, 2);
}

TEST(Override, TheLastOneWins) { EXPECT_EQ(loaded({"time.end=3", "time.end=4"}).time.end, 4); }

TEST(Override, TakesAnyTomlValue) {
  EXPECT_EQ(loaded({"observe.times=[1, 2.5]"}).observe.times, (std::vector<double>{1, 2.5}));
  EXPECT_EQ(loaded({"ensemble={paths=3}"}).ensemble.paths, 3);
  EXPECT_EQ(loaded({"run.output=\"a b\""}).run.output, "a b");
}

TEST(Override, TakesABareWordAsAString) {
  EXPECT_EQ(loaded({"run.output=out/run-3.h5"}).run.output, "out/run-3.h5");
  EXPECT_EQ(loaded({"run.every=2 min"}).run.every, (deck::Duration{120}));
  EXPECT_EQ(loaded({"run.output=1, 2"}).run.output, "1, 2");
  EXPECT_EQ(loaded({"run.output=a=b"}).run.output, "a=b");
  EXPECT_EQ(loaded({"run.output= padded"}).run.output, "padded");
}

TEST(Override, MissingKeysAreReportedInTheFile) {
  const std::string deck = "[model]\nname = \"decay\"\n";

  EXPECT_EQ(test::error_of(deck, {"time.steps=3"}),
            "d.toml:1:1: error: 'time.end' is missing (end of the simulated interval [time]); add "
            "end = 1.0 in [time]");
}

TEST(Override, ThatIsNotUtf8IsRefused) {
  const std::string error = test::error_of(test::minimal_text, {"run.output=\xff"});

  EXPECT_NE(error.find("error: this is not UTF-8 text"), std::string::npos) << error;
}

}  // namespace

// SPDX-License-Identifier: BSD-3-Clause
/// Keys and values that a deck may not have: every message, literally.
#include <gtest/gtest.h>

#include "unit/deck/expect_error.hpp"
#include "unit/deck/sample_deck.hpp"

namespace {
using namespace driftwood;
using test::Case;

/// Added to the end of `test::minimal_text`, that is to [time], from line 5 on.
const Case key_errors[] = {
    Case{"UnknownKey", "ste = 3",
         "d.toml:5:1: error: unknown key 'time.ste' ([time] has: scheme, end, steps, dt); see "
         "--help-deck"},
    Case{"UnknownKeyNearAKnownOne", "stpes = 3",
         "d.toml:5:1: error: unknown key 'time.stpes' ([time] has: scheme, end, steps, dt); did "
         "you mean 'steps'?"},
    Case{"UnknownKeyIgnoresCase", "Steps = 3",
         "d.toml:5:1: error: unknown key 'time.Steps' ([time] has: scheme, end, steps, dt); did "
         "you mean 'steps'?"},
    Case{"UnknownTable", "[tmie]",
         "d.toml:5:2: error: unknown table 'tmie' (the deck has: run, model, time, ensemble, "
         "observe, format); did you mean 'time'?"},
    Case{"KeyOfAnotherTable", "paths = 3",
         "d.toml:5:1: error: unknown key 'time.paths' ([time] has: scheme, end, steps, dt); it "
         "belongs in [ensemble]"},
    Case{"KeyOfAnAlternative", "volatility = 1",
         "d.toml:5:1: error: unknown key 'time.volatility' ([time] has: scheme, end, steps, dt); "
         "it belongs in [model] with name = \"price\""},
    Case{"UnknownKeyInNamedTable", "[observe.payoffs.call]\nstrik = 3",
         "d.toml:6:1: error: unknown key 'observe.payoffs.call.strik' ([observe.payoffs.call] "
         "has: kind, strike); did you mean 'strike'?"},
    Case{"UnknownKeyWithALineBreak", "\"a\\nb\" = 3",
         "d.toml:5:1: error: unknown key 'time.a\\nb' ([time] has: scheme, end, steps, dt); see "
         "--help-deck"},
    Case{"FirstProblemInFileOrder", "stpes = 5\ndt = -1",
         "d.toml:5:1: error: unknown key 'time.stpes' ([time] has: scheme, end, steps, dt); did "
         "you mean 'steps'?"},
    Case{"Reserved", "[run]\nresume = true",
         "d.toml:6:1: error: 'run.resume' cannot be used (restarts are not part of this "
         "version); remove it"},
    Case{"ReservedTable", "[run.resume]\nfrom = 1",
         "d.toml:5:6: error: 'run.resume' cannot be used (restarts are not part of this "
         "version); remove it"},
    Case{"WholeNumberFromFraction", "steps = 2.5",
         "d.toml:5:9: error: 'time.steps' must be a whole number (found 2.5); write 2 or 3"},
    Case{"WholeNumberFromFloat", "steps = 1e6",
         "d.toml:5:9: error: 'time.steps' must be a whole number (found 1000000.0); write 1000000"},
    Case{"WholeNumberFromHugeFloat", "steps = 1e30",
         "d.toml:5:9: error: 'time.steps' must be a whole number (found 1e+30); write steps = 1"},
    Case{"WholeNumberFromQuoted", "steps = \"7\"",
         "d.toml:5:9: error: 'time.steps' must be a whole number (found \"7\"); remove the quotes"},
    Case{"WholeNumberFromTruth", "steps = true",
         "d.toml:5:9: error: 'time.steps' must be a whole number (found true); write steps = 1"},
    Case{"TooSmall", "steps = 0",
         "d.toml:5:9: error: 'time.steps' must be from 1 to 2^40 (found 0); the nearest allowed "
         "value is 1"},
    Case{"TooLarge", "steps = 2_000_000_000_000",
         "d.toml:5:9: error: 'time.steps' must be from 1 to 2^40 (found 2000000000000); the "
         "nearest allowed value is 1099511627776"},
    Case{"NotPositive", "dt = 0",
         "d.toml:5:6: error: 'time.dt' must be > 0 (found 0); choose a larger value"},
    Case{"Infinite", "dt = inf",
         "d.toml:5:6: error: 'time.dt' must be a finite number (found inf); write dt = 1.0"},
    Case{"NotANumber", "dt = nan",
         "d.toml:5:6: error: 'time.dt' must be a number (found nan); write dt = 1.0"},
    Case{"NumberFromQuoted", "dt = \"0.1\"",
         "d.toml:5:6: error: 'time.dt' must be a number (found \"0.1\"); remove the quotes"},
    Case{"NumberFromText", "dt = \"small\"",
         "d.toml:5:6: error: 'time.dt' must be a number (found \"small\"); write dt = 1.0"},
    Case{"NumberFromList", "dt = [1]",
         "d.toml:5:6: error: 'time.dt' must be a number (found a list); write dt = 1.0"},
    Case{"NumberFromTable", "dt = { a = 1 }",
         "d.toml:5:6: error: 'time.dt' must be a number (found a table); write dt = 1.0"},
    Case{"NumberFromDate", "dt = 2020-01-01",
         "d.toml:5:6: error: 'time.dt' must be a number (found a date or time); write dt = 1.0"},
    Case{"MisspeltChoice", "scheme = \"milsten\"",
         "d.toml:5:10: error: 'time.scheme' cannot be \"milsten\" (one of \"euler_maruyama\", "
         "\"milstein\", \"exact\"); did you mean \"milstein\"?"},
    Case{"FarChoice", "scheme = \"q\"",
         "d.toml:5:10: error: 'time.scheme' cannot be \"q\" (one of \"euler_maruyama\", "
         "\"milstein\", \"exact\"); see --help-deck"},
    Case{"TextFromNumber", "scheme = 3",
         "d.toml:5:10: error: 'time.scheme' must be a string (found 3); put it in quotes: \"3\""},
    Case{"TextFromList", "scheme = [\"exact\"]",
         "d.toml:5:10: error: 'time.scheme' must be a string (found a list); write scheme = "
         "\"euler_maruyama\""},
    Case{"UnknownUnit", "[run]\nevery = \"10 parsecs\"",
         "d.toml:6:9: error: 'run.every' must be a duration, 0 or more (found \"10 parsecs\"); "
         "write seconds as a number, or \"<number> s\", \"<number> min\" or \"<number> h\""},
    Case{"NegativeDuration", "[run]\nevery = -1",
         "d.toml:6:9: error: 'run.every' must be a duration, 0 or more (found -1); write seconds "
         "as a number, or \"<number> s\", \"<number> min\" or \"<number> h\""},
    Case{"InfiniteDuration", "[run]\nevery = inf",
         "d.toml:6:9: error: 'run.every' must be a duration, 0 or more (found inf); write "
         "seconds as a number, or \"<number> s\", \"<number> min\" or \"<number> h\""},
    Case{"ShortDuration", "[run]\nevery = \"0.5 s\"",
         "d.toml:6:9: error: 'run.every' must be >= 1 (found \"0.5 s\"); the nearest allowed "
         "value is 1"},
    Case{"DurationFromTruth", "[run]\nevery = true",
         "d.toml:6:9: error: 'run.every' must be a duration, 0 or more (found true); write "
         "seconds as a number, or \"<number> s\", \"<number> min\" or \"<number> h\""},
    Case{"TruthFromQuoted", "[run]\noverwrite = \"true\"",
         "d.toml:6:13: error: 'run.overwrite' must be true or false (found \"true\"); remove the "
         "quotes"},
    Case{"TruthFromNumber", "[run]\noverwrite = 1",
         "d.toml:6:13: error: 'run.overwrite' must be true or false (found 1); write overwrite = "
         "true"},
    Case{"EmptyText", "[run]\noutput = \"\"",
         "d.toml:6:10: error: 'run.output' must not be empty; give 1 to 40 characters"},
    Case{"LongText", "[run]\noutput = \"0123456789012345678901234567890123456789.h5\"",
         "d.toml:6:10: error: 'run.output' must have 1 to 40 characters (found 43); remove some"},
    Case{"NulInText", "[run]\noutput = \"a\\u0000b\"",
         "d.toml:6:10: error: 'run.output' holds a NUL character; remove it"},
    Case{"NegativeSeed", "[ensemble]\nseed = -1",
         "d.toml:6:8: error: 'ensemble.seed' must not be negative (found -1); the nearest "
         "allowed value is 0"},
    Case{"SeedOver64Bits", "[ensemble]\nseed = \"0xfffffffffffffffff\"",
         "d.toml:6:8: error: 'ensemble.seed' must be a whole number of at most 64 bits (found "
         "\"0xfffffffffffffffff\"); write seed = 1"},
    Case{"SeedFromText", "[ensemble]\nseed = \"abc\"",
         "d.toml:6:8: error: 'ensemble.seed' must be a whole number of at most 64 bits (found "
         "\"abc\"); write seed = 1"},
    Case{"MissingInOptionalTable", "[ensemble]\nstop = {}",
         "d.toml:6:8: error: 'ensemble.stop.standard_error' is missing (stop when it is "
         "reached); add standard_error = 1.0 in [ensemble.stop]"},
    Case{"TableFromNumber", "[ensemble]\nstop = 3",
         "d.toml:6:8: error: 'ensemble.stop' must be a table (found 3); write stop = { "
         "standard_error = 1.0 }"},
    Case{"NotIncreasing", "[observe]\ntimes = [1, 1]",
         "d.toml:6:13: error: 'observe.times' must be increasing (1 follows 1); sort the list "
         "and remove repeats"},
    Case{"ListFromNumber", "[observe]\ntimes = 1.5",
         "d.toml:6:9: error: 'observe.times' must be a list (found 1.5); put it in brackets: "
         "[1.5]"},
    Case{"ListFromText", "[observe]\nnames = \"x\"",
         "d.toml:6:9: error: 'observe.names' must be a list (found \"x\"); put it in brackets: "
         "[\"x\"]"},
    Case{"ListFromTable", "[observe.times]",
         "d.toml:5:1: error: 'observe.times' must be a list (found a table); write times = [1.0]"},
    Case{"NegativeEntry", "[observe]\ntimes = [-1, 1]",
         "d.toml:6:10: error: 'observe.times[0]' must be >= 0 (found -1); the nearest allowed "
         "value is 0"},
    Case{"TextInNumbers", "[observe]\ntimes = [0, \"x\"]",
         "d.toml:6:13: error: 'observe.times[1]' must be a number (found \"x\"); write times = "
         "[1.0]"},
    Case{"OpenLimit", "[observe]\nquantiles = [0.5, 1.0]",
         "d.toml:6:19: error: 'observe.quantiles[1]' must be > 0 and < 1 (found 1.0); choose a "
         "smaller value"},
    Case{"TooManyEntries", "[observe]\nquantiles = [0.1, 0.2, 0.3, 0.4, 0.5]",
         "d.toml:6:13: error: 'observe.quantiles' must have 0 to 4 entries (found 5); remove some"},
    Case{"NotANumberInInfinite", "[observe]\nhorizons = [nan]",
         "d.toml:6:13: error: 'observe.horizons[0]' must be a number (found nan); put it in "
         "brackets: [nan]"},
    Case{"Repeated", "[observe]\nnames = [\"a\", \"b\", \"a\"]",
         "d.toml:6:20: error: 'observe.names' must have no repeats (\"a\" is given again); "
         "remove it"},
    Case{"NotAnIdentifier", "[observe]\nnames = [\"2\"]",
         "d.toml:6:10: error: 'observe.names[0]' is not a valid name (found \"2\", names are "
         "letters, digits and _, no digit first); rename it"},
    Case{"NumberInTexts", "[observe]\nnames = [1]",
         "d.toml:6:10: error: 'observe.names[0]' must be a string (found 1); put it in quotes: "
         "\"1\""},
    Case{"NamedTableNotAnIdentifier", "[observe.payoffs.2x]",
         "d.toml:5:18: error: '2x' is not a valid name in [observe.payoffs] (names are letters, "
         "digits and _, no digit first); rename it"},
    Case{"NamedTableFromNumber", "[observe]\npayoffs = { call = 3 }",
         "d.toml:6:20: error: 'observe.payoffs.call' must be a table (found 3); write "
         "call = { kind = \"call\" }"},
    Case{"NamedTablesFromNumber", "[observe]\npayoffs = 3",
         "d.toml:6:11: error: 'observe.payoffs' must be a table (found 3); give "
         "each a table of its own, [observe.payoffs.NAME]"},
};

const Case deck_errors[] = {
    Case{"WrongFormat", "format = 2",
         "d.toml:1:10: error: the deck has format 2 (this version reads format 1); write format "
         "= 1, and compare the keys with --help-deck"},
    Case{"FormatFromText", "format = \"1\"",
         "d.toml:1:10: error: the deck has format \"1\" (this version reads format 1); write "
         "format = 1, and compare the keys with --help-deck"},
    Case{"MissingTag", "[time]\nend = 1",
         "d.toml:1:1: error: 'model.name' is missing (the model); add name in [model], one of "
         "\"decay\", \"price\""},
    Case{"MisspeltTag", "[model]\nname = \"pric\"\n[time]\nend = 1",
         "d.toml:2:8: error: 'model.name' cannot be \"pric\" (one of \"decay\", \"price\"); did "
         "you mean \"price\"?"},
    Case{"TagFromNumber", "[model]\nname = 1",
         "d.toml:2:8: error: 'model.name' cannot be 1 (one of \"decay\", \"price\"); see "
         "--help-deck"},
    Case{"KeyOfTheOtherAlternative", "[model]\nname = \"decay\"\nvolatility = 1\n[time]\nend = 1",
         "d.toml:3:1: error: unknown key 'model.volatility' ([model] has: name, rate, initial, "
         "limits); "
         "it belongs in [model] with name = \"price\""},
    Case{"MissingKey", "[model]\nname = \"decay\"\n\n[time]\nsteps = 5",
         "d.toml:4:1: error: 'time.end' is missing (end of the simulated interval [time]); add "
         "end = 1.0 in [time]"},
    Case{"MissingTable", "\n[model]\nname = \"decay\"",
         "d.toml:1:1: error: 'time.end' is missing (end of the simulated interval [time]); add "
         "end = 1.0 in [time]"},
    Case{"TableFromScalar", "run = 3",
         "d.toml:1:7: error: 'run' must be a table (found 3); write [run] on a line of its own"},
    Case{"TableFromTables", "[[run]]",
         "d.toml:1:1: error: 'run' must be a table (found a list); write [run] on a line of its "
         "own"},
    Case{"KeyBeforeTables", "end = 1",
         "d.toml:1:1: error: unknown key 'end' (the deck has: run, model, time, ensemble, "
         "observe, format); it belongs in [time]"},
    Case{"MatrixFromList", "[model]\nname = \"price\"\ncross = [1, 2]",
         "d.toml:3:10: error: 'model.cross[0]' must be a list (found 1); write cross = [[1.0]]"},
    Case{"UnknownBeforeMissing", "[model]\nname = \"decay\"\n[time]\nend_ = 1",
         "d.toml:4:1: error: unknown key 'time.end_' ([time] has: scheme, end, steps, dt); did "
         "you mean 'end'?"},
};

class KeyError : public ::testing::TestWithParam<Case> {};

TEST_P(KeyError, NamesTheKeyTheReasonAndAWayOut) {
  EXPECT_EQ(test::error_of(std::string(test::minimal_text) + GetParam().deck), GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(Deck, KeyError, ::testing::ValuesIn(key_errors), test::case_name);

class DeckError : public ::testing::TestWithParam<Case> {};

TEST_P(DeckError, NamesTheKeyTheReasonAndAWayOut) {
  EXPECT_EQ(test::error_of(GetParam().deck), GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(Deck, DeckError, ::testing::ValuesIn(deck_errors), test::case_name);

}  // namespace

// SPDX-License-Identifier: BSD-3-Clause
/// Numbers that may be laws: what they load to, what they are written as, and what is refused.
#include "deck/distribution.hpp"

#include <gtest/gtest.h>

#include "deck/schema.hpp"
#include "unit/deck/expect_error.hpp"

namespace {
using namespace driftwood;
using deck::Distribution;
using Kind = Distribution::Kind;

struct StartDeck {
  Distribution x = 0.5;
  Distribution price = 1;
  std::vector<Distribution> list;

  void describe(deck::Schema& s) {
    s.key("x", x, deck::finite, "position [m]");
    s.key("price", price, deck::positive, "price [currency]");
    s.key("list", list, deck::length(0, 3), "more");
  }
};

StartDeck loaded(const std::string& text, const std::vector<std::string>& overrides = {}) {
  StartDeck deck;
  const auto source = deck::load(deck, {"d.toml", text}, overrides);
  EXPECT_EQ(source.file(), "d.toml");
  return deck;
}

std::string start_error(const std::string& text) {
  StartDeck deck;
  try {
    const auto source = deck::load(deck, {"d.toml", text});
    return "no error in " + source.file();
  } catch (const UsageError& error) {
    return error.what();
  }
}

TEST(Distribution, IsANumberOrATable) {
  EXPECT_EQ(loaded("").x, Distribution(0.5));
  EXPECT_EQ(loaded("x = 2").x, Distribution(2));
  EXPECT_EQ(loaded("x = { kind = \"normal\", mean = 1, sd = 0.1 }").x,
            Distribution(Kind::normal, 1, 0.1));
  EXPECT_EQ(loaded("x = { kind = \"normal\", sd = 2 }").x,
            Distribution(Distribution::Kind::normal, 0, 2));
  EXPECT_EQ(loaded("[price]\nkind = \"lognormal\"\nlog_sd = 0\nlog_mean = -2.5").price,
            Distribution(Kind::lognormal, -2.5, 0));
  EXPECT_EQ(loaded("price = { kind = \"uniform\", low = 1, high = 1 }").price,
            Distribution(Kind::uniform, 1, 1));
  const std::vector<Distribution> list = {3.0, {Kind::uniform, -1, 1}};
  EXPECT_EQ(loaded("list = [3, { kind = \"uniform\", low = -1, high = 1 }]").list, list);
}

TEST(Distribution, CanBeOverridden) {
  EXPECT_EQ(loaded("x = { kind = \"normal\", mean = 1, sd = 0.1 }", {"x.sd=3"}).x,
            Distribution(Kind::normal, 1, 3));
  EXPECT_EQ(loaded("x = { kind = \"normal\", mean = 1, sd = 0.1 }", {"x=7"}).x, Distribution(7));
}

TEST(Distribution, SurvivesTheEffectiveDeck) {
  StartDeck deck = loaded(
      "x = { kind = \"normal\", mean = 1, sd = 0.1 }\nlist = [{ kind = \"lognormal\", log_mean = "
      "0.1, log_sd = 2 }, 4, { kind = \"hdf5\", file = \"a b.h5\", dataset = \"/x\", at = [0, -1] "
      "}]");
  EXPECT_EQ(deck.list.at(2), Distribution(deck::Column{"a b.h5", "/x", {0, -1}}));
  const std::string effective = deck::effective(deck);
  EXPECT_NE(effective.find("x = { kind = \"normal\", mean = 1.0, sd = 0.1 }\n"), effective.npos);
  const StartDeck again = loaded(effective);
  EXPECT_EQ(again.x, deck.x);
  EXPECT_EQ(again.list, deck.list);
}

TEST(Distribution, SaysInTheReferenceWhatItTakes) {
  StartDeck deck;
  const std::string page = deck::reference(deck, "start");
  EXPECT_NE(page.find("| `x` | number or distribution | `0.5` |"), page.npos);
  EXPECT_NE(page.find("| `price` | number or distribution, > 0 |"), page.npos);
  EXPECT_NE(page.find("| `list` | list of numbers or distributions, length 0 to 3 |"), page.npos);
}

const test::Case start_errors[] = {
    {"Text", "x = \"a\"",
     "d.toml:1:5: error: 'x' must be a finite number or a distribution (found \"a\"); write 1.0 or "
     "{ kind = \"normal\", mean = 0.0, sd = 1.0 }"},
    {"Infinite", "x = inf",
     "d.toml:1:5: error: 'x' must be a finite number or a distribution (found inf); write 1.0 or { "
     "kind = \"normal\", mean = 0.0, sd = 1.0 }"},
    {"NoKind", "x = { mean = 1.0 }",
     "d.toml:1:5: error: 'x.kind' is missing (one of \"normal\", \"lognormal\", \"uniform\", "
     "\"hdf5\"); add kind = \"normal\", or write a number"},
    {"UnknownKind", "x = { kind = \"norml\" }",
     "d.toml:1:14: error: 'x.kind' cannot be \"norml\" (one of \"normal\", \"lognormal\", "
     "\"uniform\", \"hdf5\"); did you mean \"normal\"?"},
    {"MissingParameter", "x = { kind = \"normal\", mean = 1.0 }",
     "d.toml:1:5: error: 'x.sd' is missing; add sd = 1.0"},
    {"UnknownParameter", "x = { kind = \"normal\", mean = 1.0, std = 1.0 }",
     "d.toml:1:36: error: unknown key 'x.std' (a normal distribution has: kind, mean, sd); did "
     "you mean 'sd'?"},
    {"TextParameter", "x = { kind = \"normal\", mean = \"1\", sd = 1.0 }",
     "d.toml:1:31: error: 'x.mean' must be a finite number (found \"1\"); write mean = 1.0"},
    {"NegativeSpread", "x = { kind = \"normal\", mean = 0, sd = -1 }",
     "d.toml:1:39: error: 'x.sd' must be >= 0 (found -1); the nearest allowed value is 0"},
    {"EmptyInterval", "x = { kind = \"uniform\", low = 1, high = 0 }",
     "d.toml:1:41: error: 'x.high' is below 'x.low'; exchange them"},
    {"OutOfRange", "price = 0",
     "d.toml:1:9: error: 'price' must be > 0 (found 0); choose a larger value"},
    {"LawOutOfRange", "price = { kind = \"normal\", mean = 100, sd = 1 }",
     "d.toml:1:9: error: 'price' must be > 0 (draws from this distribution need not be); give a "
     "number or another distribution"},
    {"NoFile", "x = { kind = \"hdf5\", dataset = \"/x\" }",
     "d.toml:1:5: error: 'x.file' is missing; add file = \"draws.h5\""},
    {"FileIsNoText", "x = { kind = \"hdf5\", file = 1, dataset = \"/x\" }",
     "d.toml:1:29: error: 'x.file' must be a text (found 1); write file = \"draws.h5\""},
    {"IndicesAreNoList", "x = { kind = \"hdf5\", file = \"a\", dataset = \"/x\", at = 1 }",
     "d.toml:1:55: error: 'x.at' must be a list of whole numbers (found 1); write at = [-1, 0]"},
    {"UnknownOfAColumn", "x = { kind = \"hdf5\", file = \"a\", dataset = \"/x\", index = 1 }",
     "d.toml:1:50: error: unknown key 'x.index' (a hdf5 distribution has: kind, file, dataset, "
     "at); "
     "remove it"},
    {"InAList", "list = [1, { kind = \"normal\" }]",
     "d.toml:1:12: error: 'list[1].sd' is missing; add sd = 1.0"},
};

class StartErrors : public testing::TestWithParam<test::Case> {};
TEST_P(StartErrors, AreReportedWhereTheyAre) {
  EXPECT_EQ(start_error(GetParam().deck), GetParam().error);
}
INSTANTIATE_TEST_SUITE_P(Distribution, StartErrors, testing::ValuesIn(start_errors),
                         test::case_name);
}  // namespace

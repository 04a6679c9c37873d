// SPDX-License-Identifier: BSD-3-Clause
/// Describing and loading: defaults, conversions, tagged unions and mistakes of the describer.
#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "unit/deck/expect_error.hpp"
#include "unit/deck/sample_deck.hpp"

namespace {
using namespace driftwood;
using test::SampleDeck;

SampleDeck loaded(std::string_view more) {
  SampleDeck deck;
  const std::string text = std::string(test::minimal_text) + std::string(more);
  const auto source = deck::load(deck, {"d.toml", text});
  EXPECT_EQ(source.text(), text);
  return deck;
}

TEST(Schema, MembersKeepTheirDefaultsWhereTheDeckIsSilent) {
  const SampleDeck deck = loaded("");

  EXPECT_EQ(deck.run.output, "sample.h5");
  EXPECT_EQ(deck.run.every, (deck::Duration{600}));
  EXPECT_EQ(deck.ensemble.paths, 1000);
  EXPECT_FALSE(deck.time.steps.has_value());
  EXPECT_FALSE(deck.ensemble.stop.has_value());
  EXPECT_EQ(deck.observe.times, std::vector<double>{1});
}

TEST(Schema, WholeNumbersAreAcceptedWhereNumbersAre) {
  EXPECT_EQ(loaded("dt = 1").time.dt, 1.0);
  EXPECT_EQ(loaded("[observe]\ntimes = [1, 2.5]").observe.times, (std::vector<double>{1, 2.5}));
}

TEST(Schema, SeedsTakeAll64Bits) {
  EXPECT_EQ(loaded("[ensemble]\nseed = 9223372036854775807").ensemble.seed, 0x7fffffffffffffffU);
  EXPECT_EQ(loaded("[ensemble]\nseed = \"0xffffffffffffffff\"").ensemble.seed, ~std::uint64_t{0});
  EXPECT_EQ(loaded("[ensemble]\nseed = \"18446744073709551615\"").ensemble.seed, ~std::uint64_t{0});
}

TEST(Schema, InfinityIsANumberOrAWordWhereAllowed) {
  const SampleDeck deck = loaded("[observe]\nhorizons = [inf, \"inf\", -inf]");

  EXPECT_EQ(deck.observe.horizons, (std::vector<double>{HUGE_VAL, HUGE_VAL, -HUGE_VAL}));
}

TEST(Schema, TheFormatMayBeLeftOut) {
  EXPECT_EQ(test::error_of(test::minimal_text), "");
  EXPECT_EQ(test::error_of("format = 1\n" + std::string(test::minimal_text)), "");
}

TEST(Schema, TablesMayBeWrittenInAnyOfTomlsWays) {
  EXPECT_EQ(test::error_of("model.name = \"decay\"\ntime.end = 1\n"), "");
  EXPECT_EQ(test::error_of("model = { name = \"decay\" }\ntime = { end = 1 }\n"), "");
  EXPECT_EQ(test::error_of("[time]\nend = 1\n[model]\nname = \"decay\"\n"), "");
  EXPECT_EQ(test::error_of("[model]\r\nname = \"decay\"\r\n[time]\r\nend = 1\r\n"), "");
}

TEST(Schema, TheTagChoosesWhatTheTableHolds) {
  SampleDeck deck;
  const auto source = deck::load(deck, {"d.toml", std::string(test::sample_text)});
  ASSERT_TRUE(source.gives("model.volatility"));

  const auto* price = dynamic_cast<const test::Price*>(deck.model.held.get());

  ASSERT_NE(price, nullptr);
  EXPECT_EQ(price->volatility, 0.3);
}

TEST(Schema, ADefaultAlternativeStaysWithoutATag) {
  SampleDeck deck;
  auto decay = std::make_shared<test::Decay>();
  decay->rate = 5;
  deck.model.held = decay;

  const auto source = deck::load(deck, {"d.toml", "time.end = 1\nmodel.initial = 2\n"});

  EXPECT_FALSE(source.gives("model.name"));
  EXPECT_EQ(deck.model.held, decay);
  EXPECT_EQ(decay->rate, 5);
  EXPECT_EQ(decay->initial, 2.0);
  EXPECT_NE(deck::effective(deck).find("name = \"decay\"\nrate = 5.0"), std::string::npos);
}

TEST(Schema, NamedTablesReplaceTheDefaultOnes) {
  SampleDeck deck;
  deck.observe.payoffs["old"] = {};
  const std::string text = std::string(test::minimal_text) + "[observe.payoffs.new]\nstrike = 2\n";

  const auto source = deck::load(deck, {"d.toml", text});

  EXPECT_TRUE(source.gives("observe.payoffs.new"));
  EXPECT_EQ(deck.observe.payoffs.size(), 1U);
  EXPECT_EQ(deck.observe.payoffs.at("new").strike, 2);
}

TEST(Schema, RefusesTwoDescriptionsOfOneName) {
  double number = 0;
  deck::Schema schema;
  schema.key("a", number, "once");

  EXPECT_THROW(schema.key("a", number, "twice"), std::logic_error);
  EXPECT_THROW(schema.reserved("a", "twice"), std::logic_error);
}

TEST(Schema, RefusesChecksThatDoNotApply) {
  bool truth = false;
  double number = 0;
  std::string text;
  std::int64_t count = 0;
  deck::Schema schema;

  EXPECT_THROW(schema.key("a", truth, deck::positive, ""), std::logic_error);
  EXPECT_THROW(schema.key("b", number, deck::identifier, ""), std::logic_error);
  EXPECT_THROW(schema.key("c", text, deck::increasing, ""), std::logic_error);
  EXPECT_THROW(schema.key("d", count, deck::may_be_infinite, ""), std::logic_error);
  EXPECT_THROW(schema.key("e", number, deck::non_empty, ""), std::logic_error);
}

struct NumbersOrFiles {
  std::vector<std::string> r{"0"};
  std::vector<std::string> plain;

  void describe(deck::Schema& s) {
    s.key("r", r, deck::non_empty, "numbers or names of files: of anything").also(deck::distinct);
    s.key("plain", plain, "texts");
  }
};

TEST(Schema, NumbersStandWhereNamesOfFilesMay) {
  using Texts = std::vector<std::string>;
  const auto loaded = [](const std::string& text) {
    NumbersOrFiles deck;
    static_cast<void>(deck::load(deck, {"d.toml", text}));
    return deck;
  };
  const auto error_of = [&](const std::string& text) -> std::string {
    try {
      static_cast<void>(loaded(text));
      return "";
    } catch (const UsageError& error) {
      return error.what();
    }
  };
  EXPECT_EQ(loaded("r = [1, -0.5, \"a.txt\"]").r, (Texts{"1", "-0.5", "a.txt"}));
  EXPECT_EQ(loaded("r = \"a.txt\"").r, (Texts{"a.txt"}));
  NumbersOrFiles again = loaded("r = [0.1, 1e-300]");
  EXPECT_EQ(loaded(deck::effective(again)).r, again.r);
  const std::string expected =
      " must be a finite number or the name of a file (found {}); write numbers, and names of "
      "files "
      "in quotes";
  for (const std::string value : {"true", "nan", "inf"}) {
    std::string said = "d.toml:1:6: error: 'r[0]'" + expected;
    EXPECT_EQ(error_of("r = [" + value + "]"), said.replace(said.find("{}"), 2, value));
  }
  EXPECT_EQ(error_of("r = []"), "d.toml:1:5: error: 'r' must not be empty; fill it");
  EXPECT_NE(error_of("r = [\"a\", \"a\"]"), "");
  // Other lists of texts are as they were.
  EXPECT_NE(error_of("plain = [1]"), "");
  EXPECT_NE(error_of("plain = \"a\""), "");
}

}  // namespace

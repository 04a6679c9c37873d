// SPDX-License-Identifier: BSD-3-Clause
/// The effective deck: every default written out, and read back to the same values.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "unit/deck/sample_deck.hpp"

namespace {
using namespace driftwood;
using test::SampleDeck;

SampleDeck loaded(std::string_view text) {
  SampleDeck deck;
  const auto source = deck::load(deck, {"d.toml", std::string(text)});
  EXPECT_EQ(source.text(), text);
  return deck;
}

TEST(Effective, WritesEveryDefaultInTheOrderOfTheDescription) {
  SampleDeck deck = loaded(test::sample_text);

  EXPECT_EQ(deck::effective(deck), R"(format = 1

[run]
output = "a.h5"
overwrite = true
every = "600 s"

[model]
name = "price"
volatility = 0.3
correlation = 0.0
cross = [[1.0, 0.0], [0.0, 1.0]]

[time]
scheme = "euler_maruyama"
end = 2.0
steps = 200

[ensemble]
paths = 100000
seed = 7

[ensemble.stop]
standard_error = 0.001

[observe]
times = [1.0, 2.0]
quantiles = [0.05, 0.5]
horizons = [inf, 2.0]
names = ["x", "y"]

[observe.payoffs.call]
kind = "call"
strike = 100.0

[observe.payoffs.put]
kind = "put"
strike = 1.0
)");
}

TEST(Effective, LoadsToTheSameEffectiveDeck) {
  SampleDeck once = loaded(test::sample_text);
  SampleDeck twice = loaded(deck::effective(once));

  EXPECT_EQ(deck::effective(twice), deck::effective(once));
}

TEST(Effective, KeepsEveryBitOfANumber) {
  for (const double number : {0.1, 1.0 / 3, 1e-300, 5e-324, 1.7976931348623157e308, 1e16, 1e22}) {
    SampleDeck deck = loaded(test::sample_text);
    deck.time.end = number;

    EXPECT_EQ(loaded(deck::effective(deck)).time.end, number);
  }
}

TEST(Effective, KeepsTheSignOfZero) {
  SampleDeck deck = loaded(test::sample_text);
  deck.observe.times = {-0.0};

  EXPECT_TRUE(std::signbit(loaded(deck::effective(deck)).observe.times.at(0)));
}

TEST(Effective, KeepsLargeIntegersAndSeeds) {
  SampleDeck deck = loaded(test::sample_text);
  deck.time.steps = std::int64_t{1} << 40;
  for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{0x7fffffffffffffff},
                                   std::uint64_t{0x8000000000000000}, ~std::uint64_t{0}}) {
    deck.ensemble.seed = seed;
    const SampleDeck again = loaded(deck::effective(deck));

    EXPECT_EQ(again.ensemble.seed, seed);
    EXPECT_EQ(again.time.steps, deck.time.steps);
  }
}

TEST(Effective, KeepsAwkwardText) {
  SampleDeck deck = loaded(test::sample_text);
  deck.run.output = "a \"b\" \\ 'c'\n\t\x7f\x01 ä.h5";

  EXPECT_EQ(loaded(deck::effective(deck)).run.output, deck.run.output);
}

TEST(Effective, KeepsDurations) {
  SampleDeck deck = loaded(test::sample_text);
  deck.run.every = {1.0 + std::numeric_limits<double>::epsilon()};

  EXPECT_EQ(loaded(deck::effective(deck)).run.every, deck.run.every);
}

TEST(Effective, LeavesOutWhatIsNotSet) {
  SampleDeck deck = loaded("[model]\nname = \"decay\"\n[time]\nend = 2.0\n");

  const std::string text = deck::effective(deck);

  EXPECT_EQ(text.find("steps"), std::string::npos) << text;
  EXPECT_EQ(text.find("stop"), std::string::npos) << text;
  EXPECT_EQ(text.find("initial"), std::string::npos) << text;
}

TEST(Effective, WritesAnOptionalTableThatIsSet) {
  SampleDeck deck = loaded(test::sample_text);
  deck.ensemble.stop->standard_error = 0.25;

  EXPECT_EQ(loaded(deck::effective(deck)).ensemble.stop->standard_error, 0.25);
}

}  // namespace

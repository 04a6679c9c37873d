// SPDX-License-Identifier: BSD-3-Clause
/// Positions for rules that are checked after loading.
#include <gtest/gtest.h>

#include "unit/deck/sample_deck.hpp"

namespace {
using namespace driftwood;

deck::Source sample(const std::vector<std::string>& overrides = {}) {
  test::SampleDeck deck;
  return deck::load(deck, {"d.toml", std::string(test::sample_text)}, overrides);
}

std::string at(std::string_view path) { return sample().error(path, "wrong").what(); }

TEST(Source, FindsKeysTablesAndEntries) {
  EXPECT_EQ(at("time.end"), "d.toml:10:7: error: wrong");
  EXPECT_EQ(at("time"), "d.toml:9:1: error: wrong");
  EXPECT_EQ(at("observe.times"), "d.toml:17:9: error: wrong");
  EXPECT_EQ(at("observe.times[1]"), "d.toml:17:15: error: wrong");
  EXPECT_EQ(at("model.cross[1][0]"), "d.toml:8:19: error: wrong");
  EXPECT_EQ(at("observe.payoffs.call.strike"), "d.toml:21:31: error: wrong");
  EXPECT_EQ(at("ensemble.stop.standard_error"), "d.toml:15:27: error: wrong");
}

TEST(Source, FallsBackToWhatStandsAround) {
  EXPECT_EQ(at("time.dt"), "d.toml:9:1: error: wrong");
  EXPECT_EQ(at("nothing.at.all"), "d.toml:1:1: error: wrong");
  EXPECT_EQ(at("observe.times[7]"), "d.toml:17:9: error: wrong");
  EXPECT_EQ(at("observe.times[x]"), "d.toml:17:9: error: wrong");
  EXPECT_EQ(at(""), "d.toml:1:1: error: wrong");
}

TEST(Source, ComposesTheWholeLine) {
  const UsageError error = sample().error("time.end", "'time.end' is odd", "found 2", "try 3");

  EXPECT_STREQ(error.what(), "d.toml:10:7: error: 'time.end' is odd (found 2); try 3");
  EXPECT_EQ(error.fault(), Fault::usage);
}

TEST(Source, NamesTheOverrideThatGaveTheValue) {
  const auto source = sample({"time.end=3", "observe.times=[1, 2]"});

  EXPECT_STREQ(source.error("time.end", "wrong").what(), "--set time.end=3: error: wrong");
  EXPECT_STREQ(source.error("observe.times[1]", "wrong").what(),
               "--set observe.times=[1, 2]: error: wrong");
  EXPECT_STREQ(source.error("time.steps", "wrong").what(), "d.toml:11:9: error: wrong");
}

TEST(Source, KnowsWhatTheDeckGives) {
  const auto source = sample({"time.dt=0.5"});

  EXPECT_TRUE(source.gives("time.steps"));
  EXPECT_TRUE(source.gives("time.dt"));
  EXPECT_TRUE(source.gives("ensemble.stop"));
  EXPECT_FALSE(source.gives("time.scheme"));
  EXPECT_FALSE(source.gives("time.end.more"));
}

TEST(Source, KeepsTheDeckAsGiven) {
  const auto source = sample({"time.end=3"});

  EXPECT_EQ(source.file(), "d.toml");
  EXPECT_EQ(source.text(), test::sample_text);
}

TEST(ContentHash, IsFnv1a) {
  EXPECT_EQ(deck::content_hash(""), 0xcbf29ce484222325U);  // published vectors
  EXPECT_EQ(deck::content_hash("a"), 0xaf63dc4c8601ec8cU);
  EXPECT_EQ(deck::content_hash("foobar"), 0x85944171f73967e8U);
}

}  // namespace

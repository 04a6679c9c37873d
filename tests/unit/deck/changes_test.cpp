// SPDX-License-Identifier: BSD-3-Clause
// Claims: what differs between two decks is told by key, with both values, and whether a run may go
// on with it.
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "deck/schema.hpp"

namespace {
using namespace driftwood;
using deck::Change;
using deck::OnRestart;

struct Limits {
  double low = 0;
  void describe(deck::Schema& s) { s.key("low", low, deck::finite, "lower limit"); }
};

struct Sample {
  std::string output = "a.h5";
  std::int64_t paths = 10;
  double drift = 0.5;
  std::vector<double> times = {1, 2};
  std::optional<double> tolerance;
  Limits limits;
  std::map<std::string, Limits> events;

  void describe(deck::Schema& s) {
    s.key("output", output, "result file").may_change();
    s.key("paths", paths, "number of paths").may_grow();
    s.key("drift", drift, "drift");
    s.key("times", times, "times");
    s.key("tolerance", tolerance, "tolerance");
    s.table("limits", limits, "limits");
    s.named_tables("events", events, "events");
  }
};

std::vector<Change> changes(const Sample& before, Sample now) {
  Sample copy = before;
  return deck::changes(now, deck::effective(copy));
}

TEST(Changes, AreNoneBetweenEqualDecks) {
  Sample sample;
  sample.events["level"] = {3};

  EXPECT_TRUE(changes(sample, sample).empty());
}

TEST(Changes, AreToldByKeyWithBothValues) {
  Sample now;
  now.drift = 0.25;
  now.times = {1, 2, 3};
  now.limits.low = -1;

  const auto found = changes({}, now);

  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].key, "drift");
  EXPECT_EQ(found[0].before, "0.5");
  EXPECT_EQ(found[0].now, "0.25");
  EXPECT_EQ(found[1].key, "limits.low");
  EXPECT_EQ(found[2].key, "times");
  EXPECT_EQ(found[2].now, "[1.0, 2.0, 3.0]");
  for (const Change& c : found) EXPECT_FALSE(c.is_allowed) << c.key;
}

TEST(Changes, OfKeysThatAppearOrGoAreToldToo) {
  Sample now;
  now.tolerance = 1e-3;
  now.events["level"] = {3};

  const auto there = changes({}, now);
  const auto back = changes(now, {});

  ASSERT_EQ(there.size(), 2U);
  EXPECT_EQ(there[0].key, "events.level.low");
  EXPECT_EQ(there[0].before, "(none)");
  EXPECT_FALSE(there[0].is_allowed);
  EXPECT_EQ(there[1].key, "tolerance");
  ASSERT_EQ(back.size(), 2U);
  EXPECT_EQ(back[1].now, "(none)");
}

TEST(Changes, MayBeAllowed) {
  Sample now;
  now.output = "b.h5";

  const auto found = changes({}, now);

  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[0].is_allowed);
  EXPECT_EQ(found[0].rule, OnRestart::allow);
}

TEST(Changes, MayBeAllowedOneWay) {
  Sample more;
  more.paths = 11;
  Sample less;
  less.paths = 9;

  const auto grown = changes({}, more);
  const auto shrunk = changes({}, less);

  ASSERT_EQ(grown.size(), 1U);
  EXPECT_TRUE(grown[0].is_allowed);
  EXPECT_EQ(grown[0].rule, OnRestart::grow);
  ASSERT_EQ(shrunk.size(), 1U);
  EXPECT_FALSE(shrunk[0].is_allowed);
}

TEST(Changes, NeedADeck) {
  Sample sample;
  EXPECT_THROW(static_cast<void>(deck::changes(sample, "drift = = 3")), Error);
}

}  // namespace

// SPDX-License-Identifier: BSD-3-Clause
/// Durations, edit distances and the other small pieces.
#include "deck/text.hpp"

#include <gtest/gtest.h>

#include "base/suggest.hpp"
#include "deck/duration.hpp"

namespace {
using namespace driftwood;

TEST(Duration, ReadsSecondsMinutesAndHours) {
  EXPECT_EQ(deck::parse_duration("90 s"), deck::Duration{90});
  EXPECT_EQ(deck::parse_duration("10 min"), deck::Duration{600});
  EXPECT_EQ(deck::parse_duration("1.5 h"), deck::Duration{5400});
  EXPECT_EQ(deck::parse_duration("1e3s"), deck::Duration{1000});
}

TEST(Duration, RefusesEverythingElse) {
  for (const char* text : {"", "10", "s", "10 parsecs", "ten s", "inf s", "nan s", "1e308 h",
                           "10 s ", " 10 s", "10 S", "1 s 2 min"}) {
    EXPECT_EQ(deck::parse_duration(text), std::nullopt) << text;
  }
}

TEST(Duration, ReadsBackWhatItWrites) {
  for (const double seconds : {0.0, 0.1, 600.0, 1e-9, 1e20}) {
    EXPECT_EQ(deck::parse_duration(deck::to_text({seconds})), deck::Duration{seconds});
  }
}

TEST(EditDistance, CountsSlipsOfTheKeyboard) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("steps", "Steps"), 0U);
  EXPECT_EQ(edit_distance("stpes", "steps"), 1U);  // a swap
  EXPECT_EQ(edit_distance("step", "steps"), 1U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

TEST(Nearest, OffersOnlyWhatIsNear) {
  const std::vector<std::string> names = {"scheme", "end", "steps", "dt"};

  EXPECT_EQ(nearest("step", names), "steps");
  EXPECT_EQ(nearest("shceme", names), "scheme");
  EXPECT_EQ(nearest("tolerance", names), "");
  EXPECT_EQ(nearest("ab", names), "");
  EXPECT_EQ(nearest("", names), "");
  EXPECT_EQ(nearest(std::string(1'000'000, 'e'), names), "");
}

TEST(Printable, NeverBreaksALineOrACharacter) {
  EXPECT_EQ(deck::printable("a\nb\x01"), "a\\nb\\u0001");
  EXPECT_EQ(deck::printable("abcdef", 3), "abc...");
  EXPECT_EQ(deck::printable("aä", 2), "a...");
}

TEST(TomlNumber, IsShortAndVisiblyAFloat) {
  EXPECT_EQ(deck::toml_number(1), "1.0");
  EXPECT_EQ(deck::toml_number(0.1), "0.1");
  EXPECT_EQ(deck::toml_number(1e300), "1e+300");
  EXPECT_EQ(deck::toml_number(-0.0), "-0.0");
}

TEST(CheckText, StatesTheRange) {
  EXPECT_EQ(deck::check_text(deck::positive), "> 0");
  EXPECT_EQ(deck::check_text(deck::at_most(2.5)), "<= 2.5");
  EXPECT_EQ(deck::check_text(deck::probability), "from 0 to 1");
  EXPECT_EQ(deck::check_text(deck::open_probability), "> 0 and < 1");
  EXPECT_EQ(deck::check_text(deck::between(std::int64_t{1}, std::int64_t{1} << 62)),
            "from 1 to 2^62");
  EXPECT_EQ(deck::check_text(deck::finite), "");
  EXPECT_EQ(deck::check_text(deck::length(1, 8)), "length 1 to 8");
  EXPECT_EQ(deck::check_text(deck::non_empty), "length at least 1");
}

}  // namespace

// SPDX-License-Identifier: BSD-3-Clause
// Claim: a problem inside a text is reported where that part of the text is written.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "deck/schema.hpp"

namespace {
using namespace driftwood;

struct Texts {
  std::map<std::string, std::string> text;

  void describe(deck::Schema& s) { s.named_keys("text", text, {}, "texts", "a text"); }
};

/// Where an error at the first '!' of text.a is reported.
std::string place(const std::string& document, const std::vector<std::string>& overrides = {}) {
  Texts texts;
  const deck::Source source = deck::load(texts, {"deck.toml", document}, overrides);
  const std::string error =
      source.error_inside("text.a", texts.text.at("a").find('!'), "wrong").what();
  return error.substr(0, error.find(": error"));
}

TEST(PositionInside, ABasicString) {
  EXPECT_EQ(place("text.a = \"!\""), "deck.toml:1:11");
  EXPECT_EQ(place("[text]\nb = \"\"\n  a = \"x + !\""), "deck.toml:3:12");
  EXPECT_EQ(place("text = { b = \"y\", a = \"x!\" }"), "deck.toml:1:25");
}

TEST(PositionInside, ALiteralString) { EXPECT_EQ(place("text.a = 'x\\n!'"), "deck.toml:1:14"); }

TEST(PositionInside, EscapesAreLongerThanWhatTheyStandFor) {
  EXPECT_EQ(place("text.a = \"\\t!\""), "deck.toml:1:13");
  EXPECT_EQ(place("text.a = \"\\u0078!\""), "deck.toml:1:17");
  EXPECT_EQ(place("text.a = \"\\u00e4\\U0001F600!\""), "deck.toml:1:27");
}

TEST(PositionInside, ColumnsCountCharacters) {
  EXPECT_EQ(place("text.a = \"\xc3\xa4\xc3\xb6!\""), "deck.toml:1:13");
}

TEST(PositionInside, StringsOfManyLines) {
  EXPECT_EQ(place("text.a = \"\"\"\nx\n  !\"\"\""), "deck.toml:3:3");
  EXPECT_EQ(place("text.a = '''x\n!'''"), "deck.toml:2:1");
  EXPECT_EQ(place("text.a = \"\"\"x \\\n\n   + !\"\"\""), "deck.toml:3:6");
}

TEST(PositionInside, TheCommandLineHasNoLines) {
  EXPECT_EQ(place("", {"text.a=x + !"}), "--set text.a=x + !");
  Texts texts;
  const deck::Source source = deck::load(texts, {"deck.toml", ""}, {"text.a=x + !"});
  const std::string error = source.error_inside("text.a", 4, "this is wrong").what();
  EXPECT_NE(error.find("this is wrong at character 5"), error.npos) << error;
}

TEST(NamedKeys, ReplaceWhatWasThere) {
  Texts texts{{{"old", "1"}}};
  static_cast<void>(deck::load(texts, {"deck.toml", "text = { a = \"1\", b = \"2\" }"}));
  EXPECT_EQ(texts.text, (std::map<std::string, std::string>{{"a", "1"}, {"b", "2"}}));
  EXPECT_EQ(deck::effective(texts), "format = 1\n\n[text]\na = \"1\"\nb = \"2\"\n");
}

TEST(NamedKeys, StayWhereTheDeckIsSilent) {
  Texts texts{{{"old", "1"}}};
  static_cast<void>(deck::load(texts, {"deck.toml", "format = 1"}));
  EXPECT_EQ(texts.text.size(), 1U);
}

TEST(NamedKeys, AreIdentifiersOfTheirType) {
  const auto problem = [](const std::string& document) {
    Texts texts;
    try {
      static_cast<void>(deck::load(texts, {"deck.toml", document}));
    } catch (const UsageError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_TRUE(
      problem("text = { \"a b\" = \"\" }").starts_with("deck.toml:1:10: error: 'a b' is not"));
  EXPECT_TRUE(problem("text = { a = 1 }").starts_with("deck.toml:1:14: error: 'text.a' must be"));
  EXPECT_TRUE(problem("text = 1").starts_with("deck.toml:1:8: error: 'text' must be a table"));
}
}  // namespace

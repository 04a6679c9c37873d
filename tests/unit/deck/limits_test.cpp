// SPDX-License-Identifier: BSD-3-Clause
/// Text made to exhaust the stack, the memory or the patience of whoever reads it.
#include <gtest/gtest.h>

#include <chrono>

#include "unit/deck/expect_error.hpp"

namespace {
using namespace driftwood;

std::string repeated(std::string_view piece, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += piece;
  return text;
}

std::string numbered(std::string_view before, std::string_view after, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    text.append(before).append(std::to_string(i)).append(after);
  }
  return text;
}

constexpr std::string_view end = " (no deck needs that many); put data into a data file";

TEST(Limits, DeepLists) {
  EXPECT_EQ(test::error_of("a = " + repeated("[", 100'000)),
            "d.toml:1:69: error: lists and tables are nested too deep" + std::string(end));
}

TEST(Limits, DeepTables) {
  EXPECT_EQ(test::error_of(repeated("a={", 100'000)),
            "d.toml:1:195: error: lists and tables are nested too deep" + std::string(end));
}

TEST(Limits, DottedNames) {
  const std::string error = "error: a name has too many dots" + std::string(end);

  EXPECT_EQ(test::error_of(repeated("a.", 1'000'000) + "a = 1"), "d.toml:1:66: " + error);
  EXPECT_EQ(test::error_of("\n[" + repeated("'a' . ", 1'000'000) + "a]"), "d.toml:2:198: " + error);
}

TEST(Limits, NothingHidesBehindAString) {
  const std::string error = "error: a name has too many dots" + std::string(end);
  const std::string many = "{ " + repeated("a.", 1000) + "a = 1 } ]";

  EXPECT_EQ(test::error_of("a = [ \"\"\"x\"\"\"\", " + many), "d.toml:1:84: " + error);
  EXPECT_EQ(test::error_of("a = [ '''x'''', " + many), "d.toml:1:84: " + error);
  EXPECT_EQ(test::error_of("a = [ \"\\\"\", " + many), "d.toml:1:80: " + error);
}

TEST(Limits, Entries) {
  const std::string error = "error: the deck is too long" + std::string(end);

  EXPECT_EQ(test::error_of("a = [" + repeated("1,", 5'000'000) + "]"), "d.toml:1:200003: " + error);
}

TEST(Limits, DotsAndBracketsInTextDoNotCount) {
  const std::string many = repeated("...[[[{{{", 1000);
  const std::string text = "# " + many + "\n[run]\noutput = \"\"\"" + many + "\"\"\" # " + many;

  EXPECT_EQ(test::error_of(text),
            "d.toml:3:10: error: 'run.output' must have 1 to 40 characters (found 9000); remove "
            "some");
}

TEST(Limits, LongNamesAreCutInMessages) {
  const std::string error = test::error_of("[run]\n" + std::string(1'000'000, 'x') + " = 1");

  EXPECT_EQ(error, "d.toml:2:1: error: unknown key 'run." + std::string(56, 'x') +
                       "...' ([run] has: output, overwrite, every, resume); see --help-deck");
}

TEST(Limits, WhateverIsAcceptedIsReadInSeconds) {
  const auto start = std::chrono::steady_clock::now();

  // Each shape makes the parser search among its tables, one by one.
  EXPECT_NE(test::error_of(numbered("a", ".x = 1\n", 45'000) + numbered("a", ".y = 1\n", 45'000)),
            "");
  EXPECT_NE(test::error_of(numbered("[a", ".b]\n", 45'000) + numbered("[a", "]\n", 45'000)), "");
  EXPECT_NE(test::error_of(numbered("[[a", "]]\n", 30'000) + numbered("[[a", "]]\n", 30'000)), "");
  EXPECT_NE(test::error_of("[run]\n" + numbered("a", " = 1\n", 145'000)), "");

  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(60));
}

}  // namespace

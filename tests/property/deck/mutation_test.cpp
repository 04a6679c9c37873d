// SPDX-License-Identifier: BSD-3-Clause
/// Whatever is done to the text of a deck, loading it either works or says what is wrong and where.
#include <gtest/gtest.h>

#include <array>
#include <random>
#include <regex>

#include "unit/deck/sample_deck.hpp"

namespace {
using namespace driftwood;

/// Damages text in the ways that typing, merging, copying and storage do.
class Vandal {
 public:
  explicit Vandal(std::uint64_t seed) : random_(seed) {}

  std::string damage(std::string text) {
    for (std::size_t strokes = 1 + below(3); strokes > 0; --strokes) stroke(text);
    return text;
  }

 private:
  std::size_t below(std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_);
  }

  void stroke(std::string& text) {
    if (text.empty()) text = "=";
    const std::size_t at = below(text.size());
    switch (below(7)) {
      case 0:
        text[at] = static_cast<char>(below(256));
        break;
      case 1:
        text[at] = static_cast<char>(static_cast<unsigned>(text[at]) ^ (1U << below(8)));
        break;
      case 2:
        text.erase(at, 1 + below(20));
        break;
      case 3:
        text.insert(at, tokens[below(tokens.size())]);
        break;
      case 4:
        text.insert(at, text.substr(below(text.size()), below(40)));
        break;
      case 5:
        swap_words(text);
        break;
      default:
        replace_value(text);
    }
  }

  /// Start of some word, where words are what blanks separate.
  std::size_t word(const std::string& text) {
    const std::size_t start = text.find_first_of(" \n", below(text.size()));
    return start == std::string::npos ? 0 : start + 1;
  }

  void swap_words(std::string& text) {
    const std::size_t a = word(text);
    const std::size_t b = word(text);
    const std::string first = text.substr(a, text.find_first_of(" \n", a) - a);
    const std::string second = text.substr(b, text.find_first_of(" \n", b) - b);
    text.replace(std::max(a, b), a > b ? first.size() : second.size(), a > b ? second : first);
    text.replace(std::min(a, b), a > b ? second.size() : first.size(), a > b ? first : second);
  }

  /// Another type of value where one stood.
  void replace_value(std::string& text) {
    const std::size_t equals = text.find("= ", below(text.size()));
    if (equals == std::string::npos) return;
    const std::size_t end = std::min(text.find('\n', equals), text.size());
    text.replace(equals + 2, end - equals - 2, tokens[below(tokens.size())]);
  }

  static constexpr std::array<std::string_view, 30> tokens = {
      "[",     "]",      "{",          "}",      "=",    "\"",
      "'",     "\"\"\"", "#",          "\n",     "\r\n", ".",
      ",",     "[[",     "inf",        "nan",    "-1",   "0",
      "1e308", "1e999",  "true",       "2.5",    "\"\"", "[1,2]",
      "{a=1}", "\\u00",  "2020-01-01", "[time]", "name", "0x7fffffffffffffff"};

  std::mt19937_64 random_;
};

constexpr int mutations = 5000;

/// Empty if `load` returned or threw a `UsageError` of the agreed form; else what went wrong.
template <class Load>
std::string misbehaviour(Load load, const std::regex& form) {
  try {
    load();
  } catch (const UsageError& error) {
    return std::regex_search(error.what(), form) ? "" : std::string("bad text: ") + error.what();
  } catch (const std::exception& error) {
    return std::string("not a UsageError: ") + error.what();
  }
  return "";
}

TEST(DeckMutation, DamagedDecksLoadOrAreRefusedWithAPosition) {
  const std::uint64_t seed = std::random_device{}();
  RecordProperty("seed", std::to_string(seed));
  Vandal vandal(seed);
  const std::regex form(R"(^d\.toml:[1-9][0-9]*:[1-9][0-9]*: error: [^\n]+$)");
  int accepted = 0;

  for (int i = 0; i < mutations; ++i) {
    const std::string text = vandal.damage(std::string(test::sample_text));
    test::SampleDeck deck;
    const auto load = [&] {
      const auto source = deck::load(deck, {"d.toml", text});
      ++accepted;
      // What was accepted survives being written out and read back.
      const std::string effective = deck::effective(deck);
      test::SampleDeck again;
      EXPECT_EQ(deck::load(again, {"effective", effective}).text(), effective);
      EXPECT_EQ(deck::effective(again), effective) << "seed " << seed << ", deck\n"
                                                   << source.text();
    };
    ASSERT_EQ(misbehaviour(load, form), "") << "seed " << seed << ", deck\n" << text;
  }
  EXPECT_GT(accepted, mutations / 100) << "seed " << seed;  // some damage is harmless
  EXPECT_LT(accepted, mutations / 2) << "seed " << seed;    // and most is not
}

TEST(DeckMutation, DamagedOverridesAreTakenOrRefusedByName) {
  const std::uint64_t seed = std::random_device{}();
  RecordProperty("seed", std::to_string(seed));
  Vandal vandal(seed);
  const std::regex form(R"(^(--set .*|d\.toml:[1-9][0-9]*:[1-9][0-9]*): error: [^\n]+$)");
  const std::array<std::string, 4> overrides = {"time.end=2.5", "observe.times=[0.5, 1, 2]",
                                                "run.output=other.h5",
                                                "observe.payoffs.call={ strike = 3 }"};

  for (int i = 0; i < mutations; ++i) {
    const std::string one =
        vandal.damage(overrides[static_cast<std::size_t>(i) % overrides.size()]);
    test::SampleDeck deck;
    const auto load = [&] {
      EXPECT_EQ(deck::load(deck, {"d.toml", std::string(test::sample_text)}, {one}).file(),
                "d.toml");
    };
    ASSERT_EQ(misbehaviour(load, form), "") << "seed " << seed << ", --set " << one;
  }
}

}  // namespace

// SPDX-License-Identifier: BSD-3-Clause
/// The reference page and the terminal help.
#include <gtest/gtest.h>

#include <sstream>

#include "unit/deck/sample_deck.hpp"

namespace {
using namespace driftwood;

/// One table, with what is special in documents: long lists of choices, bars and reserved names.
struct Page {
  std::string scheme = "a";
  std::optional<double> tolerance;
  double end = 0;

  void describe(deck::Schema& s) {
    const std::vector<std::string> names = {"a", "b|c"};
    s.key("scheme", scheme, deck::one_of(names), "how it is stepped");
    s.key("tolerance", tolerance, deck::open_probability, "error per step [state]");
    s.key("end", end, deck::between(1, 1 << 20), "when it ends [time]").required();
    s.reserved("adaptive", "adaptive steps are not part of this version");
  }
};

TEST(Reference, IsAMarkdownPage) {
  Page page;

  EXPECT_EQ(deck::reference(page, "Keys of the page"), R"(# Keys of the page

A deck is a TOML file. Whole numbers are accepted where numbers are. A duration is a number of seconds or "<number> s", "<number> min" or "<number> h". A seed above 2^63 - 1 is written as a string, "0x...". A distribution is { kind = "normal", mean = 0.0, sd = 1.0 }, { kind = "lognormal", log_mean = 0.0, log_sd = 1.0 }, { kind = "uniform", low = 0.0, high = 1.0 } or { kind = "hdf5", file = "draws.h5", dataset = "/rate" }; the last is a column of numbers, of which path p takes entry p, and after the last the first again. A dataset of more dimensions has its others fixed by for example at = [-1, 0]; a relative file name starts from the folder of the deck.

## Top of the deck

| key | takes | default | meaning |
|---|---|---|---|
| `format` | whole number, 1 | `1` | version of the deck format |
| `scheme` | string, one of "a", "b\|c" | `"a"` | how it is stepped |
| `tolerance` | number, > 0 and < 1 | unset | error per step [state] |
| `end` | number, from 1 to 2^20 | required | when it ends [time] |
| `adaptive` | reserved | unset | adaptive steps are not part of this version |
)");
}

TEST(Reference, UnfoldsTablesAlternativesAndNamedTables) {
  test::SampleDeck deck;
  const std::string page = deck::reference(deck, "Sample");

  for (const char* part :
       {"\n## `[model]`\n", "| `name` | one of \"decay\", \"price\" | required | the model |",
        "\n### `[model]` with `name = \"price\"`\n\nA price.\n", "| `volatility` | number, >= 0 | ",
        "\n### `[model.limits]` with `name = \"decay\"`\n\ndX = 0 beyond them.\n",
        "\n## `[ensemble.stop]`, optional\n", "\n## `[observe.payoffs.NAME]`, optional\n",
        "| `strike` | number, > 0 | `1.0` | strike [price] |"}) {
    EXPECT_NE(page.find(part), std::string::npos) << part << "\nis not in\n" << page;
  }
}

TEST(Help, IsReadableInATerminal) {
  Page page;

  EXPECT_EQ(
      deck::help(page),
      R"(A deck is a TOML file. Whole numbers are accepted where numbers are. A duration is a number of
seconds or "<number> s", "<number> min" or "<number> h". A seed above 2^63 - 1 is written as a
string, "0x...". A distribution is { kind = "normal", mean = 0.0, sd = 1.0 }, { kind = "lognormal",
log_mean = 0.0, log_sd = 1.0 }, { kind = "uniform", low = 0.0, high = 1.0 } or { kind = "hdf5", file
= "draws.h5", dataset = "/rate" }; the last is a column of numbers, of which path p takes entry p,
and after the last the first again. A dataset of more dimensions has its others fixed by for example
at = [-1, 0]; a relative file name starts from the folder of the deck.

Top of the deck
  format: whole number, 1; default 1
      version of the deck format
  scheme: string, one of "a", "b|c"; default "a"
      how it is stepped
  tolerance: number, > 0 and < 1; unset
      error per step [state]
  end: number, from 1 to 2^20; required
      when it ends [time]
  adaptive: reserved
      adaptive steps are not part of this version
)");
}

TEST(Help, KeepsWithin100Columns) {
  test::SampleDeck deck;
  deck.observe.times.assign(200, 0.5);
  std::istringstream lines(deck::help(deck));

  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100U) << line;
}

}  // namespace

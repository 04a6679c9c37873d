// SPDX-License-Identifier: BSD-3-Clause
// Claim: whatever happens to a deck of sde_ensemble, loading it soon succeeds or ends in one
// UsageError that names the place; nothing else is thrown, and a deck that loads can be written out
// and loaded again to the same values.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <regex>
#include <string>
#include <vector>

#include "sde/registry.hpp"
#include "sde_ensemble_deck.hpp"

namespace {
using namespace driftwood;

constexpr std::uint64_t seed = 20240611;
constexpr int rounds = 20'000;
constexpr double patience = 2;  ///< for one deck [s]

/// Decks that use every table and most keys, besides the shipped ones.
const std::array<std::string, 3> samples = {
    R"(format = 1
[run]
output = "x.h5"
allow_nonfinite = 0.1
[model]
name = "heston"
kappa = 1.5
rho = -0.5
initial = { price = 100.0, variance = 0.02 }
[time]
scheme = "euler_maruyama"
end = 1.0
steps = 100
[ensemble]
paths = 1_000
seed = 7
precision = "single"
[observe]
every = 0.25
covariance = true
quantiles = [0.05, 0.5, 0.95]
histogram = { bins = 20, range = [0.0, 200.0] }
payoffs = { call = { kind = "call", strike = 100.0, weights = [1.0, 0.0] } }
save_paths = 4
)",
    R"([model]
name = "geometric_brownian_motion"
initial = [100.0, 50.0]
drift = [0.05, 0.0]
volatility = [0.2, 0.3]
correlation = [[1, 0.5], [0.5, 1]]
assets = ["a", "b"]
[time]
scheme = "exact"
end = 2.0
dt = 0.5
[observe]
times = [0.5, 2.0]
)",
    R"([model]
name = "double_well"
a = 2.0
initial.x = -1.0
[time]
end = 10.0
steps = 1000
)",
};

bool has_model_of(const std::string& deck) {
  const auto models = sde::models();
  return std::any_of(models.begin(), models.end(), [&](const auto& model) {
    return deck.find("[model]\nname = \"" + model.name + '"') != std::string::npos;
  });
}

/// The samples, and the decks in inputs/, of models that this build has.
std::vector<std::string> valid_decks() {
  std::vector<std::string> decks(samples.begin(), samples.end());
  const char* source = std::getenv("DRIFTWOOD_SOURCE");
  if (source == nullptr) return decks;
  std::vector<std::filesystem::path> paths;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(source) + "/inputs/sde_ensemble")) {
    if (entry.path().extension() == ".toml") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  for (const auto& path : paths) decks.push_back(deck::read_file(path).content);
  std::erase_if(decks, [](const std::string& deck) { return !has_model_of(deck); });
  return decks;
}

std::string pick(std::mt19937_64& engine, const std::vector<std::string>& from) {
  return from[engine() % from.size()];
}

/// One stroke: a byte, a piece, a line or a number of the text is changed, lost, doubled or
/// swapped.
void strike(std::string& text, std::mt19937_64& engine) {
  const std::size_t at = engine() % text.size();
  const std::size_t length = 1 + engine() % 20;
  switch (engine() % 6) {
    case 0:
      text[at] = static_cast<char>(engine() % 256);
      return;
    case 1:
      text.erase(at, length);
      return;
    case 2:
      text.insert(at, text.substr(engine() % text.size(), length));
      return;
    case 3: {  // a number becomes absurd
      const std::size_t digit = text.find_first_of("0123456789", at);
      if (digit == std::string::npos) return;
      text.replace(
          digit, 1,
          pick(engine, {"-1", "1e400", "9223372036854775807", "nan", "inf", "0", "\"1\""}));
      return;
    }
    case 4: {  // a value becomes one of another type
      const std::size_t equals = text.find("= ", at);
      const std::size_t end = text.find('\n', equals);
      if (end == std::string::npos) return;
      text.replace(equals + 2, end - equals - 2,
                   pick(engine, {"true", "[]", "[[1]]", "{}", "\"\"", "-0.0", "1979-05-27", "3"}));
      return;
    }
    default: {  // a line moves to another place
      const std::size_t begin = text.rfind('\n', at);
      const std::size_t end = text.find('\n', at);
      if (begin == std::string::npos || end == std::string::npos) return;
      const std::string line = text.substr(begin, end - begin);
      text.erase(begin, end - begin);
      text.insert(engine() % (text.size() + 1), line);
    }
  }
}

/// Loads as the driver does. Empty, or the message of the error.
std::string load(sde_ensemble::Deck& deck, const std::string& text) {
  try {
    const auto source = deck::load(deck, {"deck.toml", text});
    deck.validate(source);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(Decks, DamageEndsInOneErrorWithAPlaceOrInADeckThatHolds) {
  const std::regex place(R"(deck\.toml:\d+:\d+: error: [^\n]+)");
  const std::vector<std::string> decks = valid_decks();
  for (const std::string& text : decks) {
    sde_ensemble::Deck deck;
    ASSERT_EQ(load(deck, text), "");
  }
  int accepted = 0;
  for (int round = 0; round < rounds; ++round) {
    std::mt19937_64 engine(seed + static_cast<std::uint64_t>(round));
    std::string text = decks[engine() % decks.size()];
    for (std::uint64_t stroke = 0; stroke < 1 + engine() % 3 && !text.empty(); ++stroke) {
      strike(text, engine);
    }
    SCOPED_TRACE("seed " + std::to_string(seed + static_cast<std::uint64_t>(round)) + ":\n" + text);
    sde_ensemble::Deck deck;
    std::string error;
    const auto start = std::chrono::steady_clock::now();
    ASSERT_NO_THROW(error = load(deck, text));
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    ASSERT_LT(taken.count(), patience);
    if (!error.empty()) {
      ASSERT_TRUE(std::regex_match(error, place)) << error;
      continue;
    }
    ++accepted;
    const std::string effective = deck::effective(deck);
    sde_ensemble::Deck again;
    ASSERT_EQ(load(again, effective), "");
    ASSERT_EQ(deck::effective(again), effective);
    ASSERT_FALSE(deck.observe.steps(deck.time).empty());
  }
  RecordProperty("accepted", accepted);
  EXPECT_GT(accepted, rounds / 50);
  EXPECT_LT(accepted, rounds);
}
}  // namespace

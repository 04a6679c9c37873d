// SPDX-License-Identifier: BSD-3-Clause
#include "sde/fields/reaction_network.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/error.hpp"
#include "sde/reaction_equation.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::sde;

TEST(ReactionEquation, ReadsBothSides) {
  const auto r = parse_reaction(" 2 A + B->3C ");
  EXPECT_EQ(r.reactants, (std::map<std::string, int>{{"A", 2}, {"B", 1}}));
  EXPECT_EQ(r.products, (std::map<std::string, int>{{"C", 3}}));
  EXPECT_EQ(parse_reaction("A + A -> ").reactants.at("A"), 2);
  EXPECT_TRUE(parse_reaction("A -> 0").products.empty());
  EXPECT_TRUE(parse_reaction("-> A").reactants.empty());
}

TEST(ReactionEquation, SaysWhatIsWrong) {
  const auto problem = [](const char* text) {
    try {
      static_cast<void>(parse_reaction(text));
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("nothing");
  };
  EXPECT_TRUE(problem("A + B").starts_with("'A + B' is not a reaction"));
  EXPECT_TRUE(problem("A -> B -> C").starts_with("'A -> B -> C' is not a reaction"));
  EXPECT_TRUE(problem("A + -> B").starts_with("a term is empty"));
  EXPECT_TRUE(problem("A * B -> C").starts_with("'A * B' is not a species"));
  EXPECT_TRUE(problem("12 A -> B").starts_with("'12 A' counts 12"));
  EXPECT_TRUE(problem("0 A -> B").starts_with("'0 A' counts 0"));
}

/// Two species, three reactions: 2 A -> B at rate 3 A^2, B -> at 0.5 B, and -> A at
/// 0.1 + 2 (4 A)^2 / ((4 A)^2 + (5 B)^2 + 1).
struct Sample {
  std::vector<double> change = {-2, 0, 1, 1, -1, 0};
  std::vector<double> rows = {0, 0, 0, 2, 0, 0, 0, 0, 0,  //
                              0, 0, 0, 0, 1, 0, 0, 0, 0,  //
                              2, 2, 1, 0, 0, 4, 0, 0, 5};
  std::vector<double> parameters = {3, 0.5, 0.1, 0.2};
  ReactionNetwork<> field{2, 3, change.data(), rows.data(), 4, parameters.data()};
};

TEST(ReactionNetwork, RatesAreMassActionAndHill) {
  const Sample sample;
  alignas(64) std::byte memory[4096];
  Arena arena{memory, sizeof(memory)};
  Block<double> x = take<double>(Block<double>{nullptr, 0, &arena}, 2);
  x[0] = 0.5;
  x[1] = 0.3;
  const auto a = sample.field.rates(x);
  EXPECT_DOUBLE_EQ(a[0], 3 * 0.25);
  EXPECT_DOUBLE_EQ(a[1], 0.5 * 0.3);
  EXPECT_DOUBLE_EQ(a[2], 0.1 + 2 * 4.0 / (4.0 + 2.25 + 1));
  const auto f = sample.field.drift(0, x);
  EXPECT_DOUBLE_EQ(f[0], -2 * a[0] + a[2]);
  EXPECT_DOUBLE_EQ(f[1], a[0] - a[1]);
  const auto g = sample.field.diffusion(0, x);
  EXPECT_DOUBLE_EQ(entry(g, 0, 0), -2 * 0.2 * std::sqrt(a[0]));
  EXPECT_EQ(entry(g, 1, 2), 0);
  // A species below zero counts as zero, and is not lost.
  x[1] = -0.1;
  EXPECT_EQ(sample.field.rates(x)[1], 0);
}
}  // namespace

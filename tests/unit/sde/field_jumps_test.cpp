// SPDX-License-Identifier: BSD-3-Clause
// Jumps of programs are found; kinks, poles and steep places are none.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "formula/parse.hpp"
#include "sde/gradient/jumps.hpp"

namespace driftwood::sde {
namespace {

std::optional<Jump> jump_of(const std::vector<std::string>& texts,
                            const std::vector<double>& centre = {1, 0.04}) {
  formula::Scope scope;
  scope.add_varying("x");
  scope.add_varying("v");
  scope.add_fixed("k");
  formula::Graph graph(scope);
  std::vector<int> outputs;
  for (const std::string& text : texts) outputs.push_back(graph.add(formula::parse(text, scope)));
  return find_jump({graph, outputs, formula::Keep::all}, centre, {0.5}, 2.0);
}

TEST(FieldJumps, AreFound) {
  struct Case {
    std::string text;
    double height;
  };
  for (const Case& c :
       {Case{"step(x - k)", 1}, Case{"k*v/abs(v)", 1}, Case{"0.5*(1 + (x - 0.2)/abs(x - 0.2))", 1},
        Case{"exp(x)*0 + 3*step(v)", 3}, Case{"max(v, 0)/v", 1}, Case{"t + step(v - 0.01)", 1}}) {
    const auto found = jump_of({"x", c.text});
    ASSERT_TRUE(found) << c.text;
    EXPECT_EQ(found->output, 1) << c.text;
    EXPECT_NEAR(found->height, c.height, 1e-6) << c.text;
  }
  // At prices of 100, too, where the jump is elsewhere than at the start.
  const auto found = jump_of({"x*step(x - 120)"}, {100, 0.04});
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->at[0], 120, 1e-6);
}

TEST(FieldJumps, AreNotSeenInKinksPolesAndSteepPlaces) {
  for (const std::string text :
       {"max(x - k, 0)", "min(x, v)", "abs(v)", "sqrt(max(v, 0))", "x*sqrt(max(v, 0))", "sqrt(v)",
        "1/v", "1/abs(v)", "log(abs(x))", "sigmoid((x - k)/1e-4)", "v*abs(v)", "max(v, 0)^2",
        "step(t - 1)", "step(k)*x", "max(x, 0)*max(v, 0)", "x*x/(1 + abs(x))"}) {
    EXPECT_FALSE(jump_of({text})) << text;
    EXPECT_FALSE(jump_of({text}, {100, 30})) << text;
  }
}

}  // namespace
}  // namespace driftwood::sde

// SPDX-License-Identifier: BSD-3-Clause
// Claims: which operations are left after folding, identities and common sub-expressions, and what
// the analysis of formulas says.
#include "formula/graph.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "support/formulas.hpp"

namespace {
using namespace driftwood::formula;
using driftwood::formula::testing::Compiled;
using Texts = std::vector<std::string>;

/// Instructions per path and per evaluation.
std::pair<int, int> operations(const Texts& texts) {
  const Tape tape = Compiled(texts).tape();
  return {tape.prologue, tape.size - tape.prologue};
}
using Counts = std::pair<int, int>;

TEST(Graph, FoldsConstants) {
  EXPECT_EQ(operations({"2*3 + sin(0.5)"}), Counts(0, 0));
  EXPECT_EQ(operations({"x*(2*3)"}), Counts(0, 1));
  EXPECT_EQ(Compiled({"1 + 2*3 - 2^3/4"}).values<double>(0, {0, 0, 0}, {0, 0})[0], 5.0);
}

TEST(Graph, AppliesIdentities) {
  for (const char* same : {"x + 0", "0 + x", "x - 0", "x*1", "1*x", "x/1", "-(-x)", "x^1", "+x",
                           "x + 0*y", "x - (1 - 1)"}) {
    EXPECT_EQ(operations({same}), Counts(0, 0)) << same;
    EXPECT_EQ(Compiled({same}).values<double>(0, {7, 8, 9}, {0, 0})[0], 7.0) << same;
  }
  EXPECT_EQ(operations({"x - x"}), Counts(0, 1));  // not zero where x is not finite
  EXPECT_EQ(operations({"x/y*0 + 0"}), Counts(0, 0));
  EXPECT_EQ(Compiled({"x/4"}).graph().vertices().back().op, Op::multiply);
  EXPECT_EQ(Compiled({"x/3"}).graph().vertices().back().op, Op::divide);
}

TEST(Graph, RoundsSumsWithProductsOnce) {
  const auto last = [](const char* text) { return Compiled({text}).graph().vertices().back().op; };
  EXPECT_EQ(last("x*y + z"), Op::multiply_add);
  EXPECT_EQ(last("z + x*y"), Op::multiply_add);
  EXPECT_EQ(last("x*y - z"), Op::multiply_subtract);
  EXPECT_EQ(last("z - x*y"), Op::subtract_product);
  EXPECT_EQ(last("-(x*y) + z"), Op::subtract_product);
  EXPECT_EQ(last("x^2 + z"), Op::multiply_add);
  EXPECT_EQ(last("-x + z"), Op::subtract);
  EXPECT_EQ(operations({"x*y + z*t"}), Counts(0, 2));
}

TEST(Graph, SharesCommonSubexpressions) {
  EXPECT_EQ(operations({"sin(x*y)", "sin(y*x) + 1", "2*sin(x*y)"}), Counts(0, 4));
  EXPECT_EQ(operations({"x + y", "y + x"}), Counts(0, 1));
  EXPECT_EQ(operations({"x^2", "x*x", "x^4"}), Counts(0, 2));
  EXPECT_EQ(operations({"min(x, y)", "min(y, x)"}), Counts(0, 2));  // ties differ
}

TEST(Graph, WholePowersAreSquarings) {
  EXPECT_EQ(operations({"x^0"}), Counts(0, 0));
  EXPECT_EQ(operations({"x^2"}), Counts(0, 1));
  EXPECT_EQ(operations({"x^3"}), Counts(0, 2));
  EXPECT_EQ(operations({"x^16"}), Counts(0, 4));
  EXPECT_EQ(operations({"x^-2"}), Counts(0, 2));
  EXPECT_LE(operations({"x^2147483647"}).second, 60);
}

TEST(Graph, MovesWhatAPathKeepsIntoThePrologue) {
  EXPECT_EQ(operations({"a*b*x"}), Counts(1, 1));
  EXPECT_EQ(operations({"sqrt(1 - a^2)*x"}), Counts(2, 1));
  EXPECT_EQ(operations({"exp(-a)", "a*b"}), Counts(3, 0));
  EXPECT_EQ(operations({"a*t"}), Counts(0, 1));
}

TEST(Graph, UsesFewRegisters) {
  EXPECT_EQ(Compiled({"((x + 1)*(x + 2))^3*(x + 3)"}).tape().registers, 2);
  std::string sum = "sin(x)";
  for (int i = 2; i < 60; ++i) sum += " + sin(" + std::to_string(i) + "*x)";
  EXPECT_EQ(Compiled({sum}).tape().registers, 2);
  EXPECT_GE(Compiled({sum}, Keep::all).tape().registers, 170);
}

TEST(Graph, KnowsWhatAFormulaDependsOn) {
  const Graph graph = Compiled({"a*x + 0*y", "0*x", "t - 1", "b - b*z"}).graph();

  EXPECT_EQ(graph.dependence(0).varying, (std::vector<bool>{true, false, false}));
  EXPECT_EQ(graph.dependence(0).fixed, (std::vector<bool>{true, false}));
  EXPECT_FALSE(graph.dependence(0).time);
  EXPECT_TRUE(graph.is_zero(1));
  EXPECT_FALSE(graph.is_zero(0));
  EXPECT_TRUE(graph.dependence(2).time);
  EXPECT_EQ(graph.dependence(3).varying, (std::vector<bool>{false, false, true}));
}

TEST(Graph, KeepsEachTableOnce) {
  const Graph graph = Compiled({"table('bends.csv', x)", "table('ramp.csv', x)",
                                "table('bends again.csv', x) + table('ramp.csv', y)"})
                          .graph();
  EXPECT_EQ(graph.tables().size(), 2U);
  EXPECT_EQ(operations({"table('ramp.csv', x) + table(\"ramp.csv\", x)"}), Counts(0, 2));
  EXPECT_EQ(operations({"table('ramp.csv', x) + table('bends.csv', x)"}), Counts(0, 3));
  EXPECT_EQ(operations({"table('ramp.csv', a)*x"}), Counts(1, 1));
  EXPECT_EQ(operations({"table('ramp.csv', 0.25)*x"}), Counts(0, 1));
  EXPECT_EQ(operations({"table('ramp.csv', -1)*x"}), Counts(0, 0));
}

TEST(Graph, OrdersTablesByTheirPoints) {
  // As the order of operands, and with it tangents, must not depend on which file was first.
  const auto product = [](const Texts& texts) {
    const Compiled compiled(texts);
    const Graph& graph = compiled.graph();
    const Vertex& root = graph.vertices()[static_cast<std::size_t>(graph.root(1))];
    const auto first = static_cast<std::size_t>(root.operand[0]);
    return graph.tables()[static_cast<std::size_t>(graph.vertices()[first].index)]->x.size();
  };
  const std::string both = "table('ramp.csv', x)*table('bends.csv', x)";
  EXPECT_EQ(product({"table('bends.csv', y)", both}), product({"table('ramp.csv', y)", both}));
}

TEST(Program, HoldsTheTablesThatItNeeds) {
  const Graph graph = Compiled({"table('bends.csv', x)", "table('ramp.csv', x)"}).graph();

  EXPECT_EQ(Program(graph, {1}).points(), (std::vector<double>{0, 0.5, 1, 2}));
  EXPECT_EQ(Program(graph, {0, 1}).tables().size(), 2U);
  EXPECT_TRUE(Program(graph, {}).points().empty());
}

TEST(Program, TakesSomeFormulasOfAGraph) {
  const Graph graph = Compiled({"sin(x)", "x*y", "cos(z)"}).graph();
  const Program program(graph, {1});

  EXPECT_EQ(program.tape().size, 1);
  EXPECT_EQ(program.tape().outputs, 1);
}
}  // namespace

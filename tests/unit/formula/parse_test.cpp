// SPDX-License-Identifier: BSD-3-Clause
// Claims: what binds how, and the exact text and column of every error.
#include "formula/parse.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "support/formulas.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::formula;

/// "COLUMN: PROBLEM (WHY); SUGGESTION"
std::string error_of(const std::string& text) {
  try {
    const Scope scope = formula::testing::scope();
    Graph(scope).add(parse(text, scope));
  } catch (const Problem& p) {
    return std::to_string(place_of(text, p.offset).column) + ": " +
           Error::compose(p.problem, p.why, p.suggestion);
  }
  return "none";
}

/// With all parentheses.
std::string written(const Expression& e, int i) {
  const Node& n = e.nodes[static_cast<std::size_t>(i)];
  switch (n.op) {
    case Op::number:
      return n.number == static_cast<int>(n.number) ? std::to_string(static_cast<int>(n.number))
                                                    : "#";
    case Op::time:
      return "t";
    case Op::varying:
      return std::string(1, "xyz"[n.index]);
    case Op::fixed:
      return std::string(1, "ab"[n.index]);
    case Op::negate:
      return "(-" + written(e, n.a) + ")";
    case Op::whole_power:
      return "(" + written(e, n.a) + "^" + std::to_string(n.index) + ")";
    default:
      break;
  }
  const std::string_view name = name_of(n.op);
  const std::string b = n.b < 0 ? "" : written(e, n.b);
  if (!name.empty() && n.op != Op::power) {
    return std::string(name) + "(" + written(e, n.a) + (b.empty() ? "" : ",") + b + ")";
  }
  const char symbol = n.op == Op::add        ? '+'
                      : n.op == Op::subtract ? '-'
                      : n.op == Op::multiply ? '*'
                      : n.op == Op::divide   ? '/'
                                             : '^';
  return "(" + written(e, n.a) + symbol + b + ")";
}
std::string tree(const std::string& text) {
  const Expression e = parse(text, formula::testing::scope());
  return written(e, static_cast<int>(e.nodes.size()) - 1);
}

struct Case {
  const char* formula;
  const char* expected;
};

TEST(Parse, BindsAsDocumented) {
  const Case cases[] = {
      {"x+y*z", "(x+(y*z))"},
      {"x-y-z", "((x-y)-z)"},
      {"x/y/z", "((x/y)/z)"},
      {"x/y*z", "((x/y)*z)"},
      {"-x^2", "(-(x^2))"},
      {"-x*y", "((-x)*y)"},
      {"x*-y", "(x*(-y))"},
      {"--x", "(-(-x))"},
      {"+x", "x"},
      {"x^y^z", "(x^(y^z))"},
      {"x^-y", "(x^(-y))"},
      {"2^-x^2", "(2^(-(x^2)))"},
      {"x^2", "(x^2)"},
      {"x^-2", "(x^-2)"},
      {"x^(-2)", "(x^-2)"},
      {"x^2.0", "(x^2)"},  // shown alike, but no whole power: see below
      {"(x+y)^3*z", "(((x+y)^3)*z)"},
      {"pow(x, 3)", "(x^3)"},
      {"pow(x, y)", "(x^y)"},
      {"min(x, max(y, 2))", "min(x,max(y,2))"},
      {"sin (x) + step( -x )", "(sin(x)+step((-x)))"},
      {" x\n +\ty ", "(x+y)"},
      {"a*t + b", "((a*t)+b)"},
      {"1_000 + 007", "(1000+7)"},
      {"2e3*x", "(2000*x)"},
      {"1.5E-3", "#"},
      {"sigmoid(x)/pi", "(sigmoid(x)/#)"},
      {"table('ramp.csv', t + x)*2", "(table((t+x))*2)"},
      {"table( \"ramp.csv\" ,x)^2", "(table(x)^2)"},
  };
  for (const Case& c : cases) EXPECT_EQ(tree(c.formula), c.expected) << c.formula;
}

TEST(Parse, OnlyLiteralsOfWholeNumbersAreWholeExponents) {
  const auto last = [](const char* text) {
    return parse(text, formula::testing::scope()).nodes.back().op;
  };
  EXPECT_EQ(last("x^2"), Op::whole_power);
  EXPECT_EQ(last("x^-(2)"), Op::whole_power);
  EXPECT_EQ(last("x^2.0"), Op::power);
  EXPECT_EQ(last("x^1e1"), Op::power);
  EXPECT_EQ(last("x^(1+1)"), Op::power);
  EXPECT_EQ(last("pow(x, 2.5)"), Op::power);
}

TEST(Parse, NodesKnowWhereTheyStand) {
  const Expression e = parse("x + sin(2*y)", formula::testing::scope());
  std::vector<std::uint32_t> at;
  for (const Node& node : e.nodes) at.push_back(node.at);
  EXPECT_EQ(at, (std::vector<std::uint32_t>{0, 8, 10, 9, 4, 2}));
}

TEST(Parse, SaysWhatIsWrongAndWhere) {
  const Case cases[] = {
      {"", "1: the formula is empty; write 0 where it is zero"},
      {" \n ", "1: the formula is empty; write 0 where it is zero"},
      {"x + yy", "5: unknown name 'yy' (there are: x, y, z, a, b, t, pi); did you mean 'y'?"},
      {"sigma*x", "1: unknown name 'sigma' (there are: x, y, z, a, b, t, pi)"},
      {"x + e", "5: unknown name 'e'; write exp(1), or exp(x) for its powers"},
      {"x*w",
       "3: 'w' cannot be used here (it is a noise); noises act through 'diffusion': write there "
       "what multiplies them"},
      {"initial", "1: unknown name 'initial' (there are: x, y, z, a, b, t, pi)"},
      {"sqr(x)",
       "1: unknown function 'sqr' (there are: abs, sqrt, exp, log, log1p, expm1, sin, cos, tan, "
       "sinh, cosh, tanh, atan, sigmoid, pow, min, max, step, table); did you mean 'sqrt'?"},
      {"ln(x)",
       "1: unknown function 'ln' (there are: abs, sqrt, exp, log, log1p, expm1, sin, cos, tan, "
       "sinh, cosh, tanh, atan, sigmoid, pow, min, max, step, table); did you mean 'log'?"},
      {"(x + y", "7: a parenthesis is not closed (it opens at character 1 of the formula); add )"},
      {"x*(sin(y)",
       "10: a parenthesis is not closed (it opens at character 3 of the formula); add )"},
      {"x\n*(y", "4: a parenthesis is not closed (it opens at character 4 of the formula); add )"},
      {"x + y)", "6: this parenthesis closes none; remove it, or add ("},
      {"x +", "4: an operand is missing (after '+')"},
      {"* x", "1: an operand is missing (before '*')"},
      {"x + * y", "5: an operand is missing (between '+' and '*')"},
      {"()", "2: an operand is missing (between '(' and ')')"},
      {"max(x,)", "7: an operand is missing (between ',' and ')')"},
      {"-", "2: an operand is missing (after '-')"},
      {"sin x", "1: 'sin' is a function (its argument stands in parentheses); write sin(x)"},
      {"max", "1: 'max' is a function (its argument stands in parentheses); write max(a, b)"},
      {"sin()", "1: sin takes 1 argument (it has 0); write sin(x)"},
      {"sin(x, y)", "1: sin takes 1 argument (it has 2); write sin(x)"},
      {"pow(x)", "1: pow takes 2 arguments (it has 1); write pow(a, b)"},
      {"max(x, y, z)", "1: max takes 2 arguments (it has 3); write max(a, max(b, c))"},
      {"2x", "2: an operator is missing between '2' and 'x'; for a product write 2*x"},
      {"x y", "3: an operator is missing between 'x' and 'y'; for a product write x*y"},
      {"2(x)", "2: an operator is missing between '2' and '('; for a product write * there"},
      {"(x)(y)", "4: an operator is missing between ')' and '('; for a product write * there"},
      {"x 2", "3: an operator is missing between 'x' and '2'; for a product write x*2"},
      {"x**2", "2: '**' is not an operator; write ^ for powers"},
      {"x = 2",
       "3: '=' is not an operator (a formula is one expression); write what is right of = alone"},
      {"x < 2",
       "3: a formula has no comparisons; write 1 - step(a - b), which is 1 where a < b and 0 "
       "elsewhere"},
      {"x >= 2",
       "3: a formula has no comparisons; write step(a - b), which is 1 where a >= b and 0 "
       "elsewhere"},
      {"x == 2",
       "3: a formula has no comparisons; write step(a - b)*step(b - a), which is 1 where a = b"},
      {"x \xe2\x88\x92 y",
       "3: '\xe2\x88\x92' cannot stand in a formula (formulas are written in ASCII); write -"},
      {"\xcf\x83*x", "1: '\xcf\x83' cannot stand in a formula (formulas are written in ASCII)"},
      {"\xff", "1: '\xff' cannot stand in a formula (formulas are written in ASCII)"},
      {"x + 'y'", "5: a text cannot stand here (only the file name of a table is one)"},
      {"tabel('ramp.csv', x)",
       "1: unknown function 'tabel' (there are: abs, sqrt, exp, log, log1p, expm1, sin, cos, tan, "
       "sinh, cosh, tanh, atan, sigmoid, pow, min, max, step, table); did you mean 'table'?"},
      {"table",
       "1: 'table' is a function (its argument stands in parentheses); write table('file.csv', x)"},
      {"table()", "1: table takes 2 arguments (it has 0); write table('file.csv', x)"},
      {"table('ramp.csv')", "1: table takes 2 arguments (it has 1); write table('file.csv', x)"},
      {"table('ramp.csv', x, y)",
       "1: table takes 2 arguments (it has 3); write table('file.csv', x)"},
      {"table('ramp.csv',)", "18: an operand is missing (between ',' and ')')"},
      {"table('ramp.csv', x",
       "20: a parenthesis is not closed (it opens at character 6 of the formula); add )"},
      {"table(ramp.csv, x)", "7: the file name of a table stands in quotes; write 'ramp.csv'"},
      {"table(x, 'ramp.csv')",
       "7: the file name of a table stands in quotes; write table('file.csv', x)"},
      {"table(", "7: the file name of a table stands in quotes; write table('file.csv', x)"},
      {"table('ramp.csv, x)", "7: the quote of the file name is not closed; add ' after the name"},
      {"table(\"ramp.csv', x)",
       "7: the quote of the file name is not closed; add \" after the name"},
      {"table('ramp\n.csv', x)",
       "7: the quote of the file name is not closed; add ' after the name"},
      {"table('', x)", "7: the file name is empty; write table('file.csv', x)"},
      {"table('ramp.csv' x)", "18: a comma is missing between 'ramp.csv' and 'x'"},
      {"x + table( 'tramp.csv', x)", "12: the table cannot be read (there is no file 'tramp.csv')"},
      {"(table('r\xc3\xa4mp.csv', (x",
       "22: a parenthesis is not closed (it opens at character 20 of the formula); add )"},
      {"x % 2", "3: '%' cannot stand here (operators are + - * / ^)"},
      {"x\x01", "2: character 1 cannot stand here (operators are + - * / ^)"},
      {"1,5*x",
       "2: a comma cannot stand here (commas are between arguments of functions); write decimals "
       "with a point"},
      {"(x, y)", "3: a comma cannot stand here (commas are between arguments of functions)"},
      {".5", "1: digits are missing before the point; write 0.5"},
      {"5.*x", "2: digits are missing after the point; write 5.0"},
      {"1e999", "1: 1e999 is beyond the range of double precision"},
      {"1e-999", "1: 1e-999 is beyond the range of double precision"},
      {"x^3000000000", "3: the exponent is too large (whole exponents go up to 2147483647)"},
      {"1/0", "2: 1/0 is not a finite number"},
      {"x + log(-1)", "5: log(-1) is not a finite number"},
      {"x + log(2 - 3)*0", "5: log(-1) is not a finite number"},
      {"sqrt(-4)*x", "1: sqrt(-4) is not a finite number"},
      {"0^-1", "2: 0^(-1) is not a finite number"},
      {"10^400", "3: 10^400 is not a finite number"},
      {"1e200*1e200", "6: 1e+200*1e+200 is not a finite number"},
      {"(-2)^0.5",
       "5: (-2) has no such power (powers other than whole numbers written as such need a positive "
       "base)"},
      {"(-2)^x",
       "5: (-2) has no such power (powers other than whole numbers written as such need a positive "
       "base)"},
  };
  for (const Case& c : cases) EXPECT_EQ(error_of(c.formula), c.expected) << c.formula;
}

/// What a message suggests: all behind its last semicolon.
std::string hint_of(const std::string& formula) {
  const std::string error = error_of(formula);
  const std::size_t semicolon = error.rfind("; ");
  return semicolon == std::string::npos ? "" : error.substr(semicolon + 2);
}

TEST(Parse, SaysHowToWriteWhatOtherProgramsHave) {
  const Case cases[] = {
      {"log10(x)", "write log(x)/log(10)"},
      {"log2(x)", "write log(x)/log(2)"},
      {"log(x, 10)", "write log(x)/log(b) for the logarithm to the base b"},
      {"sign(x)", "write 2*step(x) - 1"},
      {"atan2(y, x)", "write atan(y/x), for x > 0"},
      {"atan(y, x)", "write atan(y/x), for x > 0"},
      {"arcsin(x)", "write atan(x/sqrt(1 - x^2))"},
      {"clip(x, 0, 1)", "write min(max(x, low), high)"},
      {"where(x > 0, y, z)",
       "write b + (a - b)*step(x - c), which is a where x >= c and b elsewhere"},
      {"max(x)", "write its argument alone"},
      {"np.exp(x)", "write exp"},
      {"2*math.pi*x", "write pi"},
      {"std::log(x)", "write log"},
      {"np.linalg.norm(x)", ""},
      {"np.log10(x)", "write log(x)/log(10)"},
      {"np.maximum(x, y)", "write max"},
      {"np.random.normal(0, 1)",
       "noises act through 'diffusion': write there what multiplies them"},
      {"time*x", "write t"},
      {"x*dt", "a drift is per unit of time: leave dt out"},
      {"x + a*dW", "noises act through 'diffusion': write there what multiplies them"},
      {"x + a*dW_1", "noises act through 'diffusion': write there what multiplies them"},
      {"a*randn()", "noises act through 'diffusion': write there what multiplies them"},
      {"x!", "write the value, such as 6 for 3!"},
      {"(x + 1)!", "write the value, such as 6 for 3!"},
      {"x if y > 0 else z",
       "write b + (a - b)*step(x - c), which is a where x >= c and b elsewhere"},
      {"if(x, y, z)", "write b + (a - b)*step(x - c), which is a where x >= c and b elsewhere"},
      {"x ? y : z", "write b + (a - b)*step(x - c), which is a where x >= c and b elsewhere"},
      {"x && y", "write step(a)*step(b), which is 1 where a >= 0 and b >= 0"},
      {"x and y", "write step(a)*step(b), which is 1 where a >= 0 and b >= 0"},
      {"x || y", "write max(step(a), step(b)), which is 1 where a >= 0 or b >= 0"},
      {"x or y", "write max(step(a), step(b)), which is 1 where a >= 0 or b >= 0"},
      {"!x", "write 1 - step(a), which is 1 where a < 0"},
      {"not x", "write 1 - step(a), which is 1 where a < 0"},
      {"|x|", "write abs(x) for |x|"},
      {"2*|x|", "write abs(x) for |x|"},
      {"x > y", "write 1 - step(b - a), which is 1 where a > b and 0 elsewhere"},
      {"x <= y", "write step(b - a), which is 1 where a <= b and 0 elsewhere"},
      {"x != y", "write 1 - step(a - b)*step(b - a), which is 0 where a = b"},
      {"x(t)*y", "components are at the time t already: write x"},
      {"x[0]", "components are called by their names, without indices"},
      {"[x + y]*2", "parentheses are ( and )"},
  };
  for (const Case& c : cases) EXPECT_EQ(hint_of(c.formula), c.expected) << c.formula;
}

TEST(Parse, NamesWithPrefixesAreQuotedWhole) {
  EXPECT_EQ(error_of("x + np.exp(y)"),
            "5: 'np.exp' is not a name (functions have no prefix); write exp");
  EXPECT_EQ(error_of("std::numbers::pi"),
            "1: 'std::numbers::pi' is not a name (functions have no prefix); write pi");
}

TEST(Parse, WordsOfOtherProgramsMayBeNames) {
  Scope scope;
  for (const char* name : {"time", "dt", "dW", "e", "sign"}) scope.add_fixed(name);
  EXPECT_EQ(parse("time + dt + dW + e + sign", scope).nodes.size(), 9U);
}

TEST(Parse, HasNoTablesUnlessTheScopeOpensThem) {
  Scope scope;
  scope.add_varying("x");
  try {
    static_cast<void>(parse("x + table('ramp.csv', x)", scope));
    FAIL();
  } catch (const Problem& p) {
    EXPECT_EQ(p.problem, "tables cannot be used here");
    EXPECT_EQ(p.offset, 10U);
  }
}

TEST(Parse, PointsToTheParenthesisThatIsOpen) {
  try {
    static_cast<void>(parse("x*(y", formula::testing::scope()));
    FAIL();
  } catch (const Problem& p) {
    EXPECT_EQ(p.opened, 2U);
    EXPECT_EQ(p.offset, 4U);
  }
}

std::string repeated(const std::string& text, int n) {
  std::string out;
  for (int i = 0; i < n; ++i) out += text;
  return out;
}

TEST(Parse, NestingHasALimit) {
  const std::string deep =
      ": the formula is nested deeper than 200; write it with fewer "
      "parentheses, signs and powers";
  EXPECT_EQ(error_of(repeated("(", 200) + "x" + repeated(")", 200)), "none");
  EXPECT_EQ(error_of(repeated("(", 201) + "x" + repeated(")", 201)), "201" + deep);
  EXPECT_EQ(error_of(repeated("(", 60000)), "201" + deep);
  EXPECT_EQ(error_of(repeated("-", 60000) + "x"), "201" + deep);
  EXPECT_EQ(error_of(repeated("x^", 30000) + "x"), "402" + deep);
  EXPECT_EQ(error_of(repeated("sin(", 10000)), "804" + deep);
}

TEST(Parse, LengthHasALimitButSumsMayBeLong) {
  const std::string sum = "x" + repeated("+x", 32767);
  EXPECT_EQ(error_of(sum), "none");
  EXPECT_EQ(error_of(sum + " *2"),
            "65537: the formula is longer than 65536 bytes (it has 65538); split it");
}
}  // namespace

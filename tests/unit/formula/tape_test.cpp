// SPDX-License-Identifier: BSD-3-Clause
// Claims: values by hand, kinks and domain errors as documented, and derivatives at kinks alike by
// dual numbers and by the reverse sweep.
#include "formula/tape.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "support/formulas.hpp"

namespace {
using namespace driftwood;
using driftwood::formula::Keep;
using driftwood::formula::testing::Compiled;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

double value(const std::string& text, double x, double y = 0) {
  return Compiled({text}).values<double>(0.25, {x, y, 3}, {0.5, 2})[0];
}

TEST(Tape, ValuesByHand) {
  EXPECT_EQ(value("a*x + b", 4), 4.0);
  EXPECT_EQ(value("-x^2", 3), -9.0);
  EXPECT_DOUBLE_EQ(value("2^3^2", 0), 512.0);
  EXPECT_EQ(value("x^3", -2), -8.0);
  EXPECT_EQ(value("x^-2", -2), 0.25);
  EXPECT_EQ(value("x^0", nan), 1.0);
  EXPECT_EQ(value("t*z", 0), 0.75);
  EXPECT_DOUBLE_EQ(value("sin(pi/6)", 0), 0.5);
  EXPECT_DOUBLE_EQ(value("x^0.5", 2), std::numbers::sqrt2);
  EXPECT_DOUBLE_EQ(value("pow(x, y)", 2, -1.5), std::pow(2, -1.5));
  EXPECT_EQ(value("x", 5), 5.0);
  EXPECT_EQ(value("a", 5), 0.5);
  EXPECT_EQ(value("3.5", 5), 3.5);
}

TEST(Tape, KinksAndDomains) {
  EXPECT_EQ(value("step(x)", 0), 1.0);
  EXPECT_EQ(value("step(x)", -1e-300), 0.0);
  EXPECT_TRUE(std::isnan(value("step(x)", nan)));
  EXPECT_TRUE(std::isnan(value("max(x, 0)", nan)));
  EXPECT_TRUE(std::isnan(value("max(0, x)", nan)));
  EXPECT_TRUE(std::isnan(value("min(x, 0)", nan)));
  EXPECT_TRUE(std::isnan(value("min(0, x)", nan)));
  EXPECT_TRUE(std::isnan(value("log(x)", -1)));
  EXPECT_TRUE(std::isnan(value("sqrt(x)", -1)));
  EXPECT_TRUE(std::isnan(value("x^2.0", -1)));  // no whole number as written
  EXPECT_FALSE(std::isfinite(value("1/x", 0)));
}

TEST(Tape, TablesAreLinearBetweenPointsAndConstantOutside) {
  for (const std::string argument : {"x", "(x*1.0)", "(0.5*x + a*x)"}) {
    const std::string table = "table('bends.csv', " + argument + ")";
    EXPECT_EQ(value(table, -1e300), 0.25);
    EXPECT_EQ(value(table, -1), 0.25);
    EXPECT_EQ(value(table, -0.5), 0.875);
    EXPECT_EQ(value(table, 0), 1.5);
    EXPECT_EQ(value(table, 0.25), 0.5);
    EXPECT_EQ(value(table, 0.5), -0.5);
    EXPECT_DOUBLE_EQ(value(table, 1.25), 1.25);
    EXPECT_EQ(value(table, 2), 3.0);
    EXPECT_EQ(value(table, std::numeric_limits<double>::infinity()), 3.0);
    EXPECT_EQ(value(table, -std::numeric_limits<double>::infinity()), 0.25);
    EXPECT_TRUE(std::isnan(value(table, nan)));
  }
}

TEST(Tape, TablesOfTimeOfWhatAPathKeepsAndOfNumbers) {
  EXPECT_EQ(value("table('ramp.csv', t)", 0), 1.5);
  EXPECT_EQ(value("table('ramp.csv', 2*t)", 0), 2.0);
  EXPECT_EQ(value("table('ramp.csv', a/2)*x", 3), 4.5);
  EXPECT_EQ(value("table('ramp.csv', 0.25)", 0), 1.5);
  EXPECT_EQ(value("table('ramp.csv', table('bends.csv', x))", 0.25), 2.0);
}

TEST(Tape, TablesOfTimeAreLookedUpInDoublePrecision) {
  const double time = 0.375 + 1e-9;  // where the value, 1.5 - 4 t, is almost zero
  const auto found = Compiled({"table('bends.csv', t)", "table('bends.csv', x)"})
                         .values<float>(time, {static_cast<float>(time), 0, 0}, {0, 0});
  EXPECT_FLOAT_EQ(found[0], -4e-9F);
  EXPECT_EQ(found[1], 0.0F);
}

/// Derivative by x, by dual numbers and by the reverse sweep, which must agree.
double slope(const std::string& text, double x, double y = 0) {
  using D = Dual<double>;
  const double forward =
      Compiled({text}).values<D>(0.25, {D(x, 1), D(y), D(3)}, {D(0.5), D(2)})[0].tangent;
  const double reverse =
      Compiled({text}, Keep::all).gradient<double>(0.25, {x, y, 3}, {0.5, 2}, {1.0})[0];
  EXPECT_DOUBLE_EQ(forward, reverse) << text;
  return forward;
}

TEST(Tape, DerivativesAtKinks) {
  EXPECT_EQ(slope("abs(x)", 0), 0.0);
  EXPECT_EQ(slope("abs(x)", -2), -1.0);
  EXPECT_EQ(slope("max(x, y)", 0), 1.0);
  EXPECT_EQ(slope("max(y, x)", 0), 0.0);
  EXPECT_EQ(slope("min(x, y)", 0), 1.0);
  EXPECT_EQ(slope("min(y, x)", 0), 0.0);
  EXPECT_EQ(slope("max(x, 2*x)", 0), 1.0);
  EXPECT_EQ(slope("step(x)", 0), 0.0);
  EXPECT_EQ(slope("sqrt(x)", 0), 0.0);
  EXPECT_EQ(slope("table('bends.csv', x)", -1), 1.25);
  EXPECT_EQ(slope("table('bends.csv', x)", 0), -4.0);
  EXPECT_EQ(slope("table('bends.csv', x)", 2), 0.0);
  EXPECT_EQ(slope("table('bends.csv', x)", -1.5), 0.0);
  EXPECT_EQ(slope("table('bends.csv', x*x)", 0.25), -2.0);
  EXPECT_EQ(slope("table('ramp.csv', t)*x", 3), 1.5);
  EXPECT_EQ(slope("x*x", 3), 6.0);
  EXPECT_EQ(slope("x", 3), 1.0);
  EXPECT_EQ(slope("y + 1", 3), 0.0);
}

TEST(Tape, ReverseSweepOnDualNumbersGivesSecondDerivatives) {
  using D = Dual<double>;
  constexpr double step = 1e-5;
  std::vector<std::string> texts{"x^3/y",
                                 "x*sin(x)*y - z/x",
                                 "pow(x, x)",
                                 "max(x, y)*x",
                                 "-x",
                                 "table('bends.csv', x)*x^2",
                                 "table('bends.csv', sin(x))^3"};
  for (const std::string& name : formula::function_names()) {
    const auto* function = formula::find_function(name);
    if (function->arguments == 1) texts.push_back(name + "(1.5*x)");
  }
  for (const std::string& text : texts) {
    const auto gradient = Compiled({text}, Keep::all)
                              .gradient<D>(0.25, {D(0.7, 1), D(2), D(3)}, {D(0.5), D(2)}, {D(1)});
    const double difference =
        (slope(text, 0.7 + step, 2) - slope(text, 0.7 - step, 2)) / (2 * step);
    EXPECT_NEAR(gradient[0].tangent, difference, 1e-6) << text;
  }
}

TEST(Tape, ReverseSweepOfSeveralFormulasIsTheirWeightedSum) {
  const Compiled both({"x*y + a*a", "x - a*b"}, Keep::all);
  const auto gradient = both.gradient<double>(0, {2, 3, 0}, {5, 7}, {10, 1});
  EXPECT_EQ(gradient, (std::vector<double>{31, 20, 0, 93, -5}));
}

TEST(Tape, PathAdjointsAddUpOverSteps) {
  const Compiled decay({"-exp(a)*x"}, Keep::all);
  const auto tape = decay.tape();
  ASSERT_GE(tape.prologue, 1);
  std::vector<double> path(static_cast<std::size_t>(tape.path_values));
  std::vector<double> by_path(path.size(), 0.0);
  std::vector<double> registers(static_cast<std::size_t>(tape.registers));
  std::vector<double> by_register(registers.size());
  path[0] = 0.5;
  formula::begin_path(tape, path.data());
  for (const double x : {2.0, 3.0}) {
    const double varying[] = {x, 0, 0};
    double by_varying[] = {0, 0, 0};
    const double seed = 1;
    const formula::Banks<double> banks{registers.data(), varying, path.data()};
    formula::evaluate(tape, 0, banks);
    formula::sweep_back(tape, banks, &seed, {by_register.data(), by_varying, by_path.data()});
    EXPECT_DOUBLE_EQ(by_varying[0], -std::exp(0.5));
  }
  formula::end_path(tape, path.data(), by_path.data());

  EXPECT_DOUBLE_EQ(by_path[0], -5 * std::exp(0.5));
}
}  // namespace

// SPDX-License-Identifier: BSD-3-Clause
// Claims: names are identifiers that are not reserved, each used once; places count characters.
#include "formula/scope.hpp"

#include <gtest/gtest.h>

namespace {
using namespace driftwood::formula;

template <class F>
std::string problem_of(F f) {
  try {
    f();
  } catch (const Problem& p) {
    return p.problem + " (" + p.why + "); " + p.suggestion;
  }
  return "none";
}

TEST(CheckName, TakesIdentifiers) {
  for (const char* name : {"x", "X_1", "_", "tt", "sine", "Initial"}) {
    EXPECT_EQ(problem_of([&] { check_name(name); }), "none") << name;
  }
}

TEST(CheckName, RefusesWhatFormulasMeanOtherwise) {
  EXPECT_EQ(problem_of([] { check_name("t"); }),
            "'t' cannot be a name here (it is the time); choose another");
  EXPECT_EQ(problem_of([] { check_name("pi"); }),
            "'pi' cannot be a name here (it is a constant); choose another");
  EXPECT_EQ(problem_of([] { check_name("initial"); }),
            "'initial' cannot be a name here (it is reserved); choose another");
  for (const std::string& name : function_names()) {
    EXPECT_EQ(problem_of([&] { check_name(name); }),
              "'" + name + "' cannot be a name here (it is a function); choose another");
  }
  EXPECT_EQ(function_names().size(), 19U);
  for (const char* name : {"", "1x", "a-b", "a b", "\xc3\xa4"}) {
    EXPECT_EQ(problem_of([&] { check_name(name); }),
              "'" + std::string(name) +
                  "' is not a name (names are letters, digits and _, no digit first); ")
        << name;
  }
}

TEST(Scope, NumbersInputsOfEachKind) {
  Scope scope;

  EXPECT_EQ(scope.add_varying("x"), 0);
  EXPECT_EQ(scope.add_fixed("a"), 0);
  EXPECT_EQ(scope.add_varying("y"), 1);
  scope.reserve("w", "noise");

  EXPECT_EQ(scope.varying(), 2);
  EXPECT_EQ(scope.fixed(), 1);
  EXPECT_EQ(scope.find("y")->index, 1);
  EXPECT_EQ(scope.find("w")->kind, "noise");
  EXPECT_EQ(scope.find("z"), nullptr);
  EXPECT_EQ(problem_of([&] { scope.add_fixed("w"); }),
            "'w' is there twice (); choose another name");
}

TEST(Place, CountsLinesAndCharacters) {
  const std::string text = "x +\n  \xcf\x80 * y";
  EXPECT_EQ(place_of(text, 0).column, 1);
  EXPECT_EQ(place_of(text, 6).line, 2);
  EXPECT_EQ(place_of(text, 6).column, 3);
  EXPECT_EQ(place_of(text, 9).column, 5);  // after two bytes that are one character
}
}  // namespace

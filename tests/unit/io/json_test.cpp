// SPDX-License-Identifier: BSD-3-Clause
#include "io/json.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace {
using namespace driftwood;
using io::JsonObject;

JsonObject object_with(const std::string& text) {
  const std::string path = ::testing::TempDir() + "driftwood_json.json";
  std::ofstream(path) << text;
  return JsonObject(path);
}

/// What is said of a call, from the last '/' of the file's name on.
template <class F>
std::string problem_of(const F& f) {
  try {
    f();
  } catch (const UsageError& error) {
    const std::string said = error.what();
    return said.substr(said.rfind('/') + 1);
  }
  return "none";
}

TEST(Json, GivesWhatIsThere) {
  const JsonObject data =
      object_with(R"({"n": 2, "x": [1, 2.5], "m": [[1, 2, 3], [4, 5, 6]], "of": {"y": -1e3}})");
  EXPECT_EQ(data.count("n"), 2);
  EXPECT_EQ(data.numbers("x", 2), (std::vector<double>{1, 2.5}));
  EXPECT_EQ(data.matrix("m", 2, 3), (std::vector<double>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(data.object("of").number("y"), -1000);
  EXPECT_EQ(data.object("of").names(), std::vector<std::string>{"y"});
}

TEST(Json, GivesListsOfObjects) {
  const std::string path = ::testing::TempDir() + "driftwood_json.json";
  std::ofstream(path) << R"([{"x": [1, 2.5]}, {"x": [3], "y": [], "z": [1, "a"]}])";
  const std::vector<JsonObject> list = JsonObject::list(path);
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].numbers("x"), (std::vector<double>{1, 2.5}));
  EXPECT_EQ(list[1].numbers("x"), std::vector<double>{3});
  EXPECT_EQ(problem_of([&] { static_cast<void>(list[1].numbers("y")); }),
            "driftwood_json.json: field '[1].y' is not a list of numbers");
  EXPECT_EQ(problem_of([&] { static_cast<void>(list[1].numbers("z")); }),
            "driftwood_json.json: field '[1].z' is not a list of numbers");
  for (const char* const text : {"{}", "[]", "[1]"}) {
    std::ofstream(path) << text;
    EXPECT_EQ(problem_of([&] { static_cast<void>(JsonObject::list(path)); }),
              "driftwood_json.json: this is no list of JSON objects; give [{\"name\": ...}, ...]");
  }
}

TEST(Json, SaysWhatIsWrong) {
  const JsonObject data =
      object_with(R"({"n": 1.5, "x": [1, null], "m": [[1], [2, 3]], "of": {"y": "1"}, "zero": 0})");

  EXPECT_EQ(problem_of([&] { (void)data.number("q"); }),
            "driftwood_json.json: field 'q' is missing");
  EXPECT_EQ(problem_of([&] { (void)data.number("x"); }),
            "driftwood_json.json: field 'x' is not a number");
  EXPECT_EQ(problem_of([&] { (void)data.count("n"); }),
            "driftwood_json.json: field 'n' is not a whole number from 1 on");
  EXPECT_EQ(problem_of([&] { (void)data.count("zero"); }),
            "driftwood_json.json: field 'zero' is not a whole number from 1 on");
  EXPECT_EQ(problem_of([&] { (void)data.numbers("x", 2); }),
            "driftwood_json.json: field 'x' is not a list of 2 numbers");
  EXPECT_EQ(problem_of([&] { (void)data.matrix("m", 2, 1); }),
            "driftwood_json.json: field 'm' is not a list of 2 lists of 1 numbers");
  EXPECT_EQ(problem_of([&] { (void)data.object("n"); }),
            "driftwood_json.json: field 'n' is no object");
  EXPECT_EQ(problem_of([&] { (void)data.object("of").number("y"); }),
            "driftwood_json.json: field 'of.y' is not a number");
}

TEST(Json, RefusesWhatIsNone) {
  EXPECT_EQ(problem_of([] { object_with("{\n\"x\": 1,\n\"y\" 2}"); }),
            "driftwood_json.json:3: this is not JSON");
  EXPECT_EQ(problem_of([] { object_with(""); }), "driftwood_json.json:1: this is not JSON");
  EXPECT_EQ(problem_of([] { object_with("{\"x\": 1e999}"); }),
            "driftwood_json.json: a number is too large");
  EXPECT_EQ(problem_of([] { object_with("[1]"); }),
            "driftwood_json.json: this is no JSON object; give fields: {\"name\": ...}");
  EXPECT_EQ(problem_of([] { (void)JsonObject("/nowhere/at/all.json"); }),
            "all.json'; give a file that exists and may be read");
  EXPECT_EQ(problem_of([] { (void)JsonObject("/usr"); }),
            "usr'; give a file that exists and may be read");
}

}  // namespace

// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/reference.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <string>

#include "base/error.hpp"

namespace {
using namespace driftwood;

std::string file_with(const std::string& text) {
  const std::string path = ::testing::TempDir() + "driftwood_reference.json";
  std::ofstream(path) << text;
  return path;
}

std::string problem_of(const std::string& text) {
  const std::string path = file_with(text);
  try {
    static_cast<void>(mcmc::read_reference(path, {"a", "b[0]"}));
  } catch (const UsageError& error) {
    const std::string said = error.what();
    EXPECT_EQ(said.rfind(path + ":", 0), 0u) << said;
    return said.substr(path.size());
  }
  return "none";
}

TEST(Reference, IsInTheOrderOfTheParameters) {
  const auto found = mcmc::read_reference(
      file_with(R"({"b[0]": {"mean": -2, "sd": 0.5}, "a": {"mean": 1, "sd": 3, "draws": 900}})"),
      {"a", "b[0]"});
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].mean, 1);
  EXPECT_EQ(found[1].sd, 0.5);
  EXPECT_TRUE(std::isinf(found[1].draws));
}

TEST(Reference, BothStandardErrorsCount) {
  const mcmc::ReferenceMoments reference{1, 3, 900};
  EXPECT_DOUBLE_EQ(mcmc::standard_errors(reference, 1, 0.2), 0);
  EXPECT_DOUBLE_EQ(mcmc::standard_errors(reference, 1.5, 0), 5);
  EXPECT_DOUBLE_EQ(mcmc::standard_errors(reference, 0, std::sqrt(0.03)), -5);
}

TEST(Reference, SaysWhatIsWrong) {
  EXPECT_EQ(problem_of(R"({"a": {"mean": 1, "sd": 1}})"), ": field 'b[0]' is missing");
  EXPECT_EQ(problem_of(R"({"q": {"mean": 1, "sd": 1}})"),
            ": field 'q' is no parameter of the target");
  EXPECT_EQ(problem_of(R"({"a": 1, "b[0]": 2})"), ": field 'a' is no object");
  EXPECT_EQ(problem_of(R"({"a": {"mean": "1", "sd": 1}})"), ": field 'a.mean' is not a number");
  EXPECT_EQ(problem_of(R"({"a": {"mean": 1, "sd": 0}})"), ": field 'a.sd' is not positive");
  EXPECT_EQ(problem_of(R"({"a": {"mean": 1, "sd": 1, "draws": 0}})"),
            ": field 'a.draws' is not positive");
}

}  // namespace

// SPDX-License-Identifier: BSD-3-Clause
// Claims: the names of the deck become preconditioners and back; what is none of them is refused
// with a hint; eigenvalues are those of the formulas.
#include "natgrad/preconditioner.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "base/error.hpp"

namespace {
using namespace driftwood;
using natgrad::Preconditioner;
using Kind = Preconditioner::Kind;

TEST(Preconditioner, IsReadAndNamed) {
  const auto add = Preconditioner::parse("add:0.5");
  EXPECT_EQ(add.kind, Kind::add);
  EXPECT_EQ(add.a, 0.5);
  const auto estimate = Preconditioner::parse("fisher_estimate:800");
  EXPECT_EQ(estimate.kind, Kind::fisher_estimate);
  EXPECT_EQ(estimate.rows, 800);
  for (const char* text : {"gd", "ngd", "opt", "add:0", "add:1", "pow:0.1", "pow:-2",
                           "fisher_estimate:7", "fisher_sample"}) {
    EXPECT_EQ(Preconditioner::parse(text).name(), text);
    EXPECT_EQ(Preconditioner::parse(Preconditioner::parse(text).name()),
              Preconditioner::parse(text));
  }
}

TEST(Preconditioner, SaysWhatIsWrong) {
  const auto message = [](const char* text) -> std::string {
    try {
      static_cast<void>(Preconditioner::parse(text));
    } catch (const UsageError& error) {
      return error.what();
    }
    return "none";
  };

  const std::string all =
      " (there are gd, ngd, opt, add:0.5, pow:0.5, fisher_estimate:800, fisher_sample)";
  EXPECT_EQ(message("fisher_estimat:8"), "there is no preconditioner 'fisher_estimat:8'" + all +
                                             "; did you mean 'fisher_estimate'?");
  EXPECT_EQ(message(""), "there is no preconditioner ''" + all);
  EXPECT_EQ(message("gd:1"), "the preconditioner 'gd' takes no ':1'; write 'gd'");
  EXPECT_EQ(message("pow"), "the preconditioner 'pow' lacks its number; write it as 'pow:0.5'");
  EXPECT_EQ(
      message("add:1.5"),
      "'add:1.5' is no preconditioner (the weight of the Fisher matrix is from 0 to 1); write it "
      "as 'add:0.5'");
  for (const char* text : {"add:", "add:0.5x", "add:nan", "add:-0.1", "pow:inf", "pow:one",
                           "fisher_estimate:0", "fisher_estimate:8.5", "fisher_estimate:-3"}) {
    EXPECT_NE(message(text), "none") << text;
  }
}

TEST(Preconditioner, HasItsEigenvalues) {
  const std::array<double, 2> x = {4, 0.25};
  const std::array<double, 2> theta = {3, 7};
  const auto of = [&](const char* text) {
    std::vector<double> p(2);
    Preconditioner::parse(text).fill(x, theta, p);
    return p;
  };

  EXPECT_EQ(of("gd"), (std::vector<double>{1, 1}));
  EXPECT_EQ(of("ngd"), (std::vector<double>{0.25, 4}));
  EXPECT_EQ(of("opt"), (std::vector<double>{3, 7}));
  EXPECT_EQ(of("add:0.5"), (std::vector<double>{0.4, 1.6}));
  EXPECT_EQ(of("pow:0.5"), (std::vector<double>{0.5, 2}));
  EXPECT_EQ(of("add:1"), of("ngd"));
  EXPECT_EQ(of("pow:0"), of("gd"));
  EXPECT_THROW(of("fisher_sample"), Error);
  EXPECT_FALSE(Preconditioner::parse("fisher_estimate:9").is_fixed());
}
}  // namespace

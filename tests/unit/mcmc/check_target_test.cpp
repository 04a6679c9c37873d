// SPDX-License-Identifier: BSD-3-Clause
// Claims: a gradient that is wrong in one coordinate is found and named, right ones pass however
// steep or wide they are, and starts of density 0 are refused.
#include "mcmc/check_target.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/error.hpp"
#include "mcmc/host_evaluation.hpp"
#include "mcmc/launch/density_of.hpp"
#include "mcmc/targets/gaussian.hpp"
#include "support/kokkos_environment.hpp"
#include "unit/mcmc/target_decks.hpp"

namespace {
using namespace driftwood;
using deck::Distribution;

/// A normal law whose gradient is off by a factor in coordinate 1.
struct WrongGaussian {
  double factor;

  template <class R>
  KOKKOS_FUNCTION R potential(const mcmc::Coordinates<R>& x,
                              const mcmc::Coordinates<R>& gradient) const {
    for (int i = 0; i < x.size(); ++i) gradient.set(i, R(i == 1 ? factor : 1.0) * x[i]);
    return R(0.5) * dot(x, x);
  }
};

class WrongTarget final : public mcmc::Target {
 public:
  explicit WrongTarget(double factor) : factor_(factor) {}
  void describe(deck::Schema&) override {}
  [[nodiscard]] std::vector<mcmc::Parameter> parameters() const override { return {{"x", 3}}; }
  [[nodiscard]] std::unique_ptr<mcmc::Density> density() const override {
    return std::make_unique<mcmc::DensityOf<WrongGaussian>>(WrongGaussian{factor_}, 3);
  }

 private:
  double factor_;
};

std::string error_of(const mcmc::Target& target, const Distribution& initial) {
  try {
    mcmc::check_target(target, *target.density(), initial, 1);
    return "";
  } catch (const NumericsError& error) {
    return error.what();
  }
}

const Distribution normal(Distribution::Kind::normal, 0.0, 1.0);

TEST(CheckTarget, FindsAWrongGradientAndNamesIt) {
  for (const double factor : {1.001, 0.0, -1.0, std::numeric_limits<double>::quiet_NaN()}) {
    const std::string error = error_of(WrongTarget(factor), normal);
    EXPECT_NE(error.find("does not go with its density (by x[1] it is "), std::string::npos)
        << factor << ": " << error;
  }
}

TEST(CheckTarget, GivesBothNumbers) {
  const auto density = WrongTarget(2.0).density();
  const double x[] = {0.25, 0.5, -1.0};
  try {
    mcmc::check_gradient(*density, x, 1e-6, {"a", "b", "c"});
    FAIL();
  } catch (const NumericsError& error) {
    EXPECT_STREQ(
        error.what(),
        "the gradient of the target does not go with its density (by b it is 1 at 0.5, and "
        "finite differences give 0.5); samplers that trust it would be wrong: mend the "
        "target");
  }
}

TEST(CheckTarget, PassesRightOnes) { EXPECT_EQ(error_of(WrongTarget(1.0), normal), ""); }

TEST(CheckTarget, PassesTargetsOfAllScales) {
  test::write_made_data();
  for (const test::TargetDeck& deck : test::target_decks()) {
    EXPECT_EQ(error_of(*test::target_of(deck.keys), normal), "") << deck.name;
  }
  for (const std::string keys :
       {"name = 'gaussian'\nsd = [1e-6, 1e6]", "name = 'funnel'\nsd = 5.0\ndimension = 100",
        "name = 'rosenbrock'\nvalley = 1e6\ndimension = 500"}) {
    for (const double sd : {0.1, 3.0}) {
      const Distribution law(Distribution::Kind::normal, 1.0, sd);
      EXPECT_EQ(error_of(*test::target_of(keys), law), "") << keys << sd;
    }
  }
}

TEST(CheckTarget, RefusesStartsOfDensityZero) {
  const std::string keys = "name = 'expression'\nstate = ['x']\nlog_density = 'log(x) - x'";
  const std::string error = error_of(*test::target_of(keys), normal);
  EXPECT_NE(error.find(" of 256 chains start where the density is 0 or not a number (they could "
                       "never move); start elsewhere, by 'chains.initial'"),
            std::string::npos)
      << error;
  EXPECT_EQ(error_of(*test::target_of(keys), Distribution(2.0)), "");
}

TEST(CheckTarget, TakesTheStartsOfTheFirstChains) {
  const auto x = mcmc::first_starts(Distribution(Distribution::Kind::uniform, 2.0, 3.0), 5, 4, 3);
  ASSERT_EQ(x.size(), 12u);
  for (const double one : x) EXPECT_TRUE(one > 2 && one < 3);
  EXPECT_NE(x[0], x[3]);
}

}  // namespace

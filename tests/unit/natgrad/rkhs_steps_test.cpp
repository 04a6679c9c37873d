// SPDX-License-Identifier: BSD-3-Clause
// Claims: steps are those to the first mean risk near the least; steps of gradient descent grow
// like the power of n that 1 / alpha has, preconditioned ones hardly do, and least risks of both
// fall alike (N8, of small designs; the nightly test has the published ones).
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "natgrad/rkhs/results.hpp"
#include "natgrad/rkhs/step_counts.hpp"
#include "unit/natgrad/rkhs_runs.hpp"

namespace {
using namespace driftwood;
using natgrad::RkhsOptions;
using test::at;
using test::counted_steps;
using test::growth_at;

TEST(StepCounts, AreOfMeanRisks) {
  RkhsOptions options;
  options.n = {8, 16};
  options.designs = 2;
  options.steps = 3;
  options.within = 0.25;
  // (n, design, method, t) of gd and pgd.
  const std::vector<double> found{8, 5, 2, 3, 8, 1, 2, 2,  //
                                  8, 3, 4, 1, 8, 2, 1, 2,  //
                                  4, 3, 2, 2, 4, 4, 4, 4,  //
                                  4, 3, 2, 2, 4, 4, 4, 4};
  const auto counts = natgrad::count_steps(options, found);
  const auto& gd = at(options, counts, 0, 0, 0);
  EXPECT_EQ(gd.risk, (std::vector<double>{8, 4, 3, 2}));
  EXPECT_EQ(gd.standard_error, (std::vector<double>{0, 1, 1, 1}));
  EXPECT_EQ(gd.best_step, 3);
  EXPECT_TRUE(gd.is_cut());
  EXPECT_EQ(gd.steps, 3);
  const auto& pgd = at(options, counts, 0, 1, 0);
  EXPECT_EQ(pgd.risk, (std::vector<double>{8, 1.5, 1.5, 2}));
  EXPECT_EQ(pgd.best_step, 1);
  EXPECT_FALSE(pgd.is_cut());
  EXPECT_EQ(pgd.steps, 1);
  EXPECT_EQ(at(options, counts, 0, 0, 1).steps, 2);
  // A count that is a bound has no slope.
  EXPECT_TRUE(std::isnan(growth_at(options, counts, 0, 0).steps.value));
  EXPECT_TRUE(std::isnan(growth_at(options, counts, 0, 0).risk.value));
  EXPECT_NEAR(growth_at(options, counts, 0, 1).risk.value, std::log(4 / 1.5) / std::log(2), 1e-12);
  // Designs of n = 16 are alike, those of n = 8 are not.
  EXPECT_GT(growth_at(options, counts, 0, 1).risk.standard_error, 0);

  const auto compared = natgrad::compare(options, counts);
  EXPECT_EQ(compared.pairs, 2);
  EXPECT_EQ(compared.fewer, 2);
  EXPECT_EQ(compared.not_fewer, 0);
  EXPECT_EQ(compared.lower, 0);
  EXPECT_EQ(compared.higher, 1);
  EXPECT_DOUBLE_EQ(compared.least_ratio, 0.75);
  EXPECT_DOUBLE_EQ(compared.largest_ratio, 2);
  EXPECT_EQ(compared.most.steps, 1);
  EXPECT_FALSE(compared.most.is_cut);
  EXPECT_EQ(compared.most_plain.steps, 3);
  EXPECT_TRUE(compared.most_plain.is_cut);
  const std::string text = natgrad::table_text(options, counts);
  EXPECT_NE(text.find("the most are 1, of gd at least 3"), std::string::npos) << text;
  EXPECT_EQ(text.find("the gain is in steps"), std::string::npos) << text;
}

TEST(StepCounts, AlphaAndTheoryFollowTheSource) {
  RkhsOptions options;
  options.decay = 2;
  options.source = {0.5, 0.75};
  options.n = {1000};
  EXPECT_NEAR(options.alpha(0, 0), std::pow(1000, -2.0 / 3), 1e-15);
  EXPECT_NEAR(options.alpha(1, 0), std::pow(1000, -0.5), 1e-15);
  EXPECT_NEAR(natgrad::rkhs_theory(0.5, 2).steps, 2.0 / 3, 1e-15);
  EXPECT_NEAR(natgrad::rkhs_theory(0.5, 2).printed, 2.0 / 3, 1e-15);
  EXPECT_NEAR(natgrad::rkhs_theory(0.75, 2).steps, 0.5, 1e-15);
  EXPECT_NEAR(natgrad::rkhs_theory(0.75, 2).printed, 0.75, 1e-15);
  EXPECT_NEAR(natgrad::rkhs_theory(0.75, 2).risk, -0.75, 1e-15);
}

// Fixed seed. Over seeds slopes are .60, as n is small, with a standard error of .045: bounds are 4
// of these away.
TEST(StepCounts, GrowAsTheorySays) {
  RkhsOptions options;
  options.features = 200;
  options.n = {32, 128, 512};
  options.designs = 40;
  options.steps = 120;
  options.unlabelled = {2000};
  options.seed = 2;
  const auto found = counted_steps(options);
  EXPECT_NEAR(growth_at(options, found, 0, 0).steps.value, 2.0 / 3, 0.25);
  EXPECT_NEAR(growth_at(options, found, 0, 0).risk.value, -2.0 / 3, 0.25);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_FALSE(at(options, found, 0, 0, i).is_cut());
    for (const std::size_t pgd : {1, 2}) EXPECT_LE(at(options, found, 0, pgd, i).steps, 5);
    // No gain in the least risk.
    EXPECT_GT(at(options, found, 0, 1, i).best_risk(), at(options, found, 0, 0, i).best_risk());
  }
  EXPECT_GT(at(options, found, 0, 0, 2).steps, 5 * at(options, found, 0, 1, 2).steps);
}

}  // namespace

// SPDX-License-Identifier: BSD-3-Clause
// Claims: AD-5 and AD-6 of the specification. Reversible Heun with steps that adapt goes back over
// the steps that it took, to where it began; its derivatives are those of the computed solution;
// steps land on the times of results.
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.hpp"
#include "support/gradient_runs.hpp"
#include "support/kokkos_environment.hpp"

namespace driftwood::sde {
namespace {
using namespace test;

/// Observed at 0, 0.25 and 1, where the intervals of the steps end.
GradientPlan adaptive_plan(const Model& model, const std::vector<std::string>& texts,
                           double tolerance) {
  GradientPlan plan = plan_of(model, GradientMode::reversible_heun, 2, texts, {0, 1, 2});
  plan.control = StepControl{tolerance, tolerance, 0.01, 24, {0.25, 1}};
  return plan;
}

TEST(OwnGradient, Ad5GoesBackToTheStart) {
  for (const Problem& problem : problems) {
    const auto model = model_of(problem.model);
    if (model == nullptr) continue;
    GradientPlan plan = adaptive_plan(*model, problem.formulas, 1e-3);
    plan.start = {problem.start};
    plan.memory = 256 << 20;
    const auto solver = model->gradients("reversible_heun", Precision::double_, plan);
    static_cast<void>(run(*solver));
    const GradientRecord found = solver->record();
    // Prices are of the order of 100, and rounding is relative to them.
    EXPECT_LE(found.rebuilt, 1e-12 * std::max(1.0, problem.start.front())) << problem.model;
    EXPECT_GT(found.accepted, 2 * paths) << problem.model;
    EXPECT_GT(found.bytes, 0) << problem.model;
  }
}

/// Differences are so small that nearly no path takes other steps.
TEST(OwnGradient, DerivativesAreThoseOfTheComputedSolution) {
  for (const Problem& problem : problems) {
    const auto model = model_of(problem.model);
    if (model == nullptr) continue;
    GradientPlan plan = adaptive_plan(*model, problem.formulas, 1e-2);
    plan.start = {problem.start};
    const auto solver = model->gradients("reversible_heun", Precision::double_, plan);
    expect_central_differences(*solver, plan.weights.size(), 1e-6, 1e-6, problem.model);
  }
}

/// X_t = e^(-t) x0 + ... for additive noise: the derivative by x0 is that of the drift alone, and
/// falls with the tolerance to the exact one at each time that is asked for.
TEST(OwnGradient, Ad6StepsLandOnTheTimesOfResults) {
  const auto model = model_of("ornstein_uhlenbeck");
  if (model == nullptr) GTEST_SKIP() << "ornstein_uhlenbeck is left out of this build";
  std::vector<double> worst;
  for (const double tolerance : {1e-2, 1e-4}) {
    const GradientPlan plan = adaptive_plan(*model, {"x"}, tolerance);
    const auto solver = model->gradients("reversible_heun", Precision::double_, plan);
    const auto samples = run(*solver);
    double rate = 0;
    for (const ParameterInfo& parameter : model->parameters()) {
      if (parameter.name == "rate") rate = parameter.value;
    }
    ASSERT_GT(rate, 0);
    const std::size_t each = plan.parameters.size() + plan.initial.size();
    double most = 0;
    for (std::size_t t = 0; t < 3; ++t) {
      const double exact = std::exp(-rate * std::vector<double>{0, 0.25, 1}[t]);
      for (std::size_t p = 0; p < paths; ++p) {
        most = std::max(most, std::abs(samples[3 + t * each + each - 1][p] - exact));
      }
    }
    worst.push_back(most);
  }
  EXPECT_LE(worst[1], 1e-3);
  EXPECT_LE(worst[1], worst[0] / 8);
}

TEST(OwnGradient, PathsDoNotDependOnThoseBesideThem) {
  for (const Problem& problem : problems) {
    const auto model = model_of(problem.model);
    if (model == nullptr) continue;
    GradientPlan plan = adaptive_plan(*model, problem.formulas, 1e-2);
    plan.antithetic = true;
    const auto solver = model->gradients("reversible_heun", Precision::double_, plan);
    const auto all = run(*solver);
    const auto some = run(*solver, {6, 5});
    for (std::size_t r = 0; r < all.size(); ++r) {
      for (std::size_t p = 0; p < 5; ++p) {
        ASSERT_EQ(some[r][p], all[r][6 + p]) << problem.model << ", row " << r;
      }
    }
  }
}

TEST(OwnGradient, ErrorsSayWhatIsWrong) {
  const auto model = model_of("double_well");
  if (model == nullptr) GTEST_SKIP() << "double_well is left out of this build";
  GradientPlan plan = adaptive_plan(*model, {"x"}, 1e-6);
  plan.memory = 100'000;
  const auto solver = model->gradients("reversible_heun", Precision::double_, plan);
  EXPECT_THROW(solver->run({0, paths}), UsageError);
  EXPECT_THROW(static_cast<void>(model->gradients("reversible_heun", Precision::single_, plan)),
               UsageError);
  plan.mode = GradientMode::pathwise;
  EXPECT_THROW(static_cast<void>(model->gradients("heun", Precision::double_, plan)), UsageError);
}
}  // namespace
}  // namespace driftwood::sde

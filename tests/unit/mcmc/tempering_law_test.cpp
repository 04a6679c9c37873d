// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>

#include "mcmc/ladder.hpp"
#include "support/kokkos_environment.hpp"
#include "unit/mcmc/tempered_run.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::mcmc;

/// Of 4.5 standard errors, one false alarm in 1.5e5 numbers.
constexpr double errors = 4.5;

constexpr std::int64_t warmup = 400;
constexpr std::int64_t steps = 1200;
constexpr int rungs = 6;

TemperingOptions ladder() {
  TemperingOptions out;
  out.temperatures = rungs;
  out.swap_every = 4;
  return out;
}

/// With a sampler of this name.
class Ladders : public ::testing::TestWithParam<const char*> {
 protected:
  Ladders() : run_(normals_, GetParam(), test::chains_of(200, warmup, steps, 4), ladder()) {
    run_.warm_up();
  }

  const test::TemperedNormals normals_;
  test::TemperedRun run_;
};

INSTANTIATE_TEST_SUITE_P(Tempering, Ladders, ::testing::Values("mala", "hmc", "mclmc_mh"),
                         [](const auto& made) { return std::string(made.param); });

TEST_P(Ladders, HaveTheLawOfEveryRung) {
  // Of each ladder the means over time, as ladders are independent.
  std::vector<std::vector<double>> first(rungs, std::vector<double>(200));
  std::vector<std::vector<double>> second = first;
  const std::vector<double> beta = run_.findings().beta;
  constexpr std::int64_t looks = 300;
  for (std::int64_t look = 1; look <= looks; ++look) {
    run_.run().advance(warmup + 4 * look);
    const std::vector<double> rung = run_.numbers(Replica::rung);
    const std::vector<double> x = run_.coordinate(1);
    for (std::size_t l = 0; l < 200; ++l) {
      for (std::size_t i = 0; i < rungs; ++i) {
        const std::size_t c = l / 10 * 64 + l % 10 * rungs + i;
        const auto k = static_cast<std::size_t>(rung[c]);
        const double d = x[c] - normals_.mean_at(beta[k]);
        first[k][l] += d / looks;
        second[k][l] += d * d / looks;
      }
    }
  }
  for (std::size_t k = 0; k < rungs; ++k) {
    const auto z_of = [](const std::vector<double>& values, double expected) {
      double sum = 0;
      double squares = 0;
      for (const double v : values) {
        sum += v - expected;
        squares += (v - expected) * (v - expected);
      }
      const auto n = static_cast<double>(values.size());
      return sum / n / std::sqrt((squares / n - sum * sum / (n * n)) / (n - 1));
    };
    EXPECT_LT(std::abs(z_of(first[k], 0)), errors) << k;
    EXPECT_LT(std::abs(z_of(second[k], normals_.variance_at(beta[k]))), errors) << k;
  }
}

TEST_P(Ladders, GiveTheEvidence) {
  run_.run().advance(warmup + steps);
  const TemperingFindings found = run_.findings();
  EXPECT_EQ(found.ladders, 200);
  EXPECT_EQ(found.rounds, steps / 4);
  EXPECT_LT(found.stepping_stone.standard_error, 0.02);
  EXPECT_LT(std::abs(found.stepping_stone.value - normals_.log_evidence()),
            errors * found.stepping_stone.standard_error);
  // What the trapezoidal rule makes of the exact means at these rungs.
  std::vector<double> exact;
  for (const double b : found.beta) exact.push_back(normals_.difference_at(b));
  EXPECT_LT(std::abs(found.thermodynamic.value + integral_over_ladder(found.beta, exact)),
            errors * found.thermodynamic.standard_error);
}

TEST_P(Ladders, AreRefusedEquallyOften) {
  run_.run().advance(warmup + steps);
  const TemperingFindings found = run_.findings();
  const auto [least, most] =
      std::minmax_element(found.swap_acceptance.begin(), found.swap_acceptance.end());
  EXPECT_LT(*most - *least, 0.04);
  EXPECT_LT(found.swap_acceptance.front(), 0.95);
  EXPECT_GT(found.round_trips, 0);
  // Steps of every rung are accepted as often as those of the cold one.
  for (const double p : found.step_acceptance) EXPECT_NEAR(p, found.step_acceptance[0], 0.06);
}

TEST_P(Ladders, ResultsAreOfTheColdRung) {
  run_.run().advance(warmup + steps);
  for (const stats::ChainSummary& p : run_.results().parameters) {
    EXPECT_LT(std::abs(p.mean - normals_.mean), errors * p.mcse);
    // Squares of draws may be far more correlated than draws are: no standard error from their ESS.
    EXPECT_NEAR(p.sd, normals_.sd, 0.02 * normals_.sd);
  }
  EXPECT_EQ(run_.results().lost, 0);
}

}  // namespace

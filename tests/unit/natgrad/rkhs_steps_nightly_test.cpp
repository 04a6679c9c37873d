// SPDX-License-Identifier: BSD-3-Clause
// Claims (N8): with eigenvalues j^-2 of 600 waves, noise .5 and n = 64, 256, 1024 the steps of
// gradient descent grow like n^.67 for the source 1/2, preconditioned descent takes 5 steps at the
// most, and least risks are those of an independent computation. For the source 3/4 steps grow like
// n^.5 = n^(s/(2rs+1)), and not like n^.75 = n^(2rs/(2rs+1)).
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "unit/natgrad/rkhs_runs.hpp"

namespace {
using namespace driftwood;
using natgrad::RkhsOptions;
using test::at;
using test::growth_at;

TEST(RkhsStepsN8, Nightly) {
  RkhsOptions options;
  options.source = {0.5, 0.75};
  options.n = {64, 256, 1024};
  options.designs = 80;
  options.steps = 300;
  options.seed = 1;
  const auto found = test::counted_steps(options);
  for (std::size_t r = 0; r < 2; ++r) {
    for (std::size_t m = 0; m < 2; ++m) {
      const auto& g = growth_at(options, found, r, m);
      std::printf("source %g, %s: slope of steps %.3f +- %.3f, of risks %.3f +- %.3f\n",
                  options.source[r], options.methods()[m].c_str(), g.steps.value,
                  g.steps.standard_error, g.risk.value, g.risk.standard_error);
    }
  }
  // The standard error of these slopes is about .03: 4 of them.
  EXPECT_NEAR(growth_at(options, found, 0, 0).steps.value, 0.67, 0.12);
  EXPECT_NEAR(growth_at(options, found, 1, 0).steps.value, 0.50, 0.12);
  // Means over 10 designs of n = 64, 256, 1024.
  constexpr double published[2][3] = {{0.0272, 0.0094, 0.0045}, {0.0330, 0.0135, 0.0057}};
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t r = 0; r < 2; ++r) {
      EXPECT_LE(at(options, found, r, 1, i).steps, 5);
      EXPECT_FALSE(at(options, found, r, 0, i).is_cut());
    }
    for (std::size_t m = 0; m < 2; ++m) {
      const auto& c = at(options, found, 0, m, i);
      const double own = c.standard_error[static_cast<std::size_t>(c.best_step)];
      const double of_ten = own * std::sqrt(static_cast<double>(options.designs) / 10);
      std::printf("n %g, %s: steps %lld, least risk %.5f +- %.5f\n", options.n[i],
                  options.methods()[m].c_str(), static_cast<long long>(c.steps), c.best_risk(),
                  own);
      // Six comparisons at 4 standard errors: one false alarm in 2600 seeds.
      EXPECT_NEAR(c.best_risk(), published[m][i], 4 * std::hypot(own, of_ten));
    }
  }
}

}  // namespace

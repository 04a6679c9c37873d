// SPDX-License-Identifier: BSD-3-Clause
/// Biases of E |x|^2 of Ito diffusions in two dimensions, where noise does not commute.
#include <gtest/gtest.h>

#include <cmath>

#include "mcmc/targets/ito_diffusion.hpp"
#include "support/kokkos_environment.hpp"
#include "unit/mcmc/samplers_population.hpp"

namespace {
using namespace driftwood;

constexpr std::uint64_t seed = 23;

/// References are simulations of their own, of 4 * 10^5 chains: standard errors of 0.008 to 0.02,
/// of which the largest is taken. Bounds are 4 standard errors of both together: 12 of them raise a
/// false alarm in 8e-4 of the seeds.
void expect_bias(const std::string& keys, double gamma, double h, double exact, double reference) {
  const mcmc::DensityOf<mcmc::SlowlyGrowing> density({1, gamma}, 2);
  const auto sampler = test::sampler_of(keys + "\nstep_size = 1.0").sampler;
  auto chains = test::started(*sampler, density, 2048, seed, 1.5);
  const auto steps = [&](double time) { return static_cast<std::uint64_t>(std::lround(time / h)); };
  chains.advance(0, steps(60), h);
  const auto found =
      test::averages(chains, steps(60), steps(460), steps(2), h, 1,
                     [](const double* x, double* values) { values[0] = x[0] * x[0] + x[1] * x[1]; })
          .at(0);
  std::printf("gamma %.1f, h %.1f: %+.4f +- %.4f, reference %+.3f, seed %d: %s\n", gamma, h,
              found.mean - exact, found.error, reference, static_cast<int>(seed), keys.c_str());
  EXPECT_NEAR(found.mean - exact, reference, 4 * std::hypot(found.error, 0.02)) << keys;
}

TEST(DiffusionBias, InTwoDimensions) {
  struct Row {
    double gamma;
    double h;
    double exact;
    double em;
    double srk_id;
    double platen;
  };
  for (const Row& row :
       {Row{.5, .8, 8.0, 1.563, 1.286, -.020}, Row{.5, .4, 8.0, .731, .603, .015},
        Row{1.5, .8, 2.95476, 1.356, 1.383, -.035}, Row{1.5, .4, 2.95476, .574, .594, -.018}}) {
    expect_bias("name = 'em'", row.gamma, row.h, row.exact, row.em);
    expect_bias("name = 'srk_id'", row.gamma, row.h, row.exact, row.srk_id);
    expect_bias("name = 'platen_w2'", row.gamma, row.h, row.exact, row.platen);
  }
}

}  // namespace

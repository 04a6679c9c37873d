// SPDX-License-Identifier: BSD-3-Clause
/// The noise of chains, and that a `Population` moves them as their kernels do with given noise.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "mcmc/samplers/lm.hpp"
#include "mcmc/samplers/srk2g.hpp"
#include "mcmc/samplers/srk_ld.hpp"
#include "mcmc/samplers/ula.hpp"
#include "support/kokkos_environment.hpp"
#include "unit/mcmc/bias_targets.hpp"
#include "unit/mcmc/given_chain.hpp"
#include "unit/mcmc/richardson_run.hpp"

namespace {
using namespace driftwood;

constexpr std::uint64_t seed = 11;

mcmc::ChainNoise<double> noise_of(std::uint64_t chain, std::uint64_t step, bool joins = false) {
  return {seed, {chain}, step, joins};
}

/// Brownian motion over a step, and its integral.
struct Motion {
  double w;
  double area;

  Motion(double h, double xi, double eta)
      : w(std::sqrt(h) * xi), area(std::pow(h, 1.5) * (xi + eta / std::sqrt(3.0)) / 2) {}
};

TEST(ChainNoise, JoinedStepsFollowTheSameBrownianMotion) {
  constexpr double h = 0.3;
  for (std::uint64_t chain = 0; chain < 50; ++chain) {
    const std::uint64_t step = chain % 7;
    const auto joined = noise_of(chain, step, true);
    const auto one = noise_of(chain, 2 * step);
    const auto two = noise_of(chain, 2 * step + 1);
    const auto expect = [&](double xi, double eta, double xi_1, double eta_1, double xi_2,
                            double eta_2) {
      const Motion whole(2 * h, xi, eta);
      const Motion a(h, xi_1, eta_1);
      const Motion b(h, xi_2, eta_2);
      EXPECT_NEAR(whole.w, a.w + b.w, 1e-14);
      EXPECT_NEAR(whole.area, a.area + h * a.w + b.area, 1e-14);
    };
    const auto xi = joined.normals(0, 3);
    const auto eta = joined.normals(1, 3);
    expect(xi.first, eta.first, one.normals(0, 3).first, one.normals(1, 3).first,
           two.normals(0, 3).first, two.normals(1, 3).first);
    expect(xi.second, eta.second, one.normals(0, 3).second, one.normals(1, 3).second,
           two.normals(0, 3).second, two.normals(1, 3).second);
  }
}

/// Correlations of n pairs of independent normals have the standard error 1 / sqrt(n); 5 of them
/// are allowed, for each of 4 numbers (false alarms in 2e-6 of the seeds).
TEST(ChainNoise, JoinedNormalsAreIndependent) {
  constexpr int n = 100000;
  double xi_2 = 0;
  double eta_2 = 0;
  double both = 0;
  double next = 0;
  for (std::uint64_t k = 0; k < n; ++k) {
    const auto now = noise_of(k, 4, true);
    const double xi = now.normals(0, 0).first;
    const double eta = now.normals(1, 0).first;
    xi_2 += xi * xi - 1;
    eta_2 += eta * eta - 1;
    both += xi * eta;
    next += eta * noise_of(k, 5, true).normals(0, 0).first;
  }
  const double error = 5 / std::sqrt(static_cast<double>(n));
  EXPECT_NEAR(xi_2 / n, 0, error * std::sqrt(2.0));
  EXPECT_NEAR(eta_2 / n, 0, error * std::sqrt(2.0));
  EXPECT_NEAR(both / n, 0, error);
  EXPECT_NEAR(next / n, 0, error);
}

/// Positions after some steps: of a population, and of chains given the normals that it draws.
template <class S>
void expect_same_steps(bool joins) {
  constexpr int dim = 3;
  constexpr std::size_t chains = 70;  // a block and some more
  constexpr std::uint64_t steps = 4;
  constexpr double h = 0.15;
  const test::Mixture target{0.6};
  const mcmc::DensityOf<test::Mixture> density(target, dim);
  const auto sampler = test::sampler_named(S::traits.name);
  mcmc::Population population(*sampler, density, {chains, seed, joins}, {0, 2});
  std::vector<double> x(dim * chains);
  for (std::size_t k = 0; k < x.size(); ++k) x[k] = std::sin(static_cast<double>(k));
  population.place(x);
  population.advance(0, steps, h);
  const std::vector<double> blocks[2] = {population.read(0), population.read(1)};

  test::GivenChain<test::Mixture> chain(S::traits, target, dim);
  for (std::size_t c = 0; c < chains; ++c) {
    for (std::uint64_t n = 0; n <= steps; ++n) {
      for (int kind = 0; kind < 2; ++kind) {
        mcmc::for_each_normal(noise_of(c, n, joins), kind, dim,
                              [&](int i, double xi) { chain.give(kind, n, i, xi); });
      }
    }
    chain.place({x[c], x[chains + c], x[2 * chains + c]});
    for (std::uint64_t n = 0; n < steps; ++n) chain.advance(S(), h);
    constexpr auto per_block = static_cast<std::size_t>(mcmc::block_chains);
    for (std::size_t i = 0; i < dim; ++i) {
      EXPECT_NEAR(blocks[c / per_block][i * per_block + c % per_block],
                  chain.position(static_cast<int>(i)), 1e-12)
          << S::traits.name << ", chain " << c;
    }
  }
}

TEST(Population, MovesChainsAsKernelsDoWithGivenNoise) {
  for (const bool joins : {false, true}) {
    expect_same_steps<mcmc::Ula>(joins);
    expect_same_steps<mcmc::LeimkuhlerMatthews>(joins);
    expect_same_steps<mcmc::SrkLd>(joins);
    expect_same_steps<mcmc::Srk2g>(joins);
  }
}

}  // namespace

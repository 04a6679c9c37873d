// SPDX-License-Identifier: BSD-3-Clause
/// Microcanonical samplers on a Gaussian in 20 dimensions with precisions from 1 to 10, L =
/// sqrt(20): bias of variances, and squares of energy errors, against figures of an implementation
/// in another language; what their exact turns keep, also for large forces.
#include <gtest/gtest.h>

#include <random>

#include "mcmc/samplers/microcanonical.hpp"
#include "support/kokkos_environment.hpp"
#include "unit/mcmc/samplers_population.hpp"

namespace {
using namespace driftwood;

constexpr int dim = 20;

double precision(int i) { return 1 + 9.0 * i / (dim - 1); }

struct Linear20 {
  template <class R>
  KOKKOS_FUNCTION R potential(const mcmc::Coordinates<R>& x,
                              const mcmc::Coordinates<R>& gradient) const {
    R sum(0);
    for (int i = 0; i < x.size(); ++i) {
      const R g = R(1 + 9.0 * i / (dim - 1)) * x[i];
      gradient.set(i, g);
      sum = fma(R(0.5) * g, x[i], sum);
    }
    return sum;
  }
};

/// Chains at draws from the target.
mcmc::Population placed(const mcmc::Sampler& sampler, const mcmc::Density& density,
                        std::int64_t blocks, std::uint64_t seed) {
  auto out = test::started(sampler, density, blocks, seed);
  std::mt19937_64 engine(seed);
  std::normal_distribution<double> normal;
  std::vector<double> x;
  for (int i = 0; i < dim; ++i) {
    for (std::int64_t c = 0; c < blocks * mcmc::block_chains; ++c) {
      x.push_back(normal(engine) / std::sqrt(precision(i)));
    }
  }
  out.place(x);
  return out;
}

/// The mean over coordinates of precision x^2: 1 where variances are right.
void relative_variance(const double* x, double* value) {
  value[0] = 0;
  for (int i = 0; i < dim; ++i) value[0] += precision(i) * x[i] * x[i] / dim;
}

double energy_variance(mcmc::Population& population, std::uint64_t first, std::uint64_t last,
                       double h) {
  double sum = 0;
  for (std::uint64_t step = first; step < last; ++step) {
    population.advance(step, step + 1, h);
    sum += static_cast<double>(population.energy_variance());
  }
  return sum * mcmc::Population::acceptance_unit /
         static_cast<double>(population.chains() * static_cast<std::int64_t>(last - first));
}

struct Row {
  double h;
  double bias;  ///< of variances, relative, as printed
  double last_digit;
  double energy;  ///< E[dE^2] / d
};

TEST(Mclmc, HasTheBiasAndTheEnergyErrorsOfTheReference) {
  const mcmc::DensityOf<Linear20> density({}, dim);
  const auto options = test::sampler_of("name = 'mclmc'");  // L = sqrt(20) is the default
  for (const Row& row : {Row{1.0, 2.4e-2, 1e-3, 7.7e-4}, Row{0.5, 5.7e-3, 1e-4, 1.2e-5},
                         Row{0.25, 1.4e-3, 1e-4, 1.8e-7}}) {
    constexpr std::uint64_t seed = 1877;
    auto chains = placed(*options.sampler, density, 128, seed);
    const auto warm = static_cast<std::uint64_t>(40 / row.h);
    chains.advance(0, warm, row.h);
    const double energy = energy_variance(chains, warm, warm + 40, row.h);
    std::printf("h %g: E[dE^2]/d %.3e, expected %.1e\n", row.h, energy, row.energy);
    EXPECT_NEAR(energy, row.energy, 0.06 * row.energy);
    const auto found =
        test::averages(chains, warm + 40, warm + 40 + static_cast<std::uint64_t>(160 / row.h), 1,
                       row.h, 1, relative_variance)[0];
    const double rounding = 0.5 * row.last_digit / found.error;
    EXPECT_LT(found.deviation("mclmc h " + std::to_string(row.h) + " seed 1877", 1 + row.bias),
              4 + rounding);
  }
}

TEST(MclmcMh, HasNoBias) {
  const mcmc::DensityOf<Linear20> density({}, dim);
  const auto options = test::sampler_of("name = 'mclmc_mh'");
  auto chains = placed(*options.sampler, density, 128, 1878);
  chains.advance(0, 20, 1.0);
  const auto found = test::averages(chains, 20, 120, 1, 1.0, 1, relative_variance)[0];
  EXPECT_LT(found.deviation("mclmc_mh h 1 seed 1878", 1.0), 4);
}

/// A direction and a gradient of one chain.
struct Turned {
  std::vector<double> u = std::vector<double>(3 * mcmc::block_chains);
  std::vector<double> g = std::vector<double>(3 * mcmc::block_chains);
  double growth = 0;

  Turned(const double (&from)[3], const double (&gradient)[3], double t) {
    const mcmc::Coordinates<double> direction{u.data(), 3};
    const mcmc::Coordinates<double> force{g.data(), 3};
    for (int i = 0; i < 3; ++i) {
      direction.set(i, from[i]);
      force.set(i, gradient[i]);
    }
    growth = mcmc::turn(direction, force, t);
  }
  [[nodiscard]] double operator[](int i) const {
    return u[static_cast<std::size_t>(i * mcmc::block_chains)];
  }
};

TEST(Turn, IsTheFormulaWithHyperbolicFunctions) {
  const double u[3] = {0.6, 0, 0.8};
  for (const double scale : {1e-9, 1e-3, 1.0, 30.0}) {
    const double g[3] = {2 * scale, -1 * scale, 0.5 * scale};
    const Turned turned(u, g, 0.7);
    const double norm = std::sqrt(5.25) * scale;
    const double delta = 0.7 * norm / 2;
    const double c = -(u[0] * g[0] + u[2] * g[2]) / norm;
    const double size = std::cosh(delta) + c * std::sinh(delta);
    for (int i = 0; i < 3; ++i) {
      const double e = -g[i] / norm;
      const double wanted = (u[i] + e * (std::sinh(delta) + c * (std::cosh(delta) - 1))) / size;
      EXPECT_NEAR(turned[i], wanted, 1e-13) << scale;
    }
    EXPECT_NEAR(turned.growth, 2 * std::log(size), 1e-13 * std::fmax(1, delta)) << scale;
  }
}

TEST(Turn, TakesAnyForce) {
  const double u[3] = {0.6, 0, 0.8};
  for (const double scale : {1e3, 1e10, 1e100}) {
    const double g[3] = {2 * scale, -1 * scale, 0.5 * scale};
    const Turned turned(u, g, 0.7);
    const double norm = std::sqrt(5.25) * scale;
    const double c = -(u[0] * g[0] + u[2] * g[2]) / norm;
    for (int i = 0; i < 3; ++i) EXPECT_NEAR(turned[i], -g[i] / norm, 1e-14);  // down the slope
    const double delta = 0.7 * norm / 2;
    EXPECT_NEAR(turned.growth / (2 * (delta + std::log((1 + c) / 2))), 1.0, 1e-14);
  }
  // Straight up the slope, and no slope.
  const Turned up({1, 0, 0}, {1e4, 0, 0}, 1.0);
  EXPECT_TRUE(std::isfinite(up.growth));
  EXPECT_NEAR(std::fabs(up[0]), 1.0, 1e-15);
  const Turned none(u, {0, 0, 0}, 1.0);
  EXPECT_NEAR(none[2], 0.8, 1e-16);
  EXPECT_EQ(none.growth, 0.0);
}

/// Turns by parts of a time are the turn by all of it.
TEST(Turn, IsAFlow) {
  const double u[3] = {0.6, 0, 0.8};
  const double g[3] = {2, -1, 0.5};
  const Turned whole(u, g, 0.9);
  const Turned half(u, g, 0.3);
  const double at[3] = {half[0], half[1], half[2]};
  const Turned rest(at, g, 0.6);
  for (int i = 0; i < 3; ++i) EXPECT_NEAR(whole[i], rest[i], 1e-15);
  EXPECT_NEAR(whole.growth, half.growth + rest.growth, 1e-15);
}

}  // namespace

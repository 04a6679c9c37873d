// SPDX-License-Identifier: BSD-3-Clause
/// Claims: the stretch move has no bias, its acceptance is that of its definition, and neither
/// depends on an affine map of the target.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "support/kokkos_environment.hpp"
#include "unit/mcmc/samplers_population.hpp"

namespace {
using namespace driftwood;

constexpr int dim = 5;

/// Independent normals, the standard deviation of each `ratio` times that of the one before.
struct Scaled {
  double ratio;

  template <class R>
  KOKKOS_FUNCTION R potential(const mcmc::Coordinates<R>& x,
                              const mcmc::Coordinates<R>& gradient) const {
    R sum(0);
    double precision = 1;
    for (int i = 0; i < x.size(); ++i) {
      gradient.set(i, R(precision) * x[i]);
      sum = fma(R(0.5 * precision) * x[i], x[i], sum);
      precision /= ratio * ratio;
    }
    return sum;
  }
};

/// E min(1, z^(d - 1) pi(y) / pi(x)) for x and partner x_k from the standard normal, by draws.
test::Estimate acceptance_of_definition() {
  std::mt19937_64 engine(17);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  constexpr int draws = 1'000'000;
  double sum = 0;
  double squares = 0;
  for (int k = 0; k < draws; ++k) {
    // z has the density ~ 1 / sqrt(z) on [1/2, 2]: its root is uniform.
    const double root = std::sqrt(0.5) + uniform(engine) * (std::sqrt(2.0) - std::sqrt(0.5));
    const double z = root * root;
    double error = -(dim - 1) * std::log(z);
    for (int i = 0; i < dim; ++i) {
      const double x = normal(engine);
      const double partner = normal(engine);
      const double y = partner + z * (x - partner);
      error += 0.5 * (y * y - x * x);
    }
    const double p = std::min(1.0, std::exp(-error));
    sum += p;
    squares += p * p;
  }
  const double mean = sum / draws;
  return {mean, std::sqrt((squares / draws - mean * mean) / draws)};
}

TEST(Stretch, HasTheMomentsAndTheAcceptanceOfItsDefinition) {
  const auto options = test::sampler_of("name = 'stretch'");
  const test::Estimate wanted = acceptance_of_definition();
  for (const double ratio : {1.0, 10.0}) {
    const mcmc::DensityOf<Scaled> density({ratio}, dim);
    constexpr std::int64_t blocks = 256;
    auto chains = test::started(*options.sampler, density, blocks, 2010);
    chains.advance(0, 1000, 1.0);
    const auto found =
        test::averages(chains, 1000, 1500, 10, 1.0, 2, [&](const double* x, double* value) {
          value[0] = x[0] * x[0];
          value[1] = std::pow(x[dim - 1] / std::pow(ratio, dim - 1), 2);
        });
    EXPECT_LT(found[0].deviation("Var of the first, seed 2010", 1), 4);
    EXPECT_LT(found[1].deviation("Var of the last", 1), 4);
    double sum = 0;
    double squares = 0;
    constexpr int steps = 100;
    for (std::uint64_t step = 0; step < steps; ++step) {
      chains.advance(1500 + step, 1501 + step, 1.0);
      const double mean = static_cast<double>(chains.acceptance()) *
                          mcmc::Population::acceptance_unit / (blocks * mcmc::block_chains);
      sum += mean / steps;
      squares += mean * mean / steps;
    }
    // Steps of one ensemble are correlated: a tenth of them may be.
    const double error =
        std::hypot(std::sqrt((squares - sum * sum) / (steps / 10.0)), wanted.error);
    EXPECT_LT((test::Estimate{sum, error}.deviation("acceptance", wanted.mean)), 4);
  }
}

}  // namespace

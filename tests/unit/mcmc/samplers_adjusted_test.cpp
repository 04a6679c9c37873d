// SPDX-License-Identifier: BSD-3-Clause
/// Claims: samplers that accept or refuse steps have no bias, whatever the step size; their steps
/// adapt to the acceptance that is wanted; wherever they start, their positions stay finite, and
/// divergences are counted. Moments are checked within 4 standard errors (of 35 checks all pass
/// with the probability 0.998 when all is right); seeds are fixed.
#include <gtest/gtest.h>

#include "mcmc/chain_run.hpp"
#include "support/kokkos_environment.hpp"
#include "unit/mcmc/samplers_population.hpp"

namespace {
using namespace driftwood;

/// Standard deviations 1/2, 1 and 2 about (1, 0, -1), and a correlation of the first two.
struct Oblique {
  template <class R>
  KOKKOS_FUNCTION R potential(const mcmc::Coordinates<R>& x,
                              const mcmc::Coordinates<R>& gradient) const {
    constexpr double rho = 0.6;
    constexpr double all = 1 / (1 - rho * rho);
    const R a = R(2) * (x[0] - R(1));
    const R b = x[1];
    const R c = R(0.5) * (x[2] + R(1));
    const R ga = R(all) * fma(R(-rho), b, a);
    const R gb = R(all) * fma(R(-rho), a, b);
    gradient.set(0, R(2) * ga);
    gradient.set(1, gb);
    gradient.set(2, R(0.5) * c);
    return R(0.5) * fma(a, ga, fma(b, gb, c * c));
  }
};

/// Independent double wells.
struct Wells {
  template <class R>
  KOKKOS_FUNCTION R potential(const mcmc::Coordinates<R>& x,
                              const mcmc::Coordinates<R>& gradient) const {
    R sum(0);
    for (int i = 0; i < x.size(); ++i) {
      const R over = fma(x[i], x[i], R(-1));
      gradient.set(i, R(4) * over * x[i]);
      sum = fma(over, over, sum);
    }
    return sum;
  }
};

struct Case {
  const char* keys;
  double h;
};
const Case cases[] = {
    {"name = 'mala'", 0.2},
    {"name = 'hmc'\nleapfrogs = 4", 0.45},
    {"name = 'hmc'\ntrajectory = 2.0\njitter = 0.0", 0.4},
    {"name = 'malt'\nfriction = 1.5", 0.4},
    {"name = 'mclmc_mh'\ndecoherence = 1.5", 0.5},
};

TEST(AdjustedSamplers, HaveTheMomentsOfAGaussian) {
  const mcmc::DensityOf<Oblique> density({}, 3);
  for (const Case& some : cases) {
    const auto options = test::sampler_of(some.keys);
    auto chains = test::started(*options.sampler, density, 128, 1953);
    chains.advance(0, 200, some.h);
    const auto found =
        test::averages(chains, 200, 600, 4, some.h, 4, [](const double* x, double* value) {
          value[0] = x[0];
          value[1] = (x[0] - 1) * (x[0] - 1);
          value[2] = (x[0] - 1) * x[1];
          value[3] = (x[2] + 1) * (x[2] + 1);
        });
    std::printf("%s\nh %g, seed 1953\n", some.keys, some.h);
    EXPECT_LT(found[0].deviation("E x", 1), 4);
    EXPECT_LT(found[1].deviation("Var x", 0.25), 4);
    EXPECT_LT(found[2].deviation("Cov(x, y)", 0.3), 4);
    EXPECT_LT(found[3].deviation("Var z", 4), 4);
  }
}

TEST(AdjustedSamplers, HaveTheMomentsOfADoubleWell) {
  const mcmc::DensityOf<Wells> density({}, 2);
  for (const Case& some : cases) {
    const auto options = test::sampler_of(some.keys);
    const double h = 0.5 * some.h;
    auto chains = test::started(*options.sampler, density, 128, 1954,
                                0.25);  // not in tails, where steps of this size are refused
    chains.advance(0, 200, h);
    const auto found =
        test::averages(chains, 200, 600, 4, h, 3, [](const double* x, double* value) {
          value[0] = x[0];
          value[1] = 0.5 * (x[0] * x[0] + x[1] * x[1]);
          value[2] = 0.5 * (std::pow(x[0], 4) + std::pow(x[1], 4));
        });
    std::printf("%s\nh %g, seed 1954\n", some.keys, h);
    EXPECT_LT(found[0].deviation("E x", 0), 4);
    EXPECT_LT(found[1].deviation("E x^2", 0.83274549), 4);
    EXPECT_LT(found[2].deviation("E x^4", 1.08274549), 4);
  }
}

/// Chains of a run on one rank, warmed up.
class Adapted {
 public:
  Adapted(const std::string& keys, const mcmc::Density& density)
      : sampler_(test::sampler_of(keys)), run_(comm_, density, sampler_, chains(), {}, {}, {}) {
    while (run_.step() < chains().warmup) run_.adapt(comm_, false);
    run_.begin_sampling(comm_);
  }
  [[nodiscard]] mcmc::ChainRun& run() { return run_; }
  [[nodiscard]] mcmc::ChainFindings after(std::int64_t steps) {
    run_.advance(chains().warmup + steps);
    return run_.findings(comm_);
  }

 private:
  static const mcmc::ChainOptions& chains() {
    static const mcmc::ChainOptions options = [] {
      mcmc::ChainOptions out;
      out.warmup = 400;
      out.steps = 100;
      out.seed = 12;
      return out;
    }();
    return options;
  }
  comm::Communicator comm_ = comm::Communicator::alone();
  mcmc::SamplerOptions sampler_;
  mcmc::ChainRun run_;
};

TEST(AdjustedSamplers, AdaptTheirStepsToTheAcceptanceThatIsWanted) {
  const mcmc::DensityOf<Oblique> density({}, 3);
  for (const char* name : {"mala", "hmc", "malt", "mclmc_mh"}) {
    const std::string keys = "name = '" + std::string(name) + "'\n";
    Adapted usual(keys, density);
    const double wanted = test::sampler_of(keys).sampler->traits().acceptance;
    const double found = usual.after(100).acceptance;
    std::printf("%s: step size %.3f, acceptance %.3f, wanted %.3f\n", name, usual.run().step_size(),
                found, wanted);
    EXPECT_NEAR(found, wanted, 0.03);
    Adapted other(keys + "acceptance = 0.7", density);
    EXPECT_NEAR(other.after(100).acceptance, 0.7, 0.03);
  }
}

TEST(Mclmc, AdaptsItsStepsToTheEnergyErrorThatIsWanted) {
  const mcmc::DensityOf<Oblique> density({}, 3);
  for (const auto& [key, wanted] :
       {std::pair("", 5e-4), std::pair("energy_variance = 1e-2", 1e-2)}) {
    Adapted chains("name = 'mclmc'\n" + std::string(key), density);
    double sum = 0;
    for (std::int64_t k = 1; k <= 50; ++k) {
      chains.run().advance(400 + k);
      sum += static_cast<double>(chains.run().population().energy_variance());
    }
    const double found = sum * mcmc::Population::acceptance_unit / (50 * 1024);
    std::printf("mclmc: step size %.3f, E[dE^2]/d %.2e, wanted %.2e\n", chains.run().step_size(),
                found, wanted);
    EXPECT_NEAR(found / wanted, 1.0, 0.3);
  }
}

TEST(AdjustedSamplers, StayFiniteAndCountDivergencesWhereverTheyStart) {
  const mcmc::DensityOf<Wells> density({}, 2);
  for (const char* name : {"mala", "hmc", "malt", "mclmc_mh", "stretch"}) {
    for (const double sd : {1e3, 1e60, 1e120, 1e300}) {
      const auto options = test::sampler_of("name = '" + std::string(name) + "'");
      auto chains = test::started(*options.sampler, density, 2, 5, sd);
      chains.begin_sums(mcmc::Scale::coordinates, {0.0, 0.0});
      for (std::uint64_t step = 0; step < 20; ++step) {
        chains.advance(step, step + 1, 0.5);
        chains.add_to_sums(chains.all());
      }
      for (std::int64_t b = 0; b < 2; ++b) {
        for (const double x : chains.read(b)) EXPECT_TRUE(std::isfinite(x)) << name << sd;
      }
      if (std::string(name) == "stretch" || sd > 1e100) continue;
      const auto sums = chains.sums_of_blocks();
      const std::size_t diverged = 2 + 2 * 2;  // after sums and squares of both, and acceptance
      EXPECT_GT(sums[0][diverged] + sums[1][diverged], 0) << name << sd;
    }
  }
}

}  // namespace

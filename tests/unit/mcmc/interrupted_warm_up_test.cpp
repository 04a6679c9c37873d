// SPDX-License-Identifier: BSD-3-Clause
// Claim: a warm-up that is broken off anywhere, also within a trajectory, and taken up again ends
// with the same bits.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "mcmc/chain_run.hpp"
#include "samplers_population.hpp"
#include "support/kokkos_environment.hpp"

namespace {
using namespace driftwood;

/// x^2 / 2 + (y - x)^2, of correlated coordinates.
struct Slanted {
  template <class R>
  KOKKOS_FUNCTION R potential(const mcmc::Coordinates<R>& x,
                              const mcmc::Coordinates<R>& gradient) const {
    const R a = x[0];
    const R b = x[1] - x[0];
    gradient.set(0, a - R(2) * b);
    gradient.set(1, R(2) * b);
    return fma(R(0.5) * a, a, b * b);
  }
};

mcmc::ChainOptions chains() {
  mcmc::ChainOptions out;
  out.count = 700;  // several tiles, one of them not full
  out.warmup = 120;
  out.steps = 40;
  return out;
}

/// All that there is of a run that is broken off whenever its samplers have asked so many times,
/// and goes on from what was saved.
comm::Bytes ended(const std::string& keys, std::int64_t patience, std::int64_t& jobs) {
  const comm::Communicator comm = comm::Communicator::alone();
  const mcmc::DensityOf<Slanted> density({}, 2);
  const mcmc::SamplerOptions sampler = test::sampler_of(keys);
  const mcmc::ChainOptions options = chains();
  std::vector<comm::Bytes> parts;
  for (jobs = 1;; ++jobs) {
    mcmc::ChainRun run(comm, density, sampler, options, {}, {}, parts);
    std::int64_t asked = 0;
    bool is_interrupted = false;
    run.interrupt_when([&] { return is_interrupted = ++asked > patience; });
    while (run.is_warming_up() && !is_interrupted) {
      run.adapt(comm, false);
      if (run.step() == options.warmup) run.begin_sampling(comm);
    }
    if (!run.is_warming_up()) run.advance(options.warmup + options.steps);
    parts = {run.saved()};
    if (run.step() == options.warmup + options.steps) return parts.front();
  }
}

TEST(InterruptedWarmUp, EndsWithTheSameBits) {
  for (const std::string keys :
       {"name = 'hmc'\nprecondition = 'dense'", "name = 'malt'\nprecondition = 'diagonal'",
        "name = 'mclmc_mh'", "name = 'ula'\nprecondition = 'dense'", "name = 'baoab'"}) {
    std::int64_t jobs = 0;
    const comm::Bytes whole = ended(keys, 1'000'000'000, jobs);
    EXPECT_EQ(jobs, 1);
    for (const std::int64_t patience : {37, 101}) {
      const comm::Bytes broken = ended(keys, patience, jobs);
      EXPECT_GT(jobs, 1) << keys;
      EXPECT_TRUE(broken == whole) << keys << " in " << jobs << " jobs";
    }
  }
}

}  // namespace

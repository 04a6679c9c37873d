// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include "support/kokkos_environment.hpp"
#include "unit/mcmc/bias_targets.hpp"
#include "unit/mcmc/richardson_run.hpp"

namespace {
using namespace driftwood;

TEST(Richardson, HasTheSameBitsOnAnyNumberOfRanks) {
  constexpr std::int64_t chains = 300;
  constexpr std::int64_t blocks = 5;
  constexpr std::uint64_t seed = 7;
  const auto found = [&](const comm::Communicator& comm) {
    test::RichardsonRun<test::Logistic> run("srk_ld", {}, chains, seed, comm.share(blocks));
    run.advance(0, 30, 0.1, 10);
    return run.richardson().findings(comm);
  };
  const auto one = found(comm::Communicator::alone());
  const auto all = found(comm::Communicator::world());

  EXPECT_EQ(one.chains, chains);
  EXPECT_EQ(all.chains, chains);
  for (const auto moment : {&mcmc::BiasFindings::mean, &mcmc::BiasFindings::second_moment}) {
    EXPECT_EQ((one.*moment)[0].bias, (all.*moment)[0].bias);
    EXPECT_EQ((one.*moment)[0].standard_error, (all.*moment)[0].standard_error);
    EXPECT_EQ((one.*moment)[0].extrapolated, (all.*moment)[0].extrapolated);
    EXPECT_EQ((one.*moment)[0].extrapolated_error, (all.*moment)[0].extrapolated_error);
  }
}

}  // namespace

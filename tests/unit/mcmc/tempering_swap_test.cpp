// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>

#include "mcmc/launch/replicas.hpp"
#include "support/kokkos_environment.hpp"
#include "unit/mcmc/tempered_run.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::mcmc;

TEST(Tempering, SwapsAreAcceptedByTheRatioOfDensities) {
  EXPECT_DOUBLE_EQ(swap_probability(1, 0.5, 2, 3), std::exp(-0.5));
  EXPECT_EQ(swap_probability(1, 0.5, 3, 2), 1);
  EXPECT_EQ(swap_probability(1, 0, 3, HUGE_VAL), 0);  // where the target has no density
  EXPECT_EQ(swap_probability(1, 0, HUGE_VAL, 3), 1);  // out of there
  EXPECT_EQ(swap_probability(1, 0, HUGE_VAL, HUGE_VAL), 0);
  EXPECT_EQ(swap_probability(1, 0, std::nan(""), 3), 0);  // lost replicas stay where they are
  EXPECT_EQ(swap_probability(1, 0, 3, std::nan("")), 0);
}

TEST(Tempering, ExponentialsAreSummedWithoutOverflow) {
  double largest = -1e300;
  double sum = 0;
  for (const double value : {700.0, 1000.0, 999.0, -HUGE_VAL}) {
    add_exponential(value, 1, largest, sum);
  }
  EXPECT_EQ(largest, 1000);
  EXPECT_NEAR(sum, 1 + std::exp(-1) + std::exp(-300), 1e-15);
}

/// Five rungs of each of 14 ladders: 12 in the first block, whose last 4 chains are idle.
class Swaps : public ::testing::Test {
 protected:
  static constexpr std::size_t rungs = 5;
  static constexpr std::size_t ladders = 14;
  static constexpr std::uint64_t seed = 21;

  Swaps() : run_({}, "mala", test::chains_of(ladders, 0, 100, seed), options()) { run_.warm_up(); }

  [[nodiscard]] TemperingOptions options() const {
    TemperingOptions out;
    out.beta = beta_;
    out.swap_every = 3;
    out.adapt = false;
    return out;
  }

  [[nodiscard]] static std::size_t first_of(std::size_t ladder) {
    return ladder < 12 ? ladder * rungs : block_chains + (ladder - 12) * rungs;
  }

  const std::vector<double> beta_{1, 0.7, 0.4, 0.1, 0};
  test::TemperedRun run_;
};

TEST_F(Swaps, FollowAScalarReference) {
  std::int64_t swaps = 0;
  for (std::uint64_t round = 0; round < 30; ++round) {
    const std::vector<double> before = run_.numbers(Replica::rung);
    run_.run().advance(static_cast<std::int64_t>(3 * round + 2));
    EXPECT_EQ(run_.numbers(Replica::rung), before);  // no round yet
    run_.run().advance(static_cast<std::int64_t>(3 * round + 3));
    const std::vector<double> after = run_.numbers(Replica::rung);
    const std::vector<double> difference = run_.numbers(Replica::difference);
    for (std::size_t l = 0; l < ladders; ++l) {
      std::vector<double> expected(
          before.begin() + static_cast<std::ptrdiff_t>(first_of(l)),
          before.begin() + static_cast<std::ptrdiff_t>(first_of(l) + rungs));
      const auto at = [&](std::size_t rung) {
        return static_cast<std::size_t>(
            std::find(expected.begin(), expected.end(), static_cast<double>(rung)) -
            expected.begin());
      };
      for (std::size_t k = round % 2; k + 1 < rungs; k += 2) {
        const std::size_t cold = at(k);
        const std::size_t hot = at(k + 1);
        const random::Stream stream(seed, random::Purpose::swap, static_cast<int>(k));
        const double u = random::uniform(stream.words<double>({l}, round).word[0]);
        const double ratio = std::exp((beta_[k] - beta_[k + 1]) * (difference[first_of(l) + cold] -
                                                                   difference[first_of(l) + hot]));
        if (u < ratio) {
          std::swap(expected[cold], expected[hot]);
          ++swaps;
        }
      }
      for (std::size_t i = 0; i < rungs; ++i) EXPECT_EQ(after[first_of(l) + i], expected[i]);
    }
  }
  EXPECT_GT(swaps, 100);
}

TEST_F(Swaps, MoveTemperaturesAndNotReplicas) {
  run_.run().advance(3);
  const std::vector<double> rung = run_.numbers(Replica::rung);
  const std::vector<double> beta = run_.numbers(Replica::beta);
  std::size_t moved = 0;
  for (std::size_t l = 0; l < ladders; ++l) {
    for (std::size_t i = 0; i < rungs; ++i) {
      EXPECT_EQ(beta[first_of(l) + i], beta_[static_cast<std::size_t>(rung[first_of(l) + i])]);
      moved += rung[first_of(l) + i] != static_cast<double>(i) ? 1 : 0;
    }
  }
  EXPECT_GT(moved, 0u);
}

}  // namespace

// SPDX-License-Identifier: BSD-3-Clause
// Claims: searches for rotations by several ranks, over boxes and over cells, find and prove what
// one rank does, branch the same critical nodes, and end with one rotation on all ranks.
#include <gtest/gtest.h>

#include "support/team_checks.hpp"
#include "unit/pose/sights.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::pose;
using driftwood::pose::testing::Draws;
using driftwood::pose::testing::sights;

template <class P>
void expect_the_same(const std::vector<Correspondence>& all) {
  P problem(all);
  bnb::Search<P> alone(problem, {});
  alone.begin(problem.roots());
  while (alone.step()) {
  }
  for (const auto termination : {bnb::Termination::four_counters, bnb::Termination::ring}) {
    bnb::TeamSearch<P> together(problem, {}, {.termination = termination});
    together.begin();
    test::run_to_end(together);
    ASSERT_EQ(together.ending(), bnb::Ending::complete);
    EXPECT_EQ(together.incumbent()->value, alone.incumbent()->value);
    EXPECT_EQ(together.result().upper_bound, alone.incumbent()->value);
    EXPECT_EQ(together.result().critical, alone.critical());
    const Rotation<double> rotation = together.incumbent()->payload;
    EXPECT_EQ(inliers({rotation, {}}, all), together.incumbent()->value);
    const auto number = bnb::order_of(rotation(0, 1));
    EXPECT_EQ(test::all_ranks().all_reduce_max(number), test::all_ranks().all_reduce_min(number));
  }
}

TEST(RotationSearch, IsTheSameOnAnyRanks) {
  Draws draws(94);
  for (int k = 0; k < 4; ++k) {
    const auto drawn = sights(draws, 80, 0.5 + 0.1 * k);
    expect_the_same<RotationProblem>(drawn.all);
    expect_the_same<SweptRotationProblem>(drawn.all);
  }
}

}  // namespace

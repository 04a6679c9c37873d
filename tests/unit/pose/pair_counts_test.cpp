// SPDX-License-Identifier: BSD-3-Clause
// Claims: counts of pairs of many boxes at once are those of one after the other; no rotation of a
// box has more than the bound says, its middle exactly as many as are counted there; pairs that are
// always consistent count, those that never are do not.
#include "pose/launch/pair_counts.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "support/kokkos_environment.hpp"
#include "unit/pose/problems.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::pose;
using driftwood::pose::testing::box_near;
using driftwood::pose::testing::Draws;
using driftwood::pose::testing::problem_with_ties;

/// Consecutive correspondences, and those ten apart: of a problem with ties some of each kind.
std::vector<Pair> some_pairs(const std::vector<Correspondence>& all) {
  std::vector<Pair> out;
  for (const std::size_t apart : {1, 2, 5}) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      out.emplace_back(all[i], all[(i + apart) % all.size()]);
    }
  }
  return out;
}

/// Without any leaning.
int consistent(const std::vector<Pair>& pairs, const Rotation<double>& rotation) {
  int count = 0;
  for (const Pair& pair : pairs) {
    const bool passes = pair.kind == PairKind::tested &&
                        !DirectPair<double>(pair).excludes(rotated(rotation, pair.direction));
    count += passes || pair.kind == PairKind::always ? 1 : 0;
  }
  return count;
}

TEST(PairCounts, BoundWhatRotationsOfTheBoxHave) {
  Draws draws(50);
  const auto problem = problem_with_ties(211, 0.5, 20);
  const auto pairs = some_pairs(problem.correspondences);
  int kinds[3] = {};
  for (const Pair& pair : pairs) ++kinds[static_cast<int>(pair.kind)];
  for (const int of_kind : kinds) ASSERT_GT(of_kind, 0);

  std::vector<BoxKey> keys;
  for (int k = 0; k < 200; ++k) keys.push_back(box_near(draws, problem.truth));
  PairCounts counts(pairs);
  EXPECT_EQ(counts.size(), static_cast<int>(pairs.size()));
  std::vector<int> upper(keys.size());
  std::vector<int> reached(keys.size());
  counts.most(keys, upper);
  counts.at_middles(keys, reached);
  int tight = 0;
  for (std::size_t k = 0; k < keys.size(); ++k) {
    const auto box = box_of<double>(keys[k]);
    EXPECT_EQ(reached[k], consistent(pairs, rotation_of(box.middle())));
    EXPECT_GE(upper[k], reached[k]);
    tight += upper[k] == reached[k] ? 1 : 0;
    for (int member = 0; member < 30; ++member) {
      ASSERT_GE(upper[k], consistent(pairs, rotation_of(draws.member(box))));
    }
    // One after the other, and by another sum.
    const RotationBall<float> ball(box);
    int one = 0;
    for (const Pair& pair : pairs) {
      const bool passes =
          pair.kind == PairKind::tested && DirectPair<float>(pair).margin(ball) >= 0;
      one += passes || pair.kind == PairKind::always ? 1 : 0;
    }
    EXPECT_EQ(upper[k], one);
  }
  EXPECT_GT(tight, 20);  // small boxes
}

TEST(PairCounts, OfNoPairs) {
  PairCounts counts({});
  const BoxKey key(0, 0, 0);
  int upper = 7;
  int reached = 7;
  counts.most({&key, 1}, {&upper, 1});
  counts.at_middles({&key, 1}, {&reached, 1});
  EXPECT_EQ(upper, 0);
  EXPECT_EQ(reached, 0);
}

}  // namespace

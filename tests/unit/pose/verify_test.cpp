// SPDX-License-Identifier: BSD-3-Clause
// Claims: a certificate of the search is proven anew; none is that claims anything else, even where
// its checksum is right: whatever part of it is forged is what is said to be wrong.
#include "pose/verify/verify.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>
#include <string>

#include "bnb/search.hpp"
#include "pose/estimate/climb.hpp"
#include "pose/estimate/seed.hpp"
#include "pose/search/certified.hpp"
#include "pose/search/rule.hpp"
#include "support/kokkos_environment.hpp"
#include "unit/pose/problems.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::pose;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

void recount(Certificate& c) {
  c.is_inlier.clear();
  for (const Correspondence& each : c.correspondences) {
    c.is_inlier.push_back(is_inlier(c.pose, each) ? 1 : 0);
  }
  c.consensus = std::count(c.is_inlier.begin(), c.is_inlier.end(), 1);
}

Certificate searched() {
  auto options = SyntheticOptions::preset("std");
  options.points = 200;
  options.outliers = 0.5;
  const auto all = synthetic_problem(options, 1, 2).correspondences;
  CertifiedProblem problem(all, 64, 1, {});
  bnb::Search<CertifiedProblem> search(problem, {.keeps_closed = true});
  const auto first = seed_pose(all, 1, 500);
  const Found better = climbed(all, *first, 1, 200);
  search.offer({better.inliers, {better.pose, better.cost}});
  search.begin(problem.roots());
  while (search.step()) {
  }
  Certificate c;
  c.correspondences = all;
  c.pose = search.incumbent()->payload.pose;
  recount(c);
  c.upper_bound = c.allowed = search.upper_bound();
  c.order = problem.order();
  for (const auto& node : search.closed()) {
    c.leaves.push_back({node.word, node.bound, static_cast<std::int64_t>(node.rule)});
  }
  c.checksum = c.expected_checksum();
  return c;
}

const Certificate& genuine() {
  static const Certificate c = searched();
  return c;
}

/// What is said of a forgery whose checksum is right.
std::string why_not(const std::function<void(Certificate&)>& forge) {
  Certificate c = genuine();
  forge(c);
  c.checksum = c.expected_checksum();
  const Verdict verdict = verify(c);
  EXPECT_EQ(verdict.is_proven, verdict.why.empty());
  return verdict.why;
}
void expect_refused(const std::string& words, const std::function<void(Certificate&)>& forge) {
  const std::string why = why_not(forge);
  EXPECT_NE(why.find(words), why.npos) << "'" << words << "' is not in '" << why << "'";
}

std::int64_t rule_of(Rule rule) { return static_cast<std::int64_t>(rule); }

Leaf& around_pose(Certificate& c) {
  const auto q = pose::testing::quaternion_of(c.pose.rotation);
  return *std::find_if(c.leaves.begin(), c.leaves.end(), [&](const Leaf& leaf) {
    const BoxKey key(leaf.key);
    return box_around(q, key.level()) == key;
  });
}

TEST(Verifier, ProvesWhatIsGenuine) {
  const Certificate& c = genuine();
  const Verdict verdict = verify(c);
  EXPECT_TRUE(verdict.is_proven) << verdict.why;
  EXPECT_EQ(verdict.leaves, std::ssize(c.leaves));
  EXPECT_GT(verdict.nested, 0);
  EXPECT_EQ(c.consensus, c.upper_bound);
  EXPECT_EQ(check_status("optimal", c), "");
  EXPECT_EQ(why_not([](Certificate& f) { std::reverse(f.leaves.begin(), f.leaves.end()); }), "");
}

TEST(Verifier, RefusesAWrongChecksum) {
  Certificate c = genuine();
  c.correspondences[7].point[1] += 1e-13;
  EXPECT_NE(verify(c).why.find("checksum"), std::string::npos);
  c = genuine();
  ++c.leaves.front().bound;
  EXPECT_NE(verify(c).why.find("checksum"), std::string::npos);
}

TEST(Verifier, RefusesBoxesThatDoNotTile) {
  expect_refused("in no box", [](Certificate& c) { c.leaves.pop_back(); });
  expect_refused("in no box", [](Certificate& c) { c.leaves.erase(c.leaves.begin()); });
  expect_refused("overlap", [](Certificate& c) { c.leaves.push_back(c.leaves.front()); });
  expect_refused("overlap", [](Certificate& c) {
    const Leaf& leaf = c.leaves.front();
    c.leaves.push_back({BoxKey(leaf.key).child(3).word, leaf.bound, leaf.rule});
  });
  // As many units as there are, but not each once.
  expect_refused("box", [](Certificate& c) {
    Leaf& leaf = *std::find_if(c.leaves.begin(), c.leaves.end(),
                               [](const Leaf& l) { return BoxKey(l.key).level() > 0; });
    leaf.key ^= 1;
  });
  expect_refused("is no box", [](Certificate& c) { c.leaves[0].key |= std::uint64_t{1} << 63; });
  expect_refused("surrogate", [](Certificate& c) { c.leaves.clear(); });
}

TEST(Verifier, RefusesLoweredBounds) {
  for (const Rule rule : {Rule::h_index, Rule::core, Rule::nested}) {
    expect_refused("not proven", [&](Certificate& c) {
      Leaf& leaf = around_pose(c);
      leaf.bound = c.consensus - 1;
      leaf.rule = rule_of(rule);
    });
  }
  expect_refused("not proven", [](Certificate& c) { around_pose(c).bound = -5; });
  expect_refused("not proven", [](Certificate& c) {
    // Of a box that only a search over centres closes.
    const auto leaf = std::find_if(c.leaves.begin(), c.leaves.end(),
                                   [](const Leaf& l) { return l.rule == rule_of(Rule::nested); });
    ASSERT_NE(leaf, c.leaves.end());
    leaf->rule = rule_of(Rule::core);
    leaf->bound = 3;
  });
  expect_refused("less than the pose has", [](Certificate& c) {
    --c.upper_bound;
    for (Leaf& leaf : c.leaves) leaf.bound = std::min(leaf.bound, c.upper_bound);
  });
}

TEST(Verifier, RefusesBoundsThatAreNotEnough) {
  expect_refused("more than the upper bound", [](Certificate& c) { ++around_pose(c).bound; });
  expect_refused("more than the upper bound", [](Certificate& c) {
    around_pose(c).bound = std::int64_t{1} << 52;  // more than there are
  });
  expect_refused("left open", [](Certificate& c) { ++c.upper_bound; });
  Certificate c = genuine();
  c.upper_bound = c.allowed = c.consensus + 1;
  c.checksum = c.expected_checksum();
  EXPECT_TRUE(verify(c).is_proven);
  EXPECT_EQ(check_status("gap", c), "");
  EXPECT_NE(check_status("optimal", c), "");
  EXPECT_NE(check_status("surrogate", c), "");
  EXPECT_NE(check_status("", c), "");
}

TEST(Verifier, RefusesFalseIncumbents) {
  const auto place = [](const Certificate& c, char mark) {
    return static_cast<std::size_t>(std::find(c.is_inlier.begin(), c.is_inlier.end(), mark) -
                                    c.is_inlier.begin());
  };
  expect_refused("no inlier of the pose", [&](Certificate& c) {
    c.is_inlier[place(c, 0)] = 1;
    c.upper_bound = c.allowed = ++c.consensus;
  });
  expect_refused("an inlier of the pose", [&](Certificate& c) { c.is_inlier[place(c, 1)] = 0; });
  expect_refused("inliers, not", [](Certificate& c) { c.allowed = c.upper_bound = ++c.consensus; });
  // A reflection sees as many as one likes.
  expect_refused("no rotation", [](Certificate& c) {
    for (int j = 0; j < 3; ++j) c.pose.rotation(0, j) *= -1;
    recount(c);
  });
  expect_refused("no rotation", [](Certificate& c) {
    c.pose.rotation(1, 1) *= 1 + 1e-9;
    recount(c);
  });
  expect_refused("no rotation", [](Certificate& c) {
    c.pose.rotation(2, 0) = nan;
    recount(c);
  });
  for (const double x : {nan, HUGE_VAL, 1e200}) {
    expect_refused("no centre", [&](Certificate& c) {
      c.pose.centre[2] = x;
      recount(c);
    });
  }
}

TEST(Verifier, RefusesWrongBlocks) {
  expect_refused("every correspondence once", [](Certificate& c) { c.order[3] = c.order[4]; });
  expect_refused("every correspondence once", [](Certificate& c) { c.order[3] = -1; });
  expect_refused("every correspondence once", [](Certificate& c) { c.order[3] = 200; });
  expect_refused("sizes", [](Certificate& c) { c.order.pop_back(); });
  expect_refused("sizes", [](Certificate& c) { c.is_inlier.push_back(0); });
  for (const std::int64_t block : {0, -64, 257}) {
    expect_refused("blocks of that size", [&](Certificate& c) { c.block = block; });
  }
  // Blocks of bearings close to each other bound less.
  expect_refused("not proven", [](Certificate& c) {
    std::sort(c.order.begin(), c.order.end(), [&](int a, int b) {
      return c.correspondences[static_cast<std::size_t>(a)].bearing[0] <
             c.correspondences[static_cast<std::size_t>(b)].bearing[0];
    });
  });
  expect_refused("not proven", [](Certificate& c) { c.block = 1; });
}

TEST(Verifier, RefusesNumbersThatAreNone) {
  for (const double x : {nan, -nan, 0.0, -1e-3, 1.6, HUGE_VAL}) {
    expect_refused("threshold", [&](Certificate& c) { c.correspondences[5].threshold = x; });
  }
  for (const double x : {nan, HUGE_VAL, 1e200, -1e101}) {
    expect_refused("point", [&](Certificate& c) { c.correspondences[5].point[1] = x; });
  }
  expect_refused("bearing", [](Certificate& c) { c.correspondences[5].bearing[1] = nan; });
  expect_refused("bearing", [](Certificate& c) {
    c.correspondences[5].bearing = {};
    recount(c);
  });
  expect_refused("bearing", [](Certificate& c) {
    c.correspondences[5].bearing = (1 + 1e-9) * c.correspondences[5].bearing;
  });
}

/// Two points so close to each other, and the camera between them, that they are one where all
/// points are brought into the unit ball.
TEST(Verifier, TellsPointsApartThatAreClose) {
  Certificate c;
  c.correspondences = {{{1e-20, 0, 0}, {1, 0, 0}, 0.01}, {{-1e-20, 0, 0}, {-1, 0, 0}, 0.01}};
  const Vec3<double> others[] = {{1, 2, 3}, {-1, 2, 5}, {2, 0, 4}, {3, 1, -1}};
  for (const Vec3<double>& x : others) c.correspondences.push_back({x, normalised(x), 0.01});
  const Pose<double> best = {{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}}, {0, 0, 0}};
  ASSERT_EQ(inliers(best, c.correspondences), 6);

  c.pose = {best.rotation, {0, 0, 1e-6}};
  recount(c);
  ASSERT_EQ(c.consensus, 4);
  c.upper_bound = c.allowed = 5;
  c.order.resize(6);
  std::iota(c.order.begin(), c.order.end(), 0);
  for (int chart = 0; chart < charts; ++chart) {
    c.leaves.push_back({BoxKey(chart, 0, 0).word, 5, rule_of(Rule::core)});
  }
  c.checksum = c.expected_checksum();
  EXPECT_NE(verify(c).why.find("not proven"), std::string::npos);
}

}  // namespace

// SPDX-License-Identifier: BSD-3-Clause
// Claims: no rotation of a box or of a cell explains more than its bound; searches over either find
// a best rotation among 50 to 80 % of wrong directions, prove it, and agree; cells need less than
// half the nodes; points at 0 and thresholds above pi are what they are.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "bnb/search.hpp"
#include "unit/pose/sights.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::pose;
using driftwood::pose::testing::Draws;
using driftwood::pose::testing::Sights;
using driftwood::pose::testing::sights;

/// What a search came to.
struct Searched {
  std::int64_t value;
  std::int64_t upper_bound;
  std::int64_t nodes;
  Rotation<double> rotation;
};

template <class P>
Searched search(const std::vector<Correspondence>& all) {
  P problem(all);
  bnb::Search<P> search(problem, {.batch = 8, .max_nodes = 1'000'000});
  search.begin(problem.roots());
  while (search.step()) {
  }
  EXPECT_TRUE(search.is_complete());
  return {search.incumbent()->value, search.upper_bound(), search.counts().evaluated,
          search.incumbent()->payload};
}

double radians_between(const Rotation<double>& a, const Rotation<double>& b) {
  double trace = 0;
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) trace += a(i, j) * b(i, j);
  }
  return std::acos(std::min(1.0, (trace - 1) / 2));
}

TEST(RotationBounds, HoldInBoxes) {
  Draws draws(90);
  int tight = 0;
  for (int k = 0; k < 400; ++k) {
    const Sights s = sights(draws, 40, 0.5);
    RotationProblem problem(s.all);
    // Around a rotation near the right one, so that there is something to explain.
    Quaternion<double> near = draws.quaternion();
    if (k % 2 == 0) {
      const Vec3<double> f = draws.scale(1e-6, 0.03) * draws.direction();
      const Quaternion<double> q = {1, f[0], f[1], f[2]};
      near = product(q, pose::testing::quaternion_of(s.truth));
    }
    RotationProblem::Node node = problem.roots().front();
    node.word = box_around(near, draws.below(deepest_level + 1)).word;
    problem.evaluate({&node, 1}, -1);
    int most = 0;
    for (int member = 0; member < 50; ++member) {
      const auto rotation = rotation_of(draws.member(node.box()));
      most = std::max(most, inliers({rotation, {}}, s.all));
    }
    ASSERT_LE(most, node.bound);
    tight += most == node.bound && most > 0 ? 1 : 0;
  }
  EXPECT_GT(tight, 20);  // small boxes
}

TEST(RotationBounds, HoldInCells) {
  Draws draws(91);
  int tight = 0;
  for (int k = 0; k < 400; ++k) {
    const Sights s = sights(draws, 40, 0.5);
    SweptRotationProblem problem(s.all);
    // Downwards through cells that hold where the right rotation turns the z axis.
    const Vec3<double> goal = rotated(s.truth, {0, 0, 1});
    auto node = problem.roots().front();
    double best = -2;
    for (const auto& root : problem.roots()) {
      const double along = dot(goal, root.key().cell().middle());
      if (along > best) {
        best = along;
        node = root;
      }
    }
    for (int level = draws.below(SphereKey::deepest_level); level > 0; --level) {
      std::vector<SweptRotationProblem::Node> parts;
      problem.children(node, parts);
      best = -2;
      for (const auto& part : parts) {
        const double along = dot(goal, part.key().cell().middle());
        if (along > best) {
          best = along;
          node = part;
        }
      }
    }
    problem.evaluate({&node, 1}, -1);
    const SphereCell cell = node.key().cell();
    const std::vector<Correspondence> directions = directions_of(s.all);
    int most = 0;
    for (int member = 0; member < 50; ++member) {
      Vec<double, 2> x = cell.square.centre;
      for (int a = 0; a < 2; ++a) x[a] += cell.square.half * draws.uniform(-1, 1);
      const auto p = (cell.opposite ? -1.0 : 1.0) * normalised(cell.square.at(x));
      // Where the most is for this p, which another angle of phi does not beat.
      const double phi =
          member % 2 == 0 ? draws.uniform(0, 2 * pi) : most_caps(p, {0, 1}, directions).at;
      most = std::max(most, inliers({rotation_onto(p, phi), {}}, s.all));
    }
    ASSERT_LE(most, node.bound);
    tight += most == node.bound && most > 0 ? 1 : 0;
  }
  EXPECT_GT(tight, 20);
}

TEST(RotationSearch, FindsAndProvesTheBestByBoxesAndByCells) {
  Draws draws(92);
  std::int64_t boxes = 0;
  std::int64_t cells = 0;
  for (const double outliers : {0.5, 0.65, 0.8}) {
    for (int k = 0; k < 4; ++k) {
      const Sights s = sights(draws, 100, outliers);
      const Searched by_boxes = search<RotationProblem>(s.all);
      const Searched by_cells = search<SweptRotationProblem>(s.all);
      for (const Searched& found : {by_boxes, by_cells}) {
        EXPECT_EQ(found.upper_bound, found.value);
        EXPECT_EQ(inliers({found.rotation, {}}, s.all), found.value);
        EXPECT_LT(radians_between(found.rotation, s.truth), 0.02);
      }
      EXPECT_GE(by_boxes.value, s.right);
      EXPECT_EQ(by_boxes.value, by_cells.value);
      boxes += by_boxes.nodes;
      cells += by_cells.nodes;
    }
  }
  RecordProperty("boxes_per_cell", std::to_string(boxes / std::max<std::int64_t>(cells, 1)));
  EXPECT_LT(2 * cells, boxes);
}

TEST(RotationSearch, LeavesOutPointsAtTheCameraAndTakesAnyThreshold) {
  Draws draws(93);
  Sights s = sights(draws, 20, 0.5);
  s.all.push_back({{0, 0, 0}, {0, 0, 1}, 0.01});
  s.all.push_back({{1, 0, 0}, {0, 0, 1}, 4.0});
  const int right = inliers({s.truth, {}}, s.all);
  EXPECT_EQ(right, s.right + 1);
  EXPECT_GE(search<RotationProblem>(s.all).value, right);
  EXPECT_EQ(search<RotationProblem>(s.all).value, search<SweptRotationProblem>(s.all).value);
}

}  // namespace

// SPDX-License-Identifier: BSD-3-Clause
// Claims: linear rows hold for the inliers of every pose of a product, so that no set of inliers is
// found to contradict; contradictions are found where small products hold no pose that suits all;
// multipliers that prove nothing are refused; the exchange solves minimax fits as brute force does.
#include "pose/bounds/linear.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "unit/pose/draws.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::pose;
using driftwood::pose::testing::Draws;

/// A product, a pose of it, and what that pose sees.
struct Scene {
  Box<double> box;
  CentreCell<double> cell;
  Quaternion<double> rotation;
  Centre<double> centre;
  std::vector<Correspondence> inliers;
};

double inside(Draws& draws, double middle, double half) {
  const double t = draws.uniform(-1, 1);
  return middle + half * (draws.below(2) == 0 ? t : (t < 0 ? -1 : 1));
}

/// A correspondence of a point, seen `share` of its threshold off.
Correspondence seen(Draws& draws, const Scene& scene, double threshold, double share) {
  for (;;) {
    const Vec3<double> point = std::cbrt(draws.uniform()) * draws.direction();
    const Vec3<double> y = rotated(rotation_of(scene.rotation),
                                   scene.centre.w * point - scene.centre.c);
    if (norm(y) < 1e-3) continue;
    return {point, draws.off(normalised(y), share * threshold), threshold};
  }
}

Scene scene_of(Draws& draws, int lowest, int levels, int size) {
  Scene out;
  const BoxKey key = box_around(draws.quaternion(), lowest + draws.below(levels));
  out.box = box_of<double>(key);
  out.rotation = draws.member(out.box);
  const int level = lowest + draws.below(levels);
  BoxKey of_centres(draws.below(centre_charts), 0, 0);
  for (int l = 0; l < level; ++l) of_centres = of_centres.child(draws.below(8));
  out.cell = cell_of(of_centres);
  for (int a = 0; a < 3; ++a) {
    out.centre.c[a] = inside(draws, out.cell.middle.c[a], out.cell.half.c[a]);
  }
  out.centre.w = inside(draws, out.cell.middle.w, out.cell.half.w);
  for (int i = 0; i < size; ++i) {
    const double share = draws.below(2) == 0 ? 1 - 1e-9 : draws.uniform();
    out.inliers.push_back(seen(draws, out, draws.scale(1e-3, 0.1), share));
  }
  return out;
}

std::vector<int> all_of(const Scene& scene) {
  std::vector<int> out(scene.inliers.size());
  std::iota(out.begin(), out.end(), 0);
  return out;
}

TEST(Product, RowsHoldForInliers) {
  Draws draws(60);
  double tightest = 0;
  for (int k = 0; k < 20000; ++k) {
    const Scene scene = scene_of(draws, 0, 10, 4);
    const Product product(scene.box, scene.cell);
    // Coordinates of the pose.
    double z[6] = {};
    Quaternion<double> q = scene.rotation;
    const double component = q[scene.box.chart];
    for (int j = 0; j < 3; ++j) {
      const int a = j + (j >= scene.box.chart ? 1 : 0);
      z[j] = (q[a] / component - scene.box.centre[j]) / scene.box.half;
      const int f = product.free[j];
      z[3 + j] = f == 3 ? (scene.centre.w - scene.cell.middle.w) / scene.cell.half.w
                        : (scene.centre.c[f] - scene.cell.middle.c[f]) / scene.cell.half.c[f];
    }
    for (int j = 0; j < 6; ++j) ASSERT_LE(std::abs(z[j]), 1 + 1e-12);
    for (const Correspondence& c : scene.inliers) {
      const ProductSight sight = product.see(c);
      Vec3<double> y = sight.to;
      for (int j = 0; j < 6; ++j) y = y + z[j] * sight.column[j];
      // The direction e whose row is violated most.
      const Vec3<double> off = y - dot(y, sight.bearing) * sight.bearing;
      const double left = sight.reach.cosine * norm(off) - sight.reach.sine * dot(y, sight.bearing);
      const double remainder = product.mixed_remainder(sight) + product.turn_remainder(sight);
      ASSERT_LE(left, remainder + 1e-12);
      tightest = std::max(tightest, left / remainder);
    }
  }
  EXPECT_GT(tightest, 0.5);
}

TEST(LinearSights, NeverContradictInliers) {
  Draws draws(61);
  for (int k = 0; k < 20000; ++k) {
    const Scene scene = scene_of(draws, 1, 16, 3 + draws.below(20));
    const Product product(scene.box, scene.cell);
    const std::vector<int> all = all_of(scene);
    const LinearSights sights(product, scene.inliers, all);
    ASSERT_EQ(sights.members().size(), all.size());
    const std::vector<char> alive(all.size(), 1);
    ASSERT_FALSE(sights.fit(alive, Allowance::remainder).contradiction);
    ASSERT_FALSE(linear_bound(sights, static_cast<int>(all.size()) - 1, 20).is_proven);
  }
}

TEST(LinearBound, ProvesWhatSmallProductsDoNotHold) {
  Draws draws(62);
  int proven = 0;
  int fits = 0;
  constexpr int scenes = 200;
  for (int k = 0; k < scenes; ++k) {
    Scene scene = scene_of(draws, 9, 1, 0);
    for (int i = 0; i < 30; ++i) {
      scene.inliers.push_back(seen(draws, scene, 0.02, std::sqrt(draws.uniform())));
    }
    // Not inliers of the pose, nor likely of one that suits the others.
    for (int i = 0; i < 4; ++i) scene.inliers.push_back(seen(draws, scene, 0.02, 3));
    const Product product(scene.box, scene.cell);
    const std::vector<int> all = all_of(scene);
    const LinearSights sights(product, scene.inliers, all);
    const LinearBound bound = linear_bound(sights, 30, 1000);
    proven += bound.is_proven ? 1 : 0;
    fits += bound.fits;
    EXPECT_FALSE(linear_bound(sights, 29, 1000).is_proven);
  }
  EXPECT_GE(proven, scenes * 9 / 10);
}

TEST(Contradiction, IsCheckedByItsMultipliers) {
  Draws draws(63);
  int found = 0;
  for (int k = 0; k < 300; ++k) {
    Scene scene = scene_of(draws, 6, 1, 0);
    for (int i = 0; i < 20; ++i) {
      scene.inliers.push_back(seen(draws, scene, 0.02, i < 19 ? draws.uniform() : 2.2));
    }
    const Product product(scene.box, scene.cell);
    const LinearSights sights(product, scene.inliers, all_of(scene));
    const std::vector<char> alive(sights.members().size(), 1);
    const auto fit = sights.fit(alive, Allowance::remainder);
    if (!fit.contradiction) continue;
    ++found;
    std::vector<FarkasTerm> terms = fit.contradiction->terms;
    const auto sight_of = [&](int i) {
      return product.see(scene.inliers[static_cast<std::size_t>(i)]);
    };
    const auto holds = [&] {
      return is_contradiction(product, std::span<const FarkasTerm>(terms), sight_of);
    };
    EXPECT_TRUE(holds());
    EXPECT_LE(terms.size(), 7U);
    // Without the one that no pose suits, the rest says nothing.
    const std::vector<FarkasTerm> kept = terms;
    std::erase_if(terms, [](const FarkasTerm& t) { return t.member == 19; });
    EXPECT_LT(terms.size(), kept.size());
    EXPECT_FALSE(holds());
    terms = kept;
    terms[0].weight = -terms[0].weight;
    EXPECT_FALSE(holds());
  }
  EXPECT_GT(found, 30);
}

TEST(Exchange, FindsTheMinimaxOfAllVertices) {
  // In the plane of z_0 and z_1, by brute force over all triples of rows and sides.
  Draws draws(64);
  for (int k = 0; k < 300; ++k) {
    std::vector<Exchange::Row> rows;
    const int size = 3 + draws.below(8);
    for (int i = 0; i < size; ++i) {
      rows.push_back({{draws.normal(), draws.normal(), 0, 0, 0, 0}, draws.normal(), draws.uniform(0.5, 2)});
    }
    Exchange exchange(rows[0], 0);
    for (int step = 0; step < 100; ++step) {
      if (exchange.enter_side()) continue;
      int most = 0;
      for (int i = 1; i < size; ++i) {
        if (exchange.violation(rows[static_cast<std::size_t>(i)]) >
            exchange.violation(rows[static_cast<std::size_t>(most)])) {
          most = i;
        }
      }
      const Exchange::Row& row = rows[static_cast<std::size_t>(most)];
      if (exchange.violation(row) < 1e-10) break;
      ASSERT_TRUE(exchange.enter_row(row, most));
    }
    // The least largest value over a fine grid, whose error a Lipschitz constant bounds.
    double best = 1e300;
    constexpr int cells = 400;
    for (int p = 0; p <= cells; ++p) {
      for (int q = 0; q <= cells; ++q) {
        const double x = -1 + 2.0 * p / cells;
        const double y = -1 + 2.0 * q / cells;
        double worst = -1e300;
        for (const auto& r : rows) worst = std::max(worst, (r.a[0] * x + r.a[1] * y + r.b) / r.e);
        best = std::min(best, worst);
      }
    }
    double slope = 0;
    for (const auto& r : rows) {
      slope = std::max(slope, (std::abs(r.a[0]) + std::abs(r.a[1])) / r.e);
    }
    EXPECT_LE(exchange.s(), best + 1e-9);
    EXPECT_GE(exchange.s(), best - slope / cells - 1e-9);
    double multiples = 0;
    for (int place = 0; place < Exchange::held; ++place) {
      EXPECT_GE(exchange.multiplier(place), -1e-12);
      if (exchange.number(place) != Exchange::side) {
        multiples += exchange.multiplier(place) *
                     rows[static_cast<std::size_t>(exchange.number(place))].e;
      }
    }
    EXPECT_NEAR(multiples, 1, 1e-9);
  }
}

}  // namespace

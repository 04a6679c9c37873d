// SPDX-License-Identifier: BSD-3-Clause
/// Boxes of rotations bounded per second, on one core: by the launch in single precision, with the
/// h-index and with the last cores of blocks of 64, against the same bound one box after the other,
/// compiled without vectors, and against the floor, the multiplications and additions of pair tests
/// at the rate at which this process does them in registers. All cases run in turn, round after
/// round; ratios are taken within a round, and medians printed.
///
///     pose_kernel [rounds]        9 rounds by default
#include "pose_kernel.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "base/narrow_lane.hpp"
#include "pose/geometry/unit_ball.hpp"
#include "pose/launch/box_bounds.hpp"
#include "pose/launch/pair_counts.hpp"
#include "pose/synthetic.hpp"
#include "timing.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::pose;
using benchmarks::median;
using benchmarks::seconds_of;

constexpr int points = 1024;
constexpr int block = 64;
/// Products, sums and comparisons of one pair in RayTest and what leads to it, an fma as two.
constexpr double operations_of_pair = 34;

std::vector<Correspondence> correspondences(double outliers) {
  auto options = SyntheticOptions::preset("std");
  options.points = points;
  options.outliers = outliers;
  auto all = synthetic_problem(options, 190310175).correspondences;
  std::vector<Vec3<double>> at;
  for (const auto& c : all) at.push_back(c.point);
  const UnitBall ball(at);
  for (auto& c : all) c.point = ball.into(c.point);
  return all;
}

/// All boxes of a level: of a search those that are not pruned at once.
std::vector<BoxKey> boxes_of(int level) {
  std::vector<BoxKey> out;
  for (int chart = 0; chart < charts; ++chart) {
    for (std::uint64_t path = 0; path < std::uint64_t{1} << (3 * level); ++path) {
      out.emplace_back(chart, level, path);
    }
  }
  return out;
}

/// Operations a second in eight independent chains of fused multiplications and additions.
double peak() {
  using R = NarrowLane<float>;
  constexpr int chains = 10;
  constexpr int steps = 1 << 20;
  R x[chains];
  for (int c = 0; c < chains; ++c) x[c] = R(static_cast<float>(c));
  const R a(0.999F);
  const R b(0.001F);
  const double seconds = seconds_of([&] {
    for (int s = 0; s < steps; ++s) {
      for (int c = 0; c < chains; ++c) x[c] = fma(x[c], a, b);
    }
  });
  float kept[width_of<R>];
  volatile float out = 0;
  for (const R& value : x) {
    store_lanes(kept, value);
    out = out + kept[0];
  }
  return 2.0 * chains * steps * width_of<R> / seconds;
}

struct Case {
  std::string title;
  std::size_t boxes;
  std::function<void()> run;
  std::size_t scalar;          ///< the case that does the same without vectors
  std::vector<double> rate{};  ///< boxes per second
  std::vector<double> speedup{};
  std::vector<double> of_floor{};
};

}  // namespace

int main(int argc, char** argv) {
  const Kokkos::ScopeGuard kokkos(argc, argv);
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 9;
  fmt::print("N = {}, blocks of {}, single precision, all {} boxes of level 3\n", points, block,
             boxes_of(3).size());
  fmt::print("{:>9}  {:28} {:>12} {:>10} {:>10}\n", "outliers", "bound", "boxes/s", "x scalar",
             "of floor");
  for (const double outliers : {0.5, 0.8}) {
    const auto all = correspondences(outliers);
    const auto boxes = boxes_of(3);
    const auto few = std::span(boxes).first(64);
    std::vector<int> bounds(boxes.size());
    BoxBounds launch(all, block);
    const benchmarks::ScalarBounds scalar(all);
    std::vector<Pair> pairs;
    for (std::size_t i = 0; i < all.size(); ++i) {
      for (const std::size_t apart : {1, 5, 25, 125}) {
        pairs.emplace_back(all[i], all[(i + apart) % all.size()]);
      }
    }
    PairCounts counts(pairs);
    const int enough = static_cast<int>((1 - outliers) * points);
    std::vector<int> few_bounds(few.size());
    std::vector<Case> cases;
    cases.push_back({"scalar, h-index", few.size(), [&] { scalar.h_index(few, few_bounds); }, 0});
    cases.push_back({"scalar, core", few.size(), [&] { scalar.core(few, few_bounds); }, 1});
    cases.push_back({"h-index", boxes.size(), [&] { launch.h_index(boxes, -1, bounds); }, 0});
    cases.push_back({"core", boxes.size(), [&] { launch.core(boxes, -1, bounds); }, 1});
    cases.push_back(
        {"h-index, enough known", boxes.size(), [&] { launch.h_index(boxes, enough, bounds); }, 0});
    cases.push_back(
        {"core, enough known", boxes.size(), [&] { launch.core(boxes, enough, bounds); }, 1});
    cases.push_back(
        {"counts of 4 N listed pairs", boxes.size(), [&] { counts.most(boxes, bounds); }, 6});
    for (int round = -1; round < rounds; ++round) {  // the first one only warms up
      const double floor =
          peak() / (operations_of_pair * points * (block - 1) / 2);  // boxes per second
      for (std::size_t c = 0; c < cases.size(); ++c) {
        const double rate = static_cast<double>(cases[c].boxes) / seconds_of(cases[c].run);
        if (round < 0) continue;
        cases[c].rate.push_back(rate);
        cases[c].speedup.push_back(rate / cases[cases[c].scalar].rate.back());
        cases[c].of_floor.push_back(rate / floor);
      }
    }
    for (const Case& c : cases) {
      fmt::print("{:9.1f}  {:28} {:12.0f} {:10.1f} {:10.2f}\n", outliers, c.title, median(c.rate),
                 median(c.speedup), median(c.of_floor));
    }
  }
}

// SPDX-License-Identifier: BSD-3-Clause
/// What each bound of `pose_search` saves in nodes (A12). Best-first searches to a proven optimum:
/// of the most listed pairs that one rotation is consistent with, by bounds on pairs; and of the
/// most inliers of a pose, whose number at the truth is given, by bounds on cliques in blocks.
/// Medians over problems; a search is cut off at a number of nodes, its row then says so, and
/// ratios to it are at least what is printed.
/// Ends with what is expected of the ratios, and exits 1 where that is not so.
///
///     pose_ablation [problems]        5 problems by default
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "bnb/search.hpp"
#include "pose/bounds/block.hpp"
#include "pose/bounds/hopf.hpp"
#include "pose/bounds/taylor.hpp"
#include "pose/geometry/unit_ball.hpp"
#include "pose/launch/box_bounds.hpp"
#include "pose/synthetic.hpp"
#include "timing.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::pose;
using benchmarks::median;
using benchmarks::seconds_of;

constexpr std::int64_t most_nodes = 300'000;

/// A part of the rotations and the most that any of it has.
struct Node {
  std::uint64_t word;
  int bound;
};

/// How the rotations are cut: roots and children of words, and their level.
struct Tree {
  std::vector<std::uint64_t> roots;
  std::function<void(std::uint64_t, std::vector<std::uint64_t>&)> children;
  std::function<int(std::uint64_t)> level;
};

/// The bound of a part, and a number that is reached in it, or -1.
struct Evaluated {
  int bound;
  int reached;
};
using Evaluate = std::function<void(std::span<Node> batch, int enough, int& reached)>;

/// Counting on a tree: what searches of all kinds here are.
class Counting {
 public:
  using Node = ::Node;
  using Value = int;
  using Payload = char;

  Counting(Tree tree, Evaluate evaluate, int given)
      : tree_(std::move(tree)), evaluate_(std::move(evaluate)), reached_(given) {}

  [[nodiscard]] std::vector<Node> roots() const {
    std::vector<Node> out;
    for (const std::uint64_t word : tree_.roots) out.push_back({word, 0});
    return out;
  }
  void children(const Node& node, std::vector<Node>& out) const {
    std::vector<std::uint64_t> words;
    tree_.children(node.word, words);
    for (const std::uint64_t word : words) out.push_back({word, 0});
  }
  void evaluate(std::span<Node> batch, int enough) { evaluate_(batch, enough, reached_); }
  [[nodiscard]] int bound(const Node& node) const { return node.bound; }
  [[nodiscard]] bool goes_first(const Node& a, const Node& b) const {
    const int la = tree_.level(a.word);
    const int lb = tree_.level(b.word);
    return la != lb ? la < lb : a.word < b.word;
  }
  [[nodiscard]] std::uint64_t key(const Node& node) const { return node.word; }
  [[nodiscard]] bool is_minimal(const Node& node) const { return tree_.level(node.word) >= 17; }
  /// The best of all that were evaluated: their middles are tried with them.
  [[nodiscard]] std::optional<bnb::Candidate<int, char>> try_improve(const Node&) const {
    if (reached_ < 0) return std::nullopt;
    return bnb::Candidate<int, char>{reached_, 0};
  }
  [[nodiscard]] bool prefers(char, char) const { return false; }

 private:
  Tree tree_;
  Evaluate evaluate_;
  int reached_;
};

Tree gnomonic_tree() {
  Tree out;
  for (int chart = 0; chart < charts; ++chart) out.roots.push_back(BoxKey(chart, 0, 0).word);
  out.children = [](std::uint64_t word, std::vector<std::uint64_t>& to) {
    for (int part = 0; part < 8; ++part) to.push_back(BoxKey(word).child(part).word);
  };
  out.level = [](std::uint64_t word) { return BoxKey(word).level(); };
  return out;
}

/// Cubes of rotation vectors around the ball of radius pi: what is usual. Keys of one chart,
/// scaled.
Box<double> cube_of(std::uint64_t word) {
  Box<double> box = box_of<double>(BoxKey(word));
  box.centre = pi * box.centre;
  box.half *= pi;
  return box;
}
RotationBall<double> ball_of_cube(const Box<double>& cube) {
  const double angle = norm(cube.centre);
  const Angle<double> half = angle_of(angle / 2);
  const double scale = angle > 0 ? half.sine / angle : 0.5;
  const Quaternion<double> q = {half.cosine, scale * cube.centre[0], scale * cube.centre[1],
                                scale * cube.centre[2]};
  return {rotation_of(q), angle_of(std::min(pi, std::sqrt(3.0) * cube.half))};
}
Tree vector_tree() {
  Tree out = gnomonic_tree();
  out.roots = {BoxKey(0, 0, 0).word};
  out.children = [](std::uint64_t word, std::vector<std::uint64_t>& to) {
    for (int part = 0; part < 8; ++part) {
      const BoxKey key = BoxKey(word).child(part);
      const Box<double> cube = cube_of(key.word);
      double square = 0;  // of the distance of its nearest point from 0
      for (int a = 0; a < 3; ++a) {
        const double least = std::max(std::abs(cube.centre[a]) - cube.half, 0.0);
        square += least * least;
      }
      if (square <= pi * pi) to.push_back(key.word);
    }
  };
  return out;
}

/// Cells of the sphere.
Tree sphere_tree() {
  Tree out;
  for (int face = 0; face < SphereKey::faces; ++face) {
    out.roots.push_back(SphereKey::face(face).word);
  }
  out.children = [](std::uint64_t word, std::vector<std::uint64_t>& to) {
    for (int part = 0; part < 4; ++part) to.push_back(SphereKey{word}.child(part).word);
  };
  out.level = [](std::uint64_t word) { return SphereKey{word}.level(); };
  return out;
}

/// Of each node by itself.
template <class F>
Evaluate one_by_one(const F& f) {
  return [f](std::span<Node> batch, int, int& reached) {
    for (Node& node : batch) {
      const Evaluated found = f(node.word);
      node.bound = found.bound;
      reached = std::max(reached, found.reached);
    }
  };
}

using Pairs = std::vector<DirectPair<double>>;

/// Pairs whose margin is not negative on a ball, and those of which it is not on its middle alone.
template <class Margin>
Evaluated count(const Pairs& pairs, const RotationBall<double>& ball, const Margin& margin) {
  Evaluated out = {0, 0};
  for (const DirectPair<double>& pair : pairs) {
    const Vec3<double> v = rotated(ball.middle, pair.direction);
    out.bound += margin(pair, v, ball.slack) >= 0 ? 1 : 0;
    out.reached += margin(pair, v, Angle<double>{0, 1}) >= 0 ? 1 : 0;
  }
  return out;
}

struct Method {
  std::string name;
  Tree tree;
  Evaluate evaluate;
  int given;  ///< what is known to be reached, or -1
};

std::vector<Method> pair_methods(const Pairs& pairs) {
  const auto plane = [](const auto& pair, const auto& v, const auto& slack) {
    return pair.plane_margin(v, slack);
  };
  const auto plane_and_sector = [](const auto& pair, const auto& v, const auto& slack) {
    return min(pair.plane_margin(v, slack), pair.sector_margin(v, slack));
  };
  const auto wedge_and_sector = [](const auto& pair, const auto& v, const auto& slack) {
    return pair.margin(v, slack);
  };
  const auto on_boxes = [&pairs](const auto& margin) {
    return one_by_one([&pairs, margin](std::uint64_t word) {
      return count(pairs, RotationBall<double>(box_of<double>(BoxKey(word))), margin);
    });
  };
  const auto with_taylor = [&pairs](const auto& margin, const auto& taylor) {
    return one_by_one([&pairs, margin, taylor](std::uint64_t word) {
      const Box<double> box = box_of<double>(BoxKey(word));
      const RotationBall<double> ball(box);
      Evaluated out = count(pairs, ball, margin);
      out.bound = 0;
      for (const auto& pair : pairs) {
        const Vec3<double> v = rotated(ball.middle, pair.direction);
        out.bound += margin(pair, v, ball.slack) >= 0 && taylor(box, pair) >= 0 ? 1 : 0;
      }
      return out;
    });
  };
  std::vector<Method> out;
  out.push_back({"plane, cubes in the ball of radius pi", vector_tree(),
                 one_by_one([&pairs, plane](std::uint64_t word) {
                   return count(pairs, ball_of_cube(cube_of(word)), plane);
                 }),
                 -1});
  out.push_back({"plane, gnomonic boxes", gnomonic_tree(), on_boxes(plane), -1});
  out.push_back(
      {"plane, gnomonic boxes and Taylor", gnomonic_tree(),
       with_taylor(
           plane, [](const auto& box, const auto& pair) { return taylor_plane_margin(box, pair); }),
       -1});
  out.push_back({"plane, Hopf cells with intervals", sphere_tree(),
                 one_by_one([&pairs](std::uint64_t word) {
                   const SphereCell cell = SphereKey{word}.cell();
                   const Vec3<double> p = cell.middle();
                   return Evaluated{most_planes(p, cell.radius(), pairs).count,
                                    most_planes(p, Angle<double>{0, 1}, pairs).count};
                 }),
                 -1});
  out.push_back({"plane and sector", gnomonic_tree(), on_boxes(plane_and_sector), -1});
  out.push_back({"wedge and sector", gnomonic_tree(), on_boxes(wedge_and_sector), -1});
  out.push_back({"wedge and sector, and Taylor", gnomonic_tree(),
                 with_taylor(wedge_and_sector,
                             [](const auto& box, const auto& pair) {
                               return taylor_wedge_margin(box, pair);
                             }),
                 -1});
  return out;
}

/// Cores of blocks with the plane in place of the wedge.
template <int Words>
int core_of_planes(const std::vector<Correspondence>& all,
                   const std::vector<std::vector<Pair>>& pairs, const RotationBall<double>& ball) {
  constexpr auto most = static_cast<std::size_t>(Graph<Words>::most);
  int sum = 0;
  std::size_t block = 0;
  for (std::size_t at = 0; at < all.size(); at += most, ++block) {
    Graph<Words> graph;
    graph.size = static_cast<int>(std::min(most, all.size() - at));
    std::size_t k = 0;
    for (int i = 0; i < graph.size; ++i) {
      for (int j = 0; j < i; ++j, ++k) {
        const Pair& pair = pairs[block][k];
        bool joined = pair.kind == PairKind::always;
        if (pair.kind == PairKind::tested) {
          const DirectPair<double> test(pair);
          const Vec3<double> v = rotated(ball.middle, test.direction);
          joined = test.plane_margin(v, ball.slack) >= 0 && test.sector_margin(v, ball.slack) >= 0;
        }
        if (joined) graph.join(i, j);
      }
    }
    sum += last_core(graph).bound;
  }
  return sum;
}

template <int Words>
std::vector<Method> clique_methods(const std::vector<Correspondence>& all, int given,
                                   BoxBounds& bounds, std::vector<std::vector<Pair>>& pairs) {
  constexpr auto most = static_cast<std::size_t>(Graph<Words>::most);
  pairs.clear();
  for (std::size_t at = 0; at < all.size(); at += most) {
    std::vector<Pair> of_block;
    for (std::size_t i = at; i < std::min(at + most, all.size()); ++i) {
      for (std::size_t j = at; j < i; ++j) of_block.emplace_back(all[i], all[j]);
    }
    pairs.push_back(std::move(of_block));
  }
  const auto launch = [&bounds](bool core) -> Evaluate {
    return [&bounds, core](std::span<Node> batch, int enough, int&) {
      std::vector<BoxKey> keys;
      for (const Node& node : batch) keys.emplace_back(node.word);
      std::vector<int> found(batch.size());
      if (core) {
        bounds.core(keys, enough, found);
      } else {
        bounds.h_index(keys, enough, found);
      }
      for (std::size_t i = 0; i < batch.size(); ++i) batch[i].bound = found[i];
    };
  };
  std::vector<Method> out;
  out.push_back({"plane and sector, core", gnomonic_tree(),
                 one_by_one([&all, &pairs](std::uint64_t word) {
                   const RotationBall<double> ball(box_of<double>(BoxKey(word)));
                   return Evaluated{core_of_planes<Words>(all, pairs, ball), -1};
                 }),
                 given});
  out.push_back({"wedge and sector, h-index", gnomonic_tree(), launch(false), given});
  out.push_back({"wedge and sector, core", gnomonic_tree(), launch(true), given});
  return out;
}

/// What searches by one method came to, problem by problem.
struct Row {
  std::string name;
  std::vector<double> nodes{};
  std::vector<double> seconds{};
  std::vector<double> best{};
  int cut = 0;  ///< searches that were not finished
};

void search(const Method& method, const bnb::Gap& gap, Row& to) {
  Counting problem(method.tree, method.evaluate, method.given);
  bnb::Search<Counting> search(
      problem, {.gap = gap, .batch = 1, .frontier_most = most_nodes, .max_nodes = most_nodes});
  if (method.given >= 0) search.offer({method.given, 0});
  to.seconds.push_back(seconds_of([&] {
    search.begin(problem.roots());
    while (search.step()) {
    }
  }));
  to.nodes.push_back(static_cast<double>(search.counts().evaluated));
  to.best.push_back(search.incumbent() ? search.incumbent()->value : -1);
  to.cut += search.is_complete() && search.unresolved().empty() ? 0 : 1;
}

struct Instance {
  std::vector<Correspondence> all;
  int at_truth;
};

Instance instance(int points, double outliers, std::uint64_t number) {
  auto options = SyntheticOptions::preset("std");
  options.points = points;
  options.outliers = outliers;
  const auto drawn = synthetic_problem(options, 190310175, number);
  Instance out = {drawn.correspondences, inliers(drawn.truth, drawn.correspondences)};
  std::vector<Vec3<double>> at;
  for (const auto& c : out.all) at.push_back(c.point);
  const UnitBall ball(at);
  for (auto& c : out.all) c.point = ball.into(c.point);
  return out;
}

/// Pairs as a search of listed pairs takes them: cyclic neighbours whose constraints are not too
/// wide.
Pairs listed(const std::vector<Correspondence>& all, std::size_t count) {
  Pairs out;
  for (std::size_t apart = 1; out.size() < count && apart < all.size(); ++apart) {
    for (std::size_t i = 0; i < all.size() && out.size() < count; ++i) {
      const Pair pair(all[i], all[(i + apart) % all.size()]);
      if (pair.kind == PairKind::tested && pair.tilt.sine <= std::sin(20 * pi / 180)) {
        out.emplace_back(pair);
      }
    }
  }
  return out;
}

void print(const std::string& what, const std::vector<Row>& rows) {
  fmt::print("\n{}\n{:40} {:>10} {:>10} {:>10} {:>8}  {}\n", what, "bound", "nodes", "us/node",
             "seconds", "best", "not finished");
  for (const Row& row : rows) {
    const double nodes = median(row.nodes);
    const double seconds = median(row.seconds);
    fmt::print("{:40} {:>10.0f} {:>10.1f} {:>10.3f} {:>8.0f}  {}\n", row.name, nodes,
               1e6 * seconds / nodes, seconds, median(row.best), row.cut);
  }
}

/// The median over problems of nodes of one method per node of the other.
double ratio(const Row& of, const Row& to) {
  std::vector<double> each;
  for (std::size_t i = 0; i < of.nodes.size(); ++i) each.push_back(of.nodes[i] / to.nodes[i]);
  return median(each);
}
double least_ratio(const Row& of, const Row& to) {
  double least = of.nodes[0] / to.nodes[0];
  for (std::size_t i = 1; i < of.nodes.size(); ++i) {
    least = std::min(least, of.nodes[i] / to.nodes[i]);
  }
  return least;
}

class Expectations {
 public:
  void expect(const std::string& what, double found, double least) {
    fmt::print("{:66} {:>8.2f}  at least {}: {}\n", what, found, least,
               found >= least ? "yes" : "NO");
    hold_ = hold_ && found >= least;
  }
  [[nodiscard]] bool hold() const { return hold_; }

 private:
  bool hold_ = true;
};

std::vector<Row> searches_of_pairs(int points, double outliers, std::uint64_t problems) {
  std::vector<Row> rows;
  for (std::uint64_t number = 0; number < problems; ++number) {
    const Instance drawn = instance(points, outliers, number);
    const Pairs pairs = listed(drawn.all, static_cast<std::size_t>(points));
    const auto methods = pair_methods(pairs);
    for (std::size_t m = 0; m < methods.size(); ++m) {
      if (number == 0) rows.push_back({methods[m].name});
      search(methods[m], {}, rows[m]);
    }
  }
  print(fmt::format("Listed pairs: N = {}, {:.0f} % outliers, M = N", points, 100 * outliers),
        rows);
  return rows;
}

template <int Words>
std::vector<Row> searches_of_cliques(int points, double outliers, double gap,
                                     std::uint64_t problems) {
  std::vector<Row> rows;
  for (std::uint64_t number = 0; number < problems; ++number) {
    const Instance drawn = instance(points, outliers, number);
    BoxBounds bounds(drawn.all, 64 * Words);
    std::vector<std::vector<Pair>> pairs;
    const auto methods = clique_methods<Words>(drawn.all, drawn.at_truth, bounds, pairs);
    for (std::size_t m = 0; m < methods.size(); ++m) {
      if (number == 0) rows.push_back({methods[m].name});
      search(methods[m], {.absolute = gap}, rows[m]);
    }
  }
  print(fmt::format("Inliers: N = {}, {:.0f} % outliers, blocks of {}, gap {}", points,
                    100 * outliers, 64 * Words, gap),
        rows);
  return rows;
}

}  // namespace

int main(int argc, char** argv) {
  const Kokkos::ScopeGuard kokkos(argc, argv);
  const auto problems = static_cast<std::uint64_t>(argc > 1 ? std::atoi(argv[1]) : 5);
  const auto half = searches_of_pairs(100, 0.5, problems);
  const auto more = searches_of_pairs(200, 0.6, problems);
  const auto c50 = searches_of_cliques<1>(400, 0.5, 4, problems);
  const auto c80 = searches_of_cliques<2>(200, 0.8, 1, problems);
  const auto c90 = searches_of_cliques<2>(400, 0.9, 1, problems);
  fmt::print("\n");
  Expectations expected;
  for (const auto& [which, rows] :
       {std::pair<std::string, const std::vector<Row>&>("N = 100: ", half), {"N = 200: ", more}}) {
    expected.expect(which + "nodes of cubes per gnomonic box", ratio(rows[0], rows[1]), 1);
    expected.expect(which + "nodes without Taylor's bound per node with it",
                    ratio(rows[1], rows[2]), 1);
    expected.expect(which + "nodes of boxes per Hopf cell", ratio(rows[1], rows[3]), 5);
    expected.expect(which + "nodes without sector per node with it", ratio(rows[1], rows[4]), 2);
  }
  expected.expect("50 %: nodes of plane per node of wedge, cores, least",
                  least_ratio(c50[0], c50[2]), 1);
  expected.expect("80 %: nodes of plane per node of wedge, cores, least",
                  least_ratio(c80[0], c80[2]), 1);
  expected.expect("90 %: nodes of plane per node of wedge, cores, least",
                  least_ratio(c90[0], c90[2]), 1);
  expected.expect("80 %: nodes with h-index per node with core", ratio(c80[1], c80[2]), 5);
  expected.expect("90 %: nodes with h-index per node with core", ratio(c90[1], c90[2]), 5);
  return expected.hold() ? EXIT_SUCCESS : EXIT_FAILURE;
}

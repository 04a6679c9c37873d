// SPDX-License-Identifier: BSD-3-Clause
#include "pose/verify/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

#include "pose/bounds/linear.hpp"
#include "pose/bounds/pair.hpp"
#include "pose/bounds/translation.hpp"
#include "pose/geometry/centre.hpp"
#include "pose/geometry/inside.hpp"
#include "pose/search/rule.hpp"

namespace driftwood::pose {
namespace {

/// Of stored rotations: what rounding leaves of their orthogonality.
constexpr double rotation_tolerance = 1e-12;
/// Of coordinates: their squares, too, are numbers.
constexpr double farthest = 1e100;
/// How often a box is halved whose bound is that of a larger one.
constexpr int most_halvings = 2;

bool is_near(const Vec3<double>& v) {  // false where a coordinate is no number
  return std::abs(v[0]) <= farthest && std::abs(v[1]) <= farthest && std::abs(v[2]) <= farthest;
}

bool is_rotation(const Rotation<double>& r) {
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) {
      double product = 0;
      for (int k = 0; k < 3; ++k) product += r(i, k) * r(j, k);
      if (!(std::abs(product - (i == j ? 1 : 0)) <= rotation_tolerance)) return false;
    }
  }
  const Vec3<double> x = {r(0, 0), r(0, 1), r(0, 2)};
  const Vec3<double> y = {r(1, 0), r(1, 1), r(1, 2)};
  const Vec3<double> z = {r(2, 0), r(2, 1), r(2, 2)};
  return dot(cross(x, y), z) > 0;
}

/// Cores of a graph, by taking away a vertex of least degree at a time.
class Peeling {
 public:
  explicit Peeling(std::size_t vertices) : size_(vertices), joined_(vertices * vertices, 0) {}

  void join(std::size_t i, std::size_t j) { joined_[i * size_ + j] = joined_[j * size_ + i] = 1; }

  /// The largest k such that a vertex is in the k-core of those that are alive; -1 of others.
  [[nodiscard]] std::vector<std::int64_t> cores(const std::vector<char>& alive) const {
    std::vector<std::int64_t> degree(size_, 0);
    std::vector<std::size_t> left;
    for (std::size_t i = 0; i < size_; ++i) {
      if (alive[i] == 0) continue;
      left.push_back(i);
      for (std::size_t j = 0; j < size_; ++j) {
        degree[i] += alive[j] != 0 && joined_[i * size_ + j] != 0 ? 1 : 0;
      }
    }
    std::vector<std::int64_t> core(size_, -1);
    std::int64_t most = 0;
    while (!left.empty()) {
      const auto least =
          std::min_element(left.begin(), left.end(),
                           [&](std::size_t a, std::size_t b) { return degree[a] < degree[b]; });
      const std::size_t gone = *least;
      most = std::max(most, degree[gone]);
      core[gone] = most;
      left.erase(least);
      for (const std::size_t j : left) degree[j] -= joined_[gone * size_ + j];
    }
    return core;
  }

 private:
  std::size_t size_;
  std::vector<char> joined_;
};

/// What is left of a block, and how many inliers it has at most: one more than its largest core.
struct LeftOfBlock {
  Peeling graph;
  std::vector<char> alive;
  std::vector<std::int64_t> core;
  std::int64_t bound = 0;

  explicit LeftOfBlock(Peeling of, std::size_t size) : graph(std::move(of)), alive(size, 1) {
    peel();
  }
  void peel() {
    core = graph.cores(alive);
    bound = 0;
    for (const std::int64_t k : core) bound = std::max(bound, k + 1);
  }
  /// Leaves out whose core is below a number. Whether there was one.
  bool keep(std::int64_t least_core) {
    bool is_less = false;
    for (std::size_t i = 0; i < alive.size(); ++i) {
      if (alive[i] != 0 && core[i] < least_core) {
        alive[i] = 0;
        is_less = true;
      }
    }
    if (is_less) peel();
    return is_less;
  }
};

/// The constraints of one block.
class PairsOfBlock {
 public:
  explicit PairsOfBlock(const std::vector<Correspondence>& members) : size_(members.size()) {
    for (std::size_t i = 0; i < size_; ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const Pair pair(members[i], members[j]);
        kinds_.push_back(pair.kind);
        pairs_.emplace_back(pair);
      }
    }
  }

  [[nodiscard]] LeftOfBlock left(const RotationBall<double>& ball) const {
    Peeling graph(size_);
    std::size_t k = 0;
    for (std::size_t i = 0; i < size_; ++i) {
      for (std::size_t j = 0; j < i; ++j, ++k) {
        if (kinds_[k] == PairKind::always ||
            (kinds_[k] == PairKind::tested && !(pairs_[k].margin(ball) < 0))) {
          graph.join(i, j);
        }
      }
    }
    return LeftOfBlock(std::move(graph), size_);
  }

 private:
  std::size_t size_;
  std::vector<PairKind> kinds_;
  std::vector<DirectPair<double>> pairs_;
};

/// Whether fits show that more than `excess` - 1 of the correspondences alive are no inliers of any
/// pose of a product. Fits are asked for sets that contradict, whose multipliers are checked here.
class ContradictionProof {
 public:
  ContradictionProof(const Product& product, const std::vector<Correspondence>& all,
                     const std::vector<int>& possible)
      : product_(product), all_(all), sights_(product, all, possible) {
    // Who is left out needs a proof, too.
    for (const FarkasTerm& term : sights_.left_out()) is_sound_ = is_sound_ && holds({term});
    is_sound_ =
        is_sound_ && sights_.left_out().size() + sights_.members().size() == possible.size();
  }

  [[nodiscard]] bool at_most(std::int64_t bound) {
    std::vector<char> alive(sights_.members().size(), 1);
    return is_sound_ && leaves_out(alive, std::ssize(alive) - bound, {});
  }

 private:
  /// Of all proofs about one product together.
  static constexpr int most_fits = 2000;

  using Set = std::vector<std::size_t>;  ///< places of members that are not all inliers

  /// `sets` are disjoint and alive.
  [[nodiscard]] bool leaves_out(std::vector<char>& alive, std::int64_t excess,
                                std::vector<Set> sets) {
    if (excess <= 0) return true;
    // One at least of each disjoint set is no inlier.
    std::vector<char> rest = alive;
    for (const Set& set : sets) {
      for (const std::size_t i : set) rest[i] = 0;
    }
    while (std::ssize(sets) < excess) {
      const Set set = contradiction(rest);
      if (set.empty()) break;
      for (const std::size_t i : set) rest[i] = 0;
      sets.push_back(set);
    }
    if (std::ssize(sets) >= excess) return true;
    if (sets.empty()) return false;
    // Whichever of the smallest it is: the others remain what they are.
    const auto least = std::min_element(
        sets.begin(), sets.end(), [](const Set& a, const Set& b) { return a.size() < b.size(); });
    const Set left_out = *least;
    sets.erase(least);
    for (const std::size_t i : left_out) {
      alive[i] = 0;
      const bool is_proven = leaves_out(alive, excess - 1, sets);
      alive[i] = 1;
      if (!is_proven) return false;
    }
    return true;
  }

  /// Places in `alive` of a set that is proven not to be all inliers, or none.
  [[nodiscard]] std::vector<std::size_t> contradiction(const std::vector<char>& alive) {
    std::vector<std::size_t> out;
    if (fits_ >= most_fits) return out;
    ++fits_;
    const auto found = sights_.fit(alive, Allowance::remainder).contradiction;
    if (!found || !holds(found->terms)) return out;
    for (const FarkasTerm& term : found->terms) {
      const auto& members = sights_.members();
      const auto at = static_cast<std::size_t>(
          std::find(members.begin(), members.end(), term.member) - members.begin());
      if (at >= alive.size() || alive[at] == 0) return {};
      if (std::find(out.begin(), out.end(), at) == out.end()) out.push_back(at);
    }
    return out;
  }

  [[nodiscard]] bool holds(const std::vector<FarkasTerm>& terms) const {
    return is_contradiction(product_, std::span<const FarkasTerm>(terms), [&](int member) {
      return product_.see(all_[static_cast<std::size_t>(member)]);
    });
  }

  const Product& product_;
  const std::vector<Correspondence>& all_;
  LinearSights sights_;
  bool is_sound_ = true;
  int fits_ = 0;
};

/// Whether no centre explains more than a number of correspondences at any rotation of a box: a
/// search in depth, of cells that counts or contradictions close.
class CentreProof {
 public:
  CentreProof(std::vector<Correspondence> all, const Box<double>& box)
      : all_(std::move(all)), box_(box) {
    const Rotation<double> rotation = rotation_of(box.middle());
    const Angle<double> slack = radius_of(box);
    for (const Correspondence& c : all_) {
      const Angle<double> reach = rounded_up<double>(sum_up_to_pi(angle_of(c.threshold), slack));
      cones_.push_back({{}, rotated_back(rotation, c.bearing), reach});
    }
  }

  /// False also where `most_cells` do not suffice.
  [[nodiscard]] bool at_most(std::int64_t bound, std::int64_t most_cells) const {
    std::vector<BoxKey> open;
    for (int chart = 0; chart < centre_charts; ++chart) open.emplace_back(chart, 0, 0);
    for (std::int64_t cells = 0; !open.empty(); ++cells) {
      const BoxKey key = open.back();
      open.pop_back();
      const CentreCell<double> cell = cell_of(key);
      const std::vector<int> possible = possible_in(cell);
      if (std::ssize(possible) <= bound) continue;
      if (std::ssize(possible) <= bound + most_excess) {
        const Product product(box_, cell);
        if (ContradictionProof(product, all_, possible).at_most(bound)) continue;
      }
      if (cells >= most_cells || key.level() >= deepest_level) return false;
      for (int part = 0; part < 8; ++part) open.push_back(key.child(part));
    }
    return true;
  }

 private:
  /// Beyond which contradictions are not looked for.
  static constexpr std::int64_t most_excess = 40;

  [[nodiscard]] std::vector<int> possible_in(const CentreCell<double>& cell) const {
    std::vector<int> out;
    for (std::size_t i = 0; i < all_.size(); ++i) {
      // The camera at c and the point at w X: as if the point were at 0, and the camera within what
      // both may move.
      const SightBox<double> sight = sights(cell, all_[i].point);
      CentreBox<double> box{-1.0 * sight.middle, sight.half};
      const double lean = Rounding<double>::test * (cell.middle.w + norm(cell.middle.c));
      for (int a = 0; a < 3; ++a) box.half[a] += lean;
      if (cones_[i].reach.cosine <= 0 || !(cone_margin(cones_[i], box) < 0)) {
        out.push_back(static_cast<int>(i));
      }
    }
    return out;
  }

  std::vector<Correspondence> all_;
  Box<double> box_;
  std::vector<Cone<double>> cones_;
};

/// Many more than searches take: a proof that takes longer is none.
constexpr std::int64_t most_cells = 10'000'000;

class Verifier {
 public:
  explicit Verifier(const Certificate& c) {
    const UnitBall ball = ball_of(c.correspondences);
    // Pairs are of the points as they are: to bring them into the unit ball would round the
    // directions between those that are close to each other.
    std::vector<Correspondence> outside;
    for (const int i : c.order) {
      Correspondence each = c.correspondences[static_cast<std::size_t>(i)];
      each.bearing = normalised(each.bearing);
      outside.push_back(each);
      each.point = ball.into(each.point);
      inside_.push_back(each);
    }
    const auto size = static_cast<std::size_t>(c.block);
    for (std::size_t at = 0; at < outside.size(); at += size) {
      const auto from = outside.begin() + static_cast<std::ptrdiff_t>(at);
      const auto count = std::min(size, outside.size() - at);
      blocks_.emplace_back(
          std::vector<Correspondence>(from, from + static_cast<std::ptrdiff_t>(count)));
    }
  }

  /// Whether the leaf holds no more than its bound.
  [[nodiscard]] bool holds(const Leaf& leaf, bool may_search, int halvings = 0) const {
    const Box<double> box = box_of<double>(BoxKey(leaf.key));
    const RotationBall<double> ball(box);
    std::vector<LeftOfBlock> blocks;
    std::int64_t sum = 0;
    auto rest = std::ssize(inside_);
    for (const PairsOfBlock& block : blocks_) {
      blocks.push_back(block.left(ball));
      sum += blocks.back().bound;
      rest -= std::ssize(blocks.back().alive);
      if (sum + rest <= leaf.bound) return true;
      if (!may_search && sum > leaf.bound) break;
    }
    if (!may_search) return halvings < most_halvings && parts_hold(leaf, halvings + 1);
    // A pose with more inliers does without those in whose cores no clique is large enough.
    for (bool is_less = true; is_less;) {
      is_less = false;
      for (LeftOfBlock& block : blocks) {
        const std::int64_t others = sum - block.bound;
        is_less = block.keep(leaf.bound - others) || is_less;
        sum = others + block.bound;
      }
    }
    if (sum <= leaf.bound) return true;
    std::vector<Correspondence> left;
    for (std::size_t b = 0, at = 0; b < blocks.size(); ++b) {
      for (const char is_alive : blocks[b].alive) {
        if (is_alive != 0) left.push_back(inside_[at]);
        ++at;
      }
    }
    return CentreProof(std::move(left), box).at_most(leaf.bound, most_cells);
  }

 private:
  /// A bound may be that of a larger box, whose parts need not be in the balls that it was for.
  [[nodiscard]] bool parts_hold(const Leaf& leaf, int halvings) const {
    const BoxKey key(leaf.key);
    if (key.level() >= deepest_level) return false;
    for (int part = 0; part < 8; ++part) {
      if (!holds({key.child(part).word, leaf.bound, leaf.rule}, false, halvings)) return false;
    }
    return true;
  }

  std::vector<Correspondence> inside_;  ///< in the order of blocks, points in the unit ball
  std::vector<PairsOfBlock> blocks_;
};

bool is_nested(const Leaf& leaf) { return leaf.rule == static_cast<std::int64_t>(Rule::nested); }

std::string check_claim(const Certificate& c) {
  const auto n = c.correspondences.size();
  if (c.checksum != c.expected_checksum()) {
    return "the checksum is another one: something was changed";
  }
  if (c.leaves.empty()) return "the search was for a surrogate, of which no proof is kept";
  if (c.is_inlier.size() != n || c.order.size() != n) return "sizes do not go together";
  if (c.block < 1 || c.block > 256) return "there are no blocks of that size";
  std::vector<char> seen(n, 0);
  for (const int i : c.order) {
    if (i < 0 || static_cast<std::size_t>(i) >= n || seen[static_cast<std::size_t>(i)] != 0) {
      return "blocks do not hold every correspondence once";
    }
    seen[static_cast<std::size_t>(i)] = 1;
  }
  for (const Correspondence& each : c.correspondences) {
    if (!is_near(each.point)) return "a point is not a number, or too far away";
    if (!(std::abs(norm(each.bearing) - 1) <= rotation_tolerance)) {
      return "a bearing is no unit vector";
    }
    if (!(each.threshold > 0 && each.threshold < pi / 2)) return "a threshold is out of range";
  }
  if (!is_rotation(c.pose.rotation)) return "the pose has no rotation";
  if (!is_near(c.pose.centre)) return "the pose has no centre";
  std::int64_t count = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const bool is_one = pose::is_inlier(c.pose, c.correspondences[i]);
    if (is_one != (c.is_inlier[i] != 0)) {
      return fmt::format("correspondence {} is {} inlier of the pose", i, is_one ? "an" : "no");
    }
    count += is_one ? 1 : 0;
  }
  if (count != c.consensus) {
    return fmt::format("the pose has {} inliers, not {}", count, c.consensus);
  }
  if (c.upper_bound < c.consensus) return "the upper bound is less than the pose has";
  return {};
}

}  // namespace

std::string check_status(const std::string& status, const Certificate& c) {
  if (status == "optimal") {
    return c.upper_bound <= c.consensus
               ? ""
               : fmt::format("it is called optimal with {} inliers, while a pose may have {}",
                             c.consensus, c.upper_bound);
  }
  if (status == "gap" || status == "time_limit") return "";
  return fmt::format("'{}' is no status of a search that proves anything", status);
}

std::string check_tiling(const std::vector<Leaf>& leaves) {
  std::vector<std::uint64_t> keys;
  for (const Leaf& leaf : leaves) {
    if (!is_key(leaf.key)) return fmt::format("{:#x} is no box of rotations", leaf.key);
    keys.push_back(leaf.key);
  }
  std::sort(keys.begin(), keys.end(), [](std::uint64_t a, std::uint64_t b) {
    return BoxKey(a).first_unit() < BoxKey(b).first_unit();
  });
  std::uint64_t next = 0;
  for (const std::uint64_t word : keys) {
    const BoxKey key(word);
    if (key.first_unit() != next) {
      return key.first_unit() < next ? "boxes overlap" : "some rotations are in no box";
    }
    next += key.units();
  }
  return next == all_units ? "" : "some rotations are in no box";
}

Verdict verify(const Certificate& c, const std::function<void(std::int64_t)>& told) {
  Verdict out;
  out.why = check_claim(c);
  if (out.why.empty()) out.why = check_tiling(c.leaves);
  if (!out.why.empty()) return out;
  for (const Leaf& leaf : c.leaves) {
    if (leaf.bound <= c.upper_bound) continue;
    out.why = fmt::format("box {:#x} may hold {} inliers, more than the upper bound {}", leaf.key,
                          leaf.bound, c.upper_bound);
    return out;
  }

  // Leaves are proven in any order; the first that is not is told, whoever comes to it.
  const Verifier verifier(c);
  std::atomic<std::size_t> next = 0;
  std::atomic<std::size_t> first_open = c.leaves.size();
  const auto prove = [&](bool tells) {
    for (std::size_t k = next++; k < c.leaves.size() && k < first_open; k = next++) {
      if (tells && told) told(static_cast<std::int64_t>(k));
      const Leaf& leaf = c.leaves[k];
      if (leaf.bound >= std::ssize(c.correspondences) || verifier.holds(leaf, is_nested(leaf))) {
        continue;
      }
      for (std::size_t known = first_open; k < known;) {
        if (first_open.compare_exchange_weak(known, k)) break;
      }
    }
  };
  {
    std::vector<std::jthread> others;
    const unsigned threads = std::max(1U, std::thread::hardware_concurrency());
    for (unsigned t = 1; t < threads; ++t) others.emplace_back(prove, false);
    prove(true);
  }
  if (first_open < c.leaves.size()) {
    const Leaf& leaf = c.leaves[first_open];
    out.why =
        fmt::format("box {:#x} is not proven to hold at most {} inliers", leaf.key, leaf.bound);
    return out;
  }
  out.leaves = std::ssize(c.leaves);
  out.nested = std::count_if(c.leaves.begin(), c.leaves.end(), is_nested);
  out.is_proven = c.upper_bound <= c.allowed;
  if (!out.is_proven) {
    out.why = fmt::format(
        "no pose has more than {} inliers, that is proven; it is left open whether one has more "
        "than "
        "{}, which the search was to rule out",
        c.upper_bound, c.allowed);
  }
  return out;
}

}  // namespace driftwood::pose

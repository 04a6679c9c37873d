// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The bound on how many inliers any pose has whose rotation is in a box.
///
/// Any two inliers of one pose pass the tests of pairs: they are a clique of the graph of pairs
/// that do. Correspondences are cut into blocks, and the bound is the sum over blocks of that on
/// the largest clique within each: time linear in how many there are.

#include <span>
#include <vector>

#include "pose/bounds/clique.hpp"
#include "pose/bounds/pair.hpp"

namespace driftwood::pose {

/// Up to 64 `Words` correspondences, whose points lie in the unit ball, with all their pairs.
template <Real T, int Words = 1>
class Block {
 public:
  static constexpr int most = Graph<Words>::most;

  explicit Block(std::span<const Correspondence> members) {
    size_ = static_cast<int>(members.size());
    for (int i = 0; i < size_; ++i) {
      const Correspondence& c = members[static_cast<std::size_t>(i)];
      bearings_.push_back(rounded<T>(c.bearing));
      points_.push_back(rounded<T>(c.point));
      for (int j = 0; j < i; ++j) {
        const Pair pair(c, members[static_cast<std::size_t>(j)]);
        kinds_.push_back(pair.kind);
        pairs_.push_back(pair.kind == PairKind::tested ? LinePair<T>(pair) : LinePair<T>());
      }
    }
  }

  [[nodiscard]] int size() const { return size_; }

  /// Which pairs may both be inliers of a pose whose rotation is in the ball.
  [[nodiscard]] Graph<Words> consistent(const RotationBall<T>& ball) const {
    std::vector<Ray<T>> rays;
    rays.reserve(bearings_.size());
    for (std::size_t i = 0; i < bearings_.size(); ++i) {
      rays.emplace_back(ball.middle, bearings_[i], points_[i]);
    }
    Graph<Words> graph;
    graph.size = size_;
    std::size_t k = 0;
    for (int i = 0; i < size_; ++i) {
      const Ray<T>& a = rays[static_cast<std::size_t>(i)];
      for (int j = 0; j < i; ++j, ++k) {
        const Ray<T>& b = rays[static_cast<std::size_t>(j)];
        if (kinds_[k] == PairKind::always ||
            (kinds_[k] == PairKind::tested &&
             !(pairs_[k].margin(reciprocal_product(a, b), gap(a, b), ball.slack) < 0))) {
          graph.join(i, j);
        }
      }
    }
    return graph;
  }

 private:
  int size_ = 0;
  std::vector<Vec3<T>> bearings_;
  std::vector<Vec3<T>> points_;
  std::vector<PairKind> kinds_;     // (1, 0), (2, 0), (2, 1), ...
  std::vector<LinePair<T>> pairs_;  // likewise
};

/// Blocks of as many correspondences as fit, in their order, the last with the rest.
template <Real T, int Words = 1>
[[nodiscard]] std::vector<Block<T, Words>> blocks_of(std::span<const Correspondence> all) {
  constexpr auto most = static_cast<std::size_t>(Block<T, Words>::most);
  std::vector<Block<T, Words>> out;
  for (std::size_t at = 0; at < all.size(); at += most) {
    out.emplace_back(all.subspan(at, min(most, all.size() - at)));
  }
  return out;
}

/// No pose with a rotation in the ball has more inliers.
template <Real T, int Words>
[[nodiscard]] int most_inliers(const std::vector<Block<T, Words>>& blocks,
                               const RotationBall<T>& ball) {
  int sum = 0;
  for (const auto& block : blocks) sum += last_core(block.consistent(ball)).bound;
  return sum;
}

}  // namespace driftwood::pose

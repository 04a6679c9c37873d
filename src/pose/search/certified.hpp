// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "bnb/problem.hpp"
#include "pose/estimate/improve.hpp"
#include "pose/geometry/unit_ball.hpp"
#include "pose/launch/box_bounds.hpp"
#include "pose/launch/centre_counts.hpp"
#include "pose/search/box_node.hpp"
#include "pose/search/elimination.hpp"
#include "pose/search/pose_candidate.hpp"
#include "pose/search/product_problem.hpp"

namespace driftwood::pose {

/// What to do beyond the bounds of blocks, and when.
struct NestedOptions {
  bool is_on = true;
  double within = 1;               ///< boxes whose radius is at most so many thresholds
  int fruitless = 3;               ///< or after so many splits that did not lower the bound
  std::int64_t most_cells = 1000;  ///< of one search over centres
  LinearOptions linear = {};
};

/// What bounding took.
struct BoundCounts {
  std::int64_t h_index = 0;  ///< boxes bounded by it
  std::int64_t core = 0;
  std::int64_t nested = 0;
  std::int64_t cells = 0;      ///< of centres, in nested searches
  std::int64_t survivors = 0;  ///< correspondences that these are about
  std::int64_t fits = 0;       ///< linear ones in them
};

/// Which pose has the most inliers, by boxes of rotations, whatever the camera's centre. A problem
/// of branch and bound.
class CertifiedProblem : public BoxTree {
 public:
  using Payload = PosePayload;

  /// `all` in the coordinates that poses are given in.
  CertifiedProblem(std::span<const Correspondence> all, int block, std::uint64_t seed,
                   const NestedOptions& nested);

  void evaluate(std::span<Node> batch, Value enough);
  [[nodiscard]] std::optional<PoseCandidate> try_improve(const Node& node);
  [[nodiscard]] bool prefers(const Payload& a, const Payload& b) const { return a < b; }

  /// From when `is_up()` on boxes are not searched over camera centres, which may take long.
  void give_up_when(std::function<bool()> is_up) { is_up_ = std::move(is_up); }

  [[nodiscard]] const BoundCounts& statistics() const { return statistics_; }
  /// Correspondences in the order of blocks.
  [[nodiscard]] const std::vector<int>& order() const { return order_; }

 private:
  [[nodiscard]] bool wants_nested(const Node& node, int enough) const;
  void bound_by_centres(Node& node, int enough);
  void look_for_witness(const ProductProblem::Open& open, int enough);

  std::span<const Correspondence> all_;
  NestedOptions options_;
  double widest_;  ///< threshold
  UnitBall ball_;
  std::vector<int> order_;
  std::vector<Correspondence> inside_;  ///< in the order of blocks, points in the unit ball
  BoxBounds bounds_;
  int block_;
  std::optional<Elimination> eliminate_;  ///< made for the first box that needs it
  std::optional<Found> witness_;          ///< that a nested search came across
  BoundCounts statistics_;
  std::function<bool()> is_up_;

  std::vector<BoxKey> keys_;  // of a batch
  std::vector<int> found_;
};

}  // namespace driftwood::pose

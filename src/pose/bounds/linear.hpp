// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Bounds of products of a box of rotations and a cell of centres by rows that are linear in the
/// pose (product.hpp): minimax fits find sets of correspondences that cannot all be inliers.

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "pose/bounds/exchange.hpp"
#include "pose/bounds/farkas.hpp"

namespace driftwood::pose {

/// Correspondences that cannot all be inliers of a pose of a product, and why.
struct Contradiction {
  std::vector<FarkasTerm> terms;

  [[nodiscard]] bool has(int member) const {
    for (const FarkasTerm& t : terms) {
      if (t.member == member) return true;
    }
    return false;
  }
};

/// What a fit allows beyond thresholds.
enum class Allowance { remainder, turn_remainder, none };

/// Correspondences as one product sees them, without those that cannot be inliers there.
class LinearSights {
 public:
  using Point = std::array<double, Exchange::variables>;  ///< of a product

  /// What became of a fit: a contradiction, or a point that suits all, or neither was found.
  struct Fit {
    std::optional<Contradiction> contradiction;
    std::optional<Point> point;
  };

  /// Of `all`, whose points lie in the unit ball, those that `members` names: members of fits and
  /// contradictions are places in `all`.
  LinearSights(const Product& product, std::span<const Correspondence> all,
               std::span<const int> members);

  /// Those that are left.
  [[nodiscard]] const std::vector<int>& members() const { return members_; }
  /// The others, each with the row that it cannot suit.
  [[nodiscard]] const std::vector<FarkasTerm>& left_out() const { return left_out_; }

  /// The largest remainder, in thresholds, that most are allowed.
  [[nodiscard]] double typical_remainder() const;

  /// Of the members that `alive` says, one entry each. Contradictions are checked where the whole
  /// remainder is allowed; otherwise they are not, and mean that nothing was found.
  [[nodiscard]] Fit fit(std::span<const char> alive, Allowance allowance) const;

 private:
  [[nodiscard]] Exchange::Row row(std::size_t i, double u, double v, Allowance allowance) const;
  [[nodiscard]] double allowed(std::size_t i, Allowance allowance) const;

  const Product& product_;
  std::span<const Correspondence> all_;
  std::vector<int> members_;
  std::vector<FarkasTerm> left_out_;
  std::size_t size_ = 0;
  /// (component along two directions across the bearing, then along it; 1, z_0, ..., z_5; member)
  std::vector<double> y_;
  std::vector<double> sine_;
  std::vector<double> cosine_;
  std::vector<double> scale_;  ///< 1 / (threshold distance)
  std::vector<double> mixed_;
  std::vector<double> turned_;
  std::vector<Vec3<double>> across_[2];

  [[nodiscard]] double* component(int k, int j) {
    return y_.data() + static_cast<std::size_t>(k * 7 + j) * size_;
  }
  [[nodiscard]] const double* component(int k, int j) const {
    return y_.data() + static_cast<std::size_t>(k * 7 + j) * size_;
  }
};

/// What is known of a product.
struct LinearBound {
  bool is_proven = false;  ///< no pose of it has more than `enough` inliers
  /// Otherwise perhaps correspondences, more than `enough`, that a point suits with the remainder,
  std::vector<int> members;
  std::optional<LinearSights::Point> point;
  /// whether that is so for smaller cells, too, and even without a remainder.
  bool is_for_rotations = false;
  bool is_for_poses = false;
  int fits = 0;  ///< that were computed
};

/// Whether no pose has more inliers than `enough` among the members, by sets that contradict: more
/// disjoint ones than there are members beyond `enough`; or whichever of one set is left out, so
/// again of the rest. With at most about `most_fits`.
[[nodiscard]] LinearBound linear_bound(const LinearSights& sights, int enough, int most_fits);

}  // namespace driftwood::pose

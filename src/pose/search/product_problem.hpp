// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "bnb/problem.hpp"
#include "pose/bounds/linear.hpp"
#include "pose/search/centre_tree.hpp"

namespace driftwood::pose {

/// When products are bounded by linear fits.
struct LinearOptions {
  bool is_on = true;
  double within = 1;   ///< remainders, in thresholds, of half of what is counted
  int excess = 24;     ///< of members over those that are enough, at most
  int most_fits = 60;  ///< of one product, about
};

/// Whether a pose whose rotation is in a box has more inliers than are enough: a search over all
/// centres there are, of products of the box with cells of centres. A problem of branch and bound.
class ProductProblem : public CentreTree {
 public:
  using Payload = char;

  /// `counts` of the `members` of `all` were turned to the middle of the box, with its radius.
  ProductProblem(CentreCounts& counts, const Box<double>& box, std::span<const Correspondence> all,
                 std::span<const int> members, const LinearOptions& options);

  void evaluate(std::span<Node> batch, Value enough);
  [[nodiscard]] std::optional<bnb::Candidate<Value, Payload>> try_improve(const Node&) const {
    return std::nullopt;
  }
  [[nodiscard]] bool prefers(const Payload&, const Payload&) const { return false; }

  /// A product that no smaller cell will close.
  struct Open {
    Rotation<double> rotation;
    Centre<double> centre;
    std::vector<int> members;  ///< more than are enough, whom this pose may suit
    bool is_likely;            ///< as it does where sights are linear
  };
  [[nodiscard]] const std::optional<Open>& open() const { return open_; }
  [[nodiscard]] std::int64_t fits() const { return fits_; }

 private:
  void bound_linearly(Node& node, int enough);

  Box<double> box_;
  std::span<const Correspondence> all_;
  std::span<const int> members_;
  LinearOptions options_;
  double widest_sine_ = 0;  ///< of thresholds
  std::optional<Open> open_;
  std::int64_t fits_ = 0;
};

struct ProductOutcome {
  bool is_proven = false;  ///< no pose with a rotation in the box has more inliers than are enough
  std::optional<ProductProblem::Open> open;
  std::int64_t cells = 0;  ///< that were looked at
  std::int64_t fits = 0;
};

/// Searches until that is proven, or a product is found that stays open as long as the box of
/// rotations is as large as it is, or `most_cells` were looked at.
[[nodiscard]] ProductOutcome most_in_box(CentreCounts& counts, const Box<double>& box,
                                         std::span<const Correspondence> all,
                                         std::span<const int> members, int enough,
                                         std::int64_t most_cells, const LinearOptions& options);

}  // namespace driftwood::pose

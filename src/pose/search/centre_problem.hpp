// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "bnb/problem.hpp"
#include "pose/estimate/consensus.hpp"
#include "pose/geometry/unit_ball.hpp"
#include "pose/search/centre_tree.hpp"

namespace driftwood::pose {

/// Which camera centre explains the most correspondences at one rotation: a search over all centres
/// there are. A problem of branch and bound.
class CentreProblem : public CentreTree {
 public:
  using Payload = Centre<double>;
  using CentreTree::CentreTree;

  void evaluate(std::span<Node> batch, Value) { count(batch); }
  [[nodiscard]] std::optional<bnb::Candidate<Value, Payload>> try_improve(const Node& node) const {
    const Centre<double> centre = cell(node).middle;
    return bnb::Candidate<Value, Payload>{counts().exactly(centre), centre};
  }
  [[nodiscard]] bool prefers(const Payload&, const Payload&) const { return false; }
};

/// What is known of the most correspondences that a centre explains.
struct MostAtRotation {
  int bound = 0;                          ///< no centre explains more
  std::optional<Centre<double>> witness;  ///< explains as many, or nearly
  std::int64_t cells = 0;                 ///< that were looked at
};

/// Searches to the end: the witness explains as many as the bound says, or as many as were found
/// where cells came to be smallest.
[[nodiscard]] MostAtRotation best_centre(CentreCounts& counts);

/// Of all correspondences, whose points `ball` brings into the unit ball.
[[nodiscard]] CentreCounts counts_of_all(std::span<const Correspondence> all, const UnitBall& ball);

/// The pose with the best centre at the rotation that these counts were turned to, improved; none
/// where nothing is explained, or from infinitely far away alone.
[[nodiscard]] std::optional<Found> best_pose(CentreCounts& counts, const Rotation<double>& rotation,
                                             std::span<const Correspondence> all,
                                             const UnitBall& ball);

}  // namespace driftwood::pose

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>

#include "bnb/problem.hpp"
#include "pose/estimate/consensus.hpp"
#include "pose/geometry/centre.hpp"
#include "pose/geometry/unit_ball.hpp"

namespace driftwood::pose {

/// What searches for the most inliers keep of the best pose; of equals that of least cost.
struct PosePayload {
  Pose<double> pose;
  double cost;  ///< truncated, as in `Found`

  friend bool operator<(const PosePayload& a, const PosePayload& b) { return a.cost < b.cost; }
};
using PoseCandidate = bnb::Candidate<std::int64_t, PosePayload>;

[[nodiscard]] inline PoseCandidate candidate(const Found& found) {
  return {found.inliers, {found.pose, found.cost}};
}
[[nodiscard]] inline Found found_of(const PoseCandidate& candidate) {
  return {candidate.payload.pose, static_cast<int>(candidate.value), candidate.payload.cost};
}

/// With a centre that a search in the unit ball found; none where that is infinitely far away.
[[nodiscard]] inline std::optional<Pose<double>> pose_of(const Rotation<double>& rotation,
                                                         const Centre<double>& centre,
                                                         const UnitBall& ball) {
  if (!(centre.w > 0)) return std::nullopt;
  return Pose<double>{rotation, ball.out_of(1 / centre.w * centre.c)};
}

}  // namespace driftwood::pose

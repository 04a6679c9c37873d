// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <span>

#include "pose/geometry/residual.hpp"

namespace driftwood::pose {

/// A pose and the largest residual over some correspondences, in thresholds.
struct Minimax {
  Pose<double> pose;
  double ratio;
};

/// From `start`, a pose whose largest ratio of residual to threshold over `members`, places in
/// `all`, is least nearby; or the first one on the way where no ratio is above `enough`: whether
/// members can all be inliers, which least squares do not tell. By linear minimax fits within a
/// trust region, quadratic near a pose that seven residuals determine. None where a member is not
/// in front of the camera at `start`, or there is none.
[[nodiscard]] std::optional<Minimax> minimax(std::span<const Correspondence> all,
                                             std::span<const int> members,
                                             const Pose<double>& start, double enough = 1);

}  // namespace driftwood::pose

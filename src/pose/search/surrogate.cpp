// SPDX-License-Identifier: BSD-3-Clause
#include "pose/search/surrogate.hpp"

#include "pose/geometry/inside.hpp"
#include "pose/search/centre_problem.hpp"

namespace driftwood::pose {
namespace {

/// What plateaus of pairs leave open [degrees].
constexpr double off[] = {0, 0.25, 0.5, 1, 2};

}  // namespace

std::optional<Found> pose_at(std::span<const Correspondence> all,
                             const Rotation<double>& rotation) {
  const UnitBall ball = ball_of(all);
  CentreCounts counts = counts_of_all(all, ball);
  std::optional<Found> best;
  for (const double degrees : off) {
    const double slack = degrees * pi / 180;
    if (slack + widest_threshold(all) >= pi / 2) break;
    counts.turn(rotation, angle_of(slack));
    const auto found = best_pose(counts, rotation, all, ball);
    if (found && (!best || better(*found, *best))) best = found;
  }
  return best;
}

}  // namespace driftwood::pose

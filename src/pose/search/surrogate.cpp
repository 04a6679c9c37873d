// SPDX-License-Identifier: BSD-3-Clause
#include "pose/search/surrogate.hpp"

#include <numeric>
#include <vector>

#include "pose/estimate/improve.hpp"
#include "pose/search/centre_problem.hpp"
#include "pose/search/inside.hpp"

namespace driftwood::pose {
namespace {

/// What plateaus of pairs leave open [degrees].
constexpr double off[] = {0, 0.25, 0.5, 1, 2};

}  // namespace

std::optional<Found> pose_at(std::span<const Correspondence> all,
                             const Rotation<double>& rotation) {
  const UnitBall ball = ball_of(all);
  std::vector<int> members(all.size());
  std::iota(members.begin(), members.end(), 0);
  CentreCounts counts(inside(all, ball, members), members);
  std::optional<Found> best;
  for (const double degrees : off) {
    const double slack = degrees * pi / 180;
    if (slack + widest_threshold(all) >= pi / 2) break;
    counts.turn(rotation, angle_of(slack));
    const MostAtRotation most = best_centre(counts);
    if (!most.witness || !(most.witness->w > 0)) continue;
    const Found found =
        improved(all, {rotation, ball.out_of(1 / most.witness->w * most.witness->c)});
    if (!best || better(found, *best)) best = found;
  }
  return best;
}

}  // namespace driftwood::pose

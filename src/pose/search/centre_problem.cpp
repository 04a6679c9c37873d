// SPDX-License-Identifier: BSD-3-Clause
#include "pose/search/centre_problem.hpp"

#include <numeric>

#include "bnb/search.hpp"
#include "pose/estimate/improve.hpp"
#include "pose/geometry/inside.hpp"
#include "pose/search/pose_candidate.hpp"

namespace driftwood::pose {
namespace {

/// Cells that are branched together: enough for a launch to be worth its while.
constexpr int batch = 16;

}  // namespace

static_assert(bnb::Problem<CentreProblem>);

MostAtRotation best_centre(CentreCounts& counts) {
  CentreProblem problem(counts);
  bnb::Search<CentreProblem> search(problem, {.gap = {}, .batch = batch});
  search.begin(problem.roots());
  while (search.step()) {
  }
  MostAtRotation out{static_cast<int>(search.upper_bound()), std::nullopt,
                     search.counts().evaluated};
  if (search.incumbent()) out.witness = search.incumbent()->payload;
  return out;
}

CentreCounts counts_of_all(std::span<const Correspondence> all, const UnitBall& ball) {
  std::vector<int> members(all.size());
  std::iota(members.begin(), members.end(), 0);
  return CentreCounts(inside(all, ball, members), members);
}

std::optional<Found> best_pose(CentreCounts& counts, const Rotation<double>& rotation,
                               std::span<const Correspondence> all, const UnitBall& ball) {
  const MostAtRotation most = best_centre(counts);
  if (!most.witness) return std::nullopt;
  const auto pose = pose_of(rotation, *most.witness, ball);
  return pose ? std::optional(improved(all, *pose)) : std::nullopt;
}

}  // namespace driftwood::pose

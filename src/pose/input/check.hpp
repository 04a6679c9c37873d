// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "pose/input/problem_set.hpp"

namespace driftwood::pose {

/// The least flat, affine subspace that holds all points, to nine digits of their extent.
enum class Flat { point, line, plane, space };

[[nodiscard]] Flat flat_of(const PoseProblem& problem);

/// The share of pairs of wrong matches that agree by chance with a rotation, nearly: of 4096 pairs
/// at most the mean of delta cos(theta / 2 - eps) / pi, the share of the sphere that the lune of a
/// pair's wedge has within its sector.
[[nodiscard]] double chance_of_pairs(const PoseProblem& problem);

/// Throws `UsageError` "NAME: PROBLEM (WHY); SUGGESTION" where no search could tell a pose: numbers
/// that are not finite, fewer than four different points or all on a line, thresholds that are not
/// positive, or so large that a camera far away explains everything.
void check_problem(const PoseProblem& problem);

/// What users should know of a problem before it is searched, "NAME: SENTENCE" each without a full
/// stop.
[[nodiscard]] std::vector<std::string> remarks(const PoseProblem& problem);
/// What else can be said of it, likewise.
[[nodiscard]] std::vector<std::string> facts(const PoseProblem& problem);

}  // namespace driftwood::pose

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pose/geometry/residual.hpp"

namespace driftwood::pose {

/// Correspondences as a file lists them, of one camera. Lists may be empty where the file does not
/// say.
struct MatchList {
  std::vector<Vec3<double>> points;
  std::vector<Vec3<double>> bearings;         ///< unit vectors
  std::vector<double> thresholds;             ///< [radian]
  std::vector<std::int64_t> names;            ///< of the points
  std::vector<std::array<double, 2>> pixels;  ///< as `PoseProblem` has them
  double focal = 0;                           ///< [pixel]
  std::optional<std::array<double, 2>> axis;
  std::optional<std::array<double, 2>> size;
  std::optional<Pose<double>> truth;
  std::vector<char> is_right;
};

// Both throw `UsageError` "FILE:LINE: PROBLEM (WHY); SUGGESTION" for what is no such file.

/// Lines "X Y Z fx fy fz"; # begins a comment. f need not be a unit vector.
[[nodiscard]] MatchList read_match_lines(const std::string& file);
/// Datasets X (N, 3), and f (N, 3) or uv (N, 2) with K (3, 3); optional are eps (N, or one number),
/// point (N), size (2), gt/R (3, 3) with gt/C (3), and gt/inlier (N).
[[nodiscard]] MatchList read_match_datasets(const std::string& file);

}  // namespace driftwood::pose

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "pose/geometry/residual.hpp"

namespace driftwood::pose {

/// Which points a camera sees, and what wrong matches look like.
enum class Scene {
  scattered,   ///< points of any depth; wrong matches anywhere in the image
  planar,      ///< all points on one plane
  structured,  ///< some wrong matches agree on a second pose
  candidates,  ///< several matches of each point, of which one at most is right
};

/// A problem to draw: a pinhole camera without distortion, its image centred on the axis.
struct SyntheticOptions {
  int points = 500;
  double outliers = 0.5;  ///< fraction of points without a right match
  double noise = 1;       ///< standard deviation, pixels per axis, cut off at three
  double focal = 800;     ///< pixels
  double width = 640;     ///< pixels
  double height = 480;    ///< pixels
  double nearest = 4;     ///< depth of points, at least
  double farthest = 8;    ///< and at most
  Scene scene = Scene::scattered;
  int candidates = 1;  ///< matches of each point

  /// "std", "wide", "posebench", "planar", "structured" or "dup". Throws `UsageError` for others.
  [[nodiscard]] static SyntheticOptions preset(std::string_view name);

  /// The angle, in radians, within which a right match lies of where the point is.
  [[nodiscard]] double threshold() const;
};

struct SyntheticProblem {
  std::vector<Correspondence> correspondences;  ///< `candidates` of each point, one after the other
  std::vector<Vec<double, 2>> pixel;            ///< where each was seen, from the image's middle
  std::vector<bool> is_right;                   ///< of each
  Pose<double> truth;
  std::optional<Pose<double>> second;  ///< that structured wrong matches agree on
};

/// A pure function of the options, the seed, and the number of the problem. Throws `UsageError` for
/// options out of range.
[[nodiscard]] SyntheticProblem synthetic_problem(const SyntheticOptions& options,
                                                 std::uint64_t seed, std::uint64_t problem = 0);

}  // namespace driftwood::pose

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>

#include "pose/geometry/residual.hpp"

namespace driftwood::pose {

/// Poses from which three points are seen exactly where they were; at most four.
struct P3p {
  std::array<Pose<double>, 4> poses;
  int count = 0;

  [[nodiscard]] const Pose<double>* begin() const { return poses.data(); }
  [[nodiscard]] const Pose<double>* end() const { return poses.data() + count; }
};

/// The absolute pose of a camera from three correspondences, whose thresholds do not matter. The
/// distances of the points are where three quadrics meet: a degenerate member of the pencil of two
/// of them is a pair of planes, as in Persson and Nordberg (2018), "Lambda Twist", ECCV; Newton
/// steps on the distances then bring them to rounding. None of points on a line, or that coincide.
[[nodiscard]] P3p p3p(const Correspondence& a, const Correspondence& b, const Correspondence& c);

}  // namespace driftwood::pose

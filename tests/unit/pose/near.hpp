// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "pose/estimate/linearised.hpp"
#include "unit/pose/draws.hpp"

namespace driftwood::pose::testing {

/// Turned by an angle about any axis, and shifted by a distance.
inline Pose<double> near(Draws& draws, const Pose<double>& pose, double angle, double distance) {
  const Vec3<double> turn = angle * draws.direction();
  const Vec3<double> shift = distance * draws.direction();
  return moved(pose, {turn[0], turn[1], turn[2], shift[0], shift[1], shift[2]});
}

}  // namespace driftwood::pose::testing

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <string>

#include "pose/verify/certificate.hpp"

namespace driftwood::pose {

/// What became of a certificate.
struct Verdict {
  bool is_proven = false;
  std::string why;          ///< not, for users; empty where it is
  std::int64_t leaves = 0;  ///< whose bounds were computed anew
  std::int64_t nested = 0;  ///< of these, that were searched over camera centres
};

/// Proves anew that no pose has more inliers than `allowed`: that the pose is a rotation and a
/// centre with the inliers it is said to have, that the leaves tile all rotations, and that none
/// holds more inliers than its bound. In double precision, by tests on directions pair by pair, by
/// an own peeling of cores and an own search over centres; what the search computed is not used.
/// Fits only suggest which correspondences contradict each other: their multipliers are checked.
/// By all cores of the machine. `told` hears, on the calling thread, how many leaves are in hand.
[[nodiscard]] Verdict verify(const Certificate& certificate,
                             const std::function<void(std::int64_t)>& told = {});

/// The same of the tiling alone: empty, or what is wrong.
[[nodiscard]] std::string check_tiling(const std::vector<Leaf>& leaves);

/// Whether a search that ended with this status may have left such bounds: empty, or what is wrong.
[[nodiscard]] std::string check_status(const std::string& status, const Certificate& certificate);

}  // namespace driftwood::pose

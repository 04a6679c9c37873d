// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <span>

#include "pose/estimate/consensus.hpp"

namespace driftwood::pose {

/// The pose with a rotation near `rotation`, of a search that knows it only as a plateau of pairs:
/// the centre that explains the most within thresholds grown by what the rotation may be off, for
/// some such angles up to two degrees; and of these poses, improved, the best. None where no centre
/// explains anything.
[[nodiscard]] std::optional<Found> pose_at(std::span<const Correspondence> all,
                                           const Rotation<double>& rotation);

}  // namespace driftwood::pose

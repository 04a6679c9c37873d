// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>

#include "pose/estimate/consensus.hpp"

namespace driftwood::pose {

/// A pose near `start` that explains more, or as much at less cost; `start` where there is none.
/// By least squares over what lies within thresholds, first widened ones, then within a smooth edge
/// around them that narrows: what is just beyond it pulls the pose as what is just within.
[[nodiscard]] Found improved(std::span<const Correspondence> all, const Pose<double>& start);

/// The first half of `improved`, for poses of which there are many.
[[nodiscard]] Found fitted(std::span<const Correspondence> all, const Pose<double>& start);

/// A pose that explains many of `members`, places in `all`, with a rotation somewhere near `near`:
/// the centre by linear least squares at that rotation, without the members that it does not suit;
/// then pose and consensus as by `improved`. None where too few members are left, or they do not
/// determine a centre.
[[nodiscard]] std::optional<Found> from_members(std::span<const Correspondence> all,
                                                std::span<const int> members,
                                                const Rotation<double>& near);

}  // namespace driftwood::pose

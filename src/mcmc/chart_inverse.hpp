// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>
#include <vector>

#include "mcmc/chart.hpp"

namespace driftwood::mcmc {

/// The coordinates x of which a chart makes these parameters: the inverse of `Chart::constrain`, on
/// the host, for segments that lie there. Not finite where rounding has put a parameter at the end
/// of its range.
[[nodiscard]] std::vector<double> coordinates_of(std::span<const Segment> segments,
                                                 std::span<const double> theta);

/// The segments of a chart, wherever they are.
[[nodiscard]] std::vector<Segment> segments_of(const Chart& chart);

}  // namespace driftwood::mcmc

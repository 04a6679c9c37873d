// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <vector>

#include "formula/program.hpp"

namespace driftwood::sde {

/// Where a program jumps.
struct Jump {
  int output;
  double height;
  double time;
  std::vector<double> at;  ///< the varying inputs
};

/// Looks for a jump of a program at times in [0, end], on lines through random points around
/// `centre` (as many as it has varying inputs): wherever one of its comparisons, or the sign of
/// what `abs` is given, changes on a line, outputs on both sides are compared. What changes
/// steeply, and poles, are no jumps. Fixed inputs keep the values given. The program is kept whole
/// (`formula::Keep::all`). None found is no proof that there is none.
[[nodiscard]] std::optional<Jump> find_jump(const formula::Program& program,
                                            const std::vector<double>& centre,
                                            const std::vector<double>& fixed, double end);

}  // namespace driftwood::sde

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "mcmc/density.hpp"

namespace driftwood::mcmc {

/// Where the potential is least, of a density that falls to all sides, by Liu and Nocedal's method
/// (1989, "On the limited memory BFGS method for large scale optimization") from x = 0: within
/// about 10^-3 standard deviations. Throws `NumericsError` where it finds none.
[[nodiscard]] Anchor mode_of(const Density& density);

}  // namespace driftwood::mcmc

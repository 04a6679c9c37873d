// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace driftwood::random {

/// What a scheme asks of the noise of one step.
enum class Increments {
  brownian,     ///< W
  with_area,    ///< W and the space-time Levy area H
  with_levy,    ///< W, H and the Levy areas A between the components
  two_point,    ///< in place of W, +-sqrt(h) with probability 1/2 each
  three_point,  ///< in place of W, +-sqrt(3 h) with probability 1/6 each, or 0; and signs
  words,        ///< as many random words as the law of the step takes
};

}  // namespace driftwood::random

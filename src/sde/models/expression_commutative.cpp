// SPDX-License-Identifier: BSD-3-Clause
#include "sde/launch/expression_propagator.hpp"

namespace driftwood::sde {
template struct ExpressionKernels<Noise::commutative>;
}  // namespace driftwood::sde

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>

#include "neural/shape.hpp"

namespace driftwood::neural {

/// The norm of vectors in which clipped layers lengthen nothing.
enum class ClipNorm {
  largest,  ///< of entries: each weight within 1 / columns
  sum,      ///< of entries: each weight within 1 / outputs
};

/// Moves each weight into the interval about 0 in which its matrix has norm 1 at most; biases stay
/// as they are. With activations whose slopes are within [-1, 1] the network then has Lipschitz
/// constant 1. Kidger et al. (2021), "Efficient and accurate gradients for neural SDEs", section 5.
void clip_weights(const Shape& shape, ClipNorm norm, std::span<double> parameters);

}  // namespace driftwood::neural

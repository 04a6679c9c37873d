// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <vector>

#include "neural/shape.hpp"

namespace driftwood::neural {

/// The law of parameters that a network starts from, by layer.
enum class Initial {
  fan_in,  ///< weights and biases uniform within 1 / sqrt(columns), as PyTorch's linear layers
  glorot,  ///< weights uniform within sqrt(6 / (columns + outputs)), biases 0: Glorot, Bengio
           ///< (2010)
};

/// Parameters of a network. Each is a function of the seed, the network's number and its own index
/// alone, on any machine.
[[nodiscard]] std::vector<double> initial_parameters(const Shape& shape, Initial law,
                                                     std::uint64_t seed, int network);

}  // namespace driftwood::neural

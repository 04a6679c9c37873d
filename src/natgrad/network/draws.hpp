// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "natgrad/network/network.hpp"

namespace driftwood::natgrad {

/// What studies of networks draw: the `design` of keys whose purpose is `hidden`, as no study of
/// networks has drawn designs.
enum class NetworkDraw : std::uint32_t {
  inputs = 0,    ///< of synthetic data
  order = 1,     ///< of samples
  noise = 2,     ///< of labels
  batches = 3,   ///< one row an epoch
  student = 32,  ///< weights of its first layer; of the next 33, ...
  teacher = 64,  ///< likewise
};
inline constexpr std::size_t most_layers = 32;

/// (rows, scales.size()) normal numbers with these standard deviations of columns.
[[nodiscard]] Dense drawn(std::uint64_t seed, NetworkDraw what, std::uint32_t replica,
                          std::size_t rows, std::span<const double> scales);

/// 0 ... n - 1 in an order that depends on nothing but the key and `row`.
[[nodiscard]] std::vector<std::size_t> drawn_order(std::uint64_t seed, NetworkDraw what,
                                                   std::uint32_t replica, std::size_t n,
                                                   std::uint64_t row = 0);

/// Weights of standard deviation sd[layer], or inputs^(-1/2) where there are none; biases are 0.
[[nodiscard]] Layers drawn_parameters(const Architecture& of, std::span<const double> sd,
                                      std::uint64_t seed, NetworkDraw what, std::uint32_t replica);

}  // namespace driftwood::natgrad

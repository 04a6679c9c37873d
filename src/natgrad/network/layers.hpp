// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <vector>

#include "natgrad/ensemble/blas.hpp"

namespace driftwood::natgrad {

/// What has one matrix for each layer of a network: its parameters, a gradient, a direction.
using Layers = std::vector<Dense>;

/// to += a x.
void add(double a, const Layers& x, Layers& to);

/// to *= a.
void scale(double a, Layers& to);

/// The sum of products of all entries.
[[nodiscard]] double product(const Layers& a, const Layers& b);

/// Zeros of the same shapes.
[[nodiscard]] Layers zeros_like(const Layers& x);

/// Numbers in all.
[[nodiscard]] std::size_t size_of(const Layers& x);

}  // namespace driftwood::natgrad

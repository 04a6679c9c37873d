// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "stats/float_bits.hpp"

namespace driftwood::stats {

/// The grid of (output time, state component) cells for which distributions are collected.
struct Cells {
  std::int64_t times = 0;
  std::int64_t components = 0;

  [[nodiscard]] constexpr std::size_t count() const {
    return static_cast<std::size_t>(times * components);
  }
  [[nodiscard]] constexpr std::size_t index(std::int64_t time, std::int64_t component) const {
    return static_cast<std::size_t>(time * components + component);
  }

  friend bool operator==(const Cells&, const Cells&) = default;
};

/// One byte per path, non-zero where the path counts; empty means that all do. Values that are
/// infinite or NaN never count.
using PathMask = std::span<const std::uint8_t>;

/// Whether value `x` of path `i` counts.
[[nodiscard]] constexpr bool counts(PathMask finite, std::size_t i, double x) {
  return (finite.empty() || finite[i] != 0) && is_finite(x);
}

}  // namespace driftwood::stats

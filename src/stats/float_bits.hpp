// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <bit>
#include <cstdint>

namespace driftwood::stats {

inline constexpr int mantissa_bits = 52;
inline constexpr std::uint64_t exponent_mask = 0x7ffULL << mantissa_bits;
inline constexpr std::uint64_t sign_bit = 1ULL << 63;

/// False for infinities and NaN.
[[nodiscard]] constexpr bool is_finite(double x) {
  return (std::bit_cast<std::uint64_t>(x) & exponent_mask) != exponent_mask;
}

/// An integer that orders like the double: negative numbers have all bits flipped, others the sign.
[[nodiscard]] constexpr std::uint64_t ordered_key(double x) {
  const auto bits = std::bit_cast<std::uint64_t>(x);
  return (bits & sign_bit) != 0 ? ~bits : bits | sign_bit;
}

/// The double whose `ordered_key` this is.
[[nodiscard]] constexpr double from_ordered_key(std::uint64_t key) {
  return std::bit_cast<double>((key & sign_bit) != 0 ? key & ~sign_bit : ~key);
}

}  // namespace driftwood::stats
